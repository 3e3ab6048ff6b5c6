"""The machine that is run: the rules of commands, those of time, processes and delivery, and what must hold."""

import sys
from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from core.ports.environment import Environment
from tests.contract.harness import Failpoints
from tests.integration.shop_adapters import MemoryAdapters, ShopAdapters
from tests.integration.shop_processes import ShopUnderTest
from tests.integration.shop_troubles import Crash, crash
from tests.integration.stateful.command_rules import CommandRules
from tests.integration.stateful.comparison import (
    hold_state,
    look_at_the_mails,
    look_at_the_read_side,
    nothing_was_oversold,
)
from tests.integration.stateful.situations import FIRED, PICKS, PLAINLY, SHOPPERS, counted


def steady(examples: int, **others: object) -> settings:
    """Give the settings of a run that is the same each time, so that what must fire does."""
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        **others,  # type: ignore[arg-type] # any other setting
    )


# What is drawn would otherwise hang on the very text of this class, and what must fire with it.
@seeded(1)
class ShopMachine(CommandRules):
    """The real shop and the model side by side."""

    @staticmethod
    def open_adapters(environment: Environment, failpoints: Failpoints, random: Random) -> ShopAdapters:
        """Stand on memory; a test may have the shop stand on something else."""
        return MemoryAdapters(environment, failpoints, random)

    @initialize(seed=st.integers(0, 2**16), crowded=st.integers(0, 4))
    def open(self, seed: int, crowded: int) -> None:
        self.shop = ShopUnderTest(seed, self.open_adapters)
        for number, who in enumerate(SHOPPERS[:2]):
            product = self.new_product(price=100, stock=4)
            self.run(PLAINLY[number], product)
            self.run(PLAINLY[number], self.addition(who, product.arguments["product_id"], 1))
            self.run(PLAINLY[number], self.new_order(who))
        if crowded == 1:
            self.fill_a_cart()

    def fill_a_cart(self) -> None:
        for number in range(32):
            product = self.new_product(price=100, stock=1)
            self.run(PLAINLY[number % 2], product)
            self.run(PLAINLY[number % 2], self.addition(SHOPPERS[2], product.arguments["product_id"], 1))

    # Time, processes, delivery.

    @rule(pick=PICKS)
    @counted
    def have_tomorrows_code_write(self, pick: int) -> None:
        streams = list(self.shop.heads())
        self.shop.bless(streams[pick % len(streams)])

    @rule(seconds=st.sampled_from([1, 2, 6, 25 * 3600]))
    @counted
    def let_time_pass(self, seconds: int) -> None:
        self.shop.pass_time(seconds)

    @rule(process=st.integers(0, 1))
    @counted
    def restart_a_process(self, process: int) -> None:
        self.shop.restart(process)

    @rule(steps=st.integers(1, 20))
    @counted
    def project(self, steps: int) -> None:
        for _ in range(steps):
            self.shop.projector.step()
            self.shop.notifying.step()

    @rule(failpoint=st.sampled_from(["consumer.before_effect", "consumer.before_checkpoint"]), notifying=st.booleans())
    @counted
    def crash_a_projector(self, failpoint: str, *, notifying: bool) -> None:
        projector = self.shop.notifying if notifying else self.shop.projector
        if self.crashes(failpoint, projector.step):
            self.shop.restart_projectors()

    @rule(mails=st.integers(1, 5), quiet=st.booleans())
    @counted
    def send_some_mails(self, mails: int, *, quiet: bool) -> None:
        """Have the mail server take them, half of the time without saying so."""
        self.shop.mail_server.quiet = quiet
        for _ in range(mails):
            self.shop.sender.step()
        self.shop.mail_server.quiet = False

    @precondition(lambda self: self.shop.adapters.mails.mails(limit=1, status="pending"))
    @rule(sent=st.booleans())
    @counted
    def crash_the_sender(self, *, sent: bool) -> None:
        """Have it die with a mail that has left, or has not: nobody can tell afterwards."""
        self.shop.mail_server.sender_dies = not sent
        if self.crashes("mail.before_mark", self.shop.sender.step):
            self.shop.mail_server.doubts += sent
            self.shop.restart_sender()
        self.shop.mail_server.sender_dies = False

    def crashes(self, failpoint: str, step: Callable[[], object]) -> bool:
        """Have a process take a step and die at a failpoint; tell whether it came so far."""
        self.shop.arm(failpoint, crash)
        try:
            step()
        except Crash:
            if failpoint in self.shop.failpoints.passed[-1:]:
                FIRED["crash", failpoint] += 1
            return True
        finally:
            self.shop.disarm()
        return False

    @rule(pick=PICKS)
    @counted
    def ring_for_what_was_never_stored(self, pick: int) -> None:
        streams = list(self.shop.heads())
        self.shop.haunt(streams[pick % len(streams)])

    @precondition(lambda self: self.shop.behind())
    @rule(pick=PICKS, raises=st.booleans())
    @counted
    def break_the_fold(self, pick: int, *, raises: bool) -> None:
        """Have a bug in the fold of a stream that is not up to date: it raises, or its row is refused."""
        streams = sorted(self.shop.behind())
        (self.shop.fold.broken if raises else self.shop.fold.unstorable).add(streams[pick % len(streams)])
        for _ in range(5):
            self.shop.projector.step()

    @precondition(lambda self: self.shop.projections.parked_streams())
    @rule()
    @counted
    def mend_the_fold_and_redrive(self) -> None:
        self.shop.fold.mend()
        for parked in self.shop.projections.parked_streams():
            FIRED["delivery", "redriven"] += 1
            FIRED["delivery", f"parked by {parked.error.partition(':')[0]}"] += 1
            assert self.shop.consumer.redrive(parked.stream) is None

    # What must hold after every step, and at the end.

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        for stream, version in self.shop.heads().items():
            if self.looked_at.get(stream) != version:
                self.looked_at[stream] = version
                hold_state(self.model, stream, self.shop.folded(stream))

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            look_at_the_read_side(self.shop, self.model)
            look_at_the_mails(self.shop, self.model)
            nothing_was_oversold(self.shop)
