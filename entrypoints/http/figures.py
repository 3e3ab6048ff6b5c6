"""What the shop does behind its rows, as figures that are looked at when they are asked for."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.shop import Shop
from core.delivery.projector import AWAY
from core.ports.outbox import Outbox
from entrypoints.http.background import Background


class Figures(Collector):
    """Projectors, mails, and what reconciling found. What cannot be told now, as its store is away, is left out."""

    def __init__(self, background: Background, shop: Shop) -> None:
        """Tell of these."""
        self._projectors = background.projectors
        self._sender = shop.sender()
        self._outbox: Outbox | None = shop.outbox()
        self._published: Counter[str] | None = shop.published()
        self._upkeeps = [role.upkeep() for role in (shop.read_models, shop.notifier)]

    def collect(self) -> Iterable[Metric]:
        """Give the figures of now."""
        lag = GaugeMetricFamily(
            "ecshop_projector_lag_seconds", "Age of the oldest event not dealt with.", labels=["projector"]
        )
        parked = GaugeMetricFamily(
            "ecshop_projector_parked_streams", "Streams waiting for a fix.", labels=["projector"]
        )
        notes = CounterMetricFamily(
            "ecshop_projector_notes", "What the consumer rule did.", labels=["projector", "note"]
        )
        for name, (_, projector, projections) in self._projectors.items():
            for note, count in sorted(projector.consumer.counts.items()):
                notes.add_metric([name, note], count)
            try:
                lag.add_metric([name], projector.feed.lag_seconds())
                parked.add_metric([name], len(projections.parked_streams()))
            except AWAY:
                continue
        mails = CounterMetricFamily("ecshop_mails", "Mails by what became of them.", labels=["status"])
        for status, count in sorted(self._sender.counts.items()):
            mails.add_metric([status], count)
        differences = CounterMetricFamily(
            "ecshop_reconcile_differences", "Streams that differed and were repaired.", labels=["projector"]
        )
        for upkeep in self._upkeeps:
            differences.add_metric([upkeep.projector], upkeep.differences)
        return [lag, parked, notes, mails, differences, *self._delivery()]

    def _delivery(self) -> Iterable[Metric]:
        """Give what a design that publishes has beyond that."""
        if self._published is not None:
            events = CounterMetricFamily(
                "ecshop_published_events", "Events handed to a broker, by outcome.", labels=["outcome"]
            )
            for outcome in ("acknowledged", "failed"):
                events.add_metric([outcome], self._published[outcome])
            yield events
        if self._outbox:
            try:
                pending = self._outbox.pending()
            except AWAY:
                return
            yield GaugeMetricFamily("ecshop_outbox_pending_events", "Events still to be relayed.", value=pending)
