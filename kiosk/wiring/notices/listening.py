"""A kiosk that hears at once that its fleet has something new, if the settings name where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Protocol

from config.sections.fleet import FleetSettings
from config.sections.urgent import BrokerTopic, EventQueue, EventTopic
from kiosk.domain.errors import LibraryMissing, SettingsError

Changed = Callable[[str | None], None]


class Listens(Protocol):
    """Calls for a notice, in threads of its own."""

    def close(self) -> None:
        """Stop."""
        ...


@contextmanager
def notices_heard(
    settings: FleetSettings, device: str, notice: Callable[[], None], changed: Changed
) -> Iterator[None]:
    """Listen meanwhile.

    Args:
        settings: name the urgent channel; nothing happens where they name none.
        device: the fingerprint of this kiosk, which is its name at a broker.
        notice: called at each notice; raises nothing and returns at once.
        changed: takes the problem when the channel stops working, and None once it works.

    Raises:
        SettingsError: a file named in the settings cannot be used.
        LibraryMissing: the library of such a channel is not installed.
    """
    if settings.urgent is None:
        yield
        return
    with closing(_listening(settings, device, notice, changed)):
        yield


def _listening(
    settings: FleetSettings, device: str, notice: Callable[[], None], changed: Changed
) -> Listens:
    match settings.urgent_address:
        case BrokerTopic() as topic:
            try:
                from hardware.notices.mqtt import MqttNotices
                from kiosk.wiring.notices.broker import notice_config
            except ModuleNotFoundError as error:
                raise LibraryMissing("The broker of fleet.urgent", error.name, "mqtt") from error
            config = notice_config(topic, settings.urgent_login, f"lintel-{device}")
            return MqttNotices(config, notice, changed)
        case EventQueue(url):
            try:
                from kiosk.fleet.urgent.queue import QueueNotices
            except ModuleNotFoundError as error:
                raise LibraryMissing("The queue of fleet.urgent", "boto3", "s3") from error
            return QueueNotices(url, notice, changed)
        case EventTopic() | None:
            raise SettingsError(
                "fleet.urgent names a topic of SNS, to which nobody can listen.",
                "Name this kiosk's own queue, which subscribes to that topic.",
            )
