"""The operator service, and the channels that it listens to."""

from __future__ import annotations

from collections.abc import Callable

from config.sections.operators import OperatorMqttSettings
from config.settings import Settings
from hardware.timekeeping import Synchronisation
from kiosk.domain.errors import LibraryMissing
from kiosk.domain.operators.judgement import OperatorRules
from kiosk.domain.ports import Clock
from kiosk.door.calls import DoorThread
from kiosk.door.wall_clock import WatchedClock
from kiosk.operators.service import Announcer, Changed, Hear, OperatorService
from kiosk.pipeline.clock import SystemClock
from kiosk.store.journal.anchor import Anchors
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey


def operator_service(settings: Settings, open_home: OpenHome, door: DoorThread) -> OperatorService:
    """The operator service, accepting orders over every configured channel from now on.

    Raises:
        SettingsError: a file named in the settings cannot be used.
    """
    from hardware.operators.keys import verifier
    from hardware.operators.local import LocalChannel

    who, clock = settings.operators, SystemClock()
    longest = settings.door.max_release_seconds
    own = Anchors(open_home.home, FileKey(open_home.home))
    rules = OperatorRules(who.door, frozenset(who.keys), longest, verifier(who.keys), own.kiosk)
    wall = WatchedClock(SystemClock(), open_home.journal.latest_ms, Synchronisation())
    made = OperatorService(door, rules, clock, open_home.recorder, wall)
    open_home.recorder.subscribe(made.noted)
    if who.mqtt is not None:
        made.announce(_operators_broker(who.mqtt, who.door, clock, own.told), "mqtt")
    if who.local:
        made.listen(lambda *given: LocalChannel(open_home.home.path, *given), "local")
    return made


def _operators_broker(
    settings: OperatorMqttSettings, door_name: str, clock: Clock, end: Callable[[], bytes | None]
) -> Callable[[Hear, Changed], Announcer]:
    try:
        from hardware.operators.mqtt import MqttChannel, OperatorConfig
    except ModuleNotFoundError as error:
        raise LibraryMissing("The broker of operators.mqtt", error.name, "mqtt") from error
    config = OperatorConfig(
        host=settings.host,
        port=settings.port,
        ca_file=settings.ca_file,
        certificate_file=settings.certificate_file,
        key_file=settings.key_file,
        user=settings.user,
        password_file=settings.password_file,
        allow_insecure=settings.allow_insecure,
        keepalive_seconds=settings.keepalive_seconds,
        base_topic=settings.base_topic,
        kiosk_name=settings.kiosk_name,
        door_name=door_name,
    )
    return lambda hear, changed: MqttChannel(config, hear, changed, clock, end)
