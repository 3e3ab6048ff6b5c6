"""One projector with everything around it: its loop, its consumer, what reconciles and rebuilds it."""

from typing import Any

from dependency_injector import containers, providers

from core.delivery.consumer import Consumer
from core.delivery.deep_look import DeepLook
from core.delivery.projector import Projector
from core.delivery.rebuild import Rebuild
from core.delivery.reconcile import Reconcile
from core.delivery.stream_batch import no_mails
from core.delivery.sweep import Sweep
from core.delivery.upkeep import Upkeep
from core.projections.rows import FOLDS


class Role(containers.DeclarativeContainer):
    """The parts of the projector `name`. One that asks for mails has a queue of them and says which by `mails_of`."""

    name = providers.Dependency(instance_of=str)
    environment: providers.Dependency[Any] = providers.Dependency()
    event_store: providers.Dependency[Any] = providers.Dependency()
    projections: providers.Dependency[Any] = providers.Dependency()
    feed: providers.Dependency[Any] = providers.Dependency()
    folds: providers.Dependency[Any] = providers.Dependency()
    mail_queue: providers.Dependency[Any] = providers.Dependency(default=providers.Object(None))
    mails_of: providers.Dependency[Any] = providers.Dependency(default=providers.Object(no_mails))

    consumer = providers.Singleton(Consumer, event_store, projections, folds, environment, mails_of)
    projector = providers.Singleton(Projector, feed, consumer, environment)
    deep_look = providers.Singleton(DeepLook, event_store, projections, folds, mail_queue, mails_of)
    reconcile = providers.Singleton(Reconcile, event_store, projections, consumer, deep_look, environment)
    rebuild = providers.Singleton(Rebuild, event_store, projections, consumer, reconcile, FOLDS)
    sweep = providers.Singleton(Sweep, reconcile, projections, environment)
    upkeep = providers.Singleton(Upkeep, name, reconcile, environment)
