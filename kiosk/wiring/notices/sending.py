"""Telling kiosks at once that there is something new, if the settings name where."""

from __future__ import annotations

from config.sections.fleet import FleetSettings
from config.sections.urgent import BrokerTopic, EventQueue, EventTopic
from kiosk.domain.errors import LibraryMissing

PATIENCE_SECONDS = 5.0


def send_notice(settings: FleetSettings, seconds: float = PATIENCE_SECONDS) -> None:
    """Send a notice; nothing where the settings name no urgent channel.

    Raises:
        LintelError: it could not be sent; kiosks see what is new at their next poll.
    """
    match settings.urgent_address:
        case None:
            return
        case BrokerTopic() as topic:
            try:
                from hardware.notices.mqtt import send_notice as send
                from hardware.notices.mqtt import sender_name
                from kiosk.wiring.notices.broker import notice_config
            except ModuleNotFoundError as error:
                raise LibraryMissing("The broker of fleet.urgent", error.name, "mqtt") from error
            send(notice_config(topic, settings.urgent_login, sender_name()), seconds)
        case address:
            _send_by_cloud(address, seconds)


def _send_by_cloud(address: EventQueue | EventTopic, seconds: float) -> None:
    try:
        from kiosk.fleet.urgent.queue import send_to_queue, send_to_topic
    except ModuleNotFoundError as error:
        raise LibraryMissing("The queue of fleet.urgent", "boto3", "s3") from error
    match address:
        case EventQueue(url):
            send_to_queue(url, seconds)
        case EventTopic(arn, region, endpoint):
            send_to_topic(arn, region, endpoint, seconds)
