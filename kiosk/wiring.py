"""The composition root: builds adapters from settings, and a kiosk from adapters.

The only module that names concrete classes. It contains no decision logic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.sections.common import Section
from config.sections.door import DoorSettings
from config.sections.doors.contact import ContactSettings
from config.sections.doors.gpio import GpioSettings
from config.sections.doors.http import HttpSettings
from config.sections.doors.modbus import ModbusSettings
from config.sections.doors.mqtt import MqttSettings
from config.sections.doors.osdp import OsdpSettings
from config.sections.doors.osdp_pd import OsdpPdSettings
from config.sections.operators import OperatorMqttSettings
from config.settings import Settings
from hardware.camera import source as sources
from hardware.sim.door import SimulatedDoor
from hardware.timekeeping import Synchronisation
from kiosk.domain.access.machine import Event
from kiosk.domain.access.policy import AccessPolicy, capacity, decision_threshold
from kiosk.domain.errors import LibraryMissing, SettingsError
from kiosk.domain.operators import OperatorRules
from kiosk.domain.ports import Camera, Clock, Door
from kiosk.domain.vision.frame import Pixels
from kiosk.door.effect_runner import Happened
from kiosk.door.pending import AuthorizationPolicy
from kiosk.door.subsystem import DoorListeners, DoorParts, DoorSubsystem
from kiosk.door.wall_clock import WatchedClock
from kiosk.enrolment.from_photographs import Enroller, EnrolmentStages
from kiosk.journal.recorder import JournalRecorder, Told
from kiosk.operators.service import Announcer, Changed, Hear, OperatorService
from kiosk.pipeline.badge_scanner import BadgeWatch
from kiosk.pipeline.capture import CaptureRules
from kiosk.pipeline.clock import FollowedCamera, ReplayClock, SystemClock
from kiosk.pipeline.face_search import LaneSearch
from kiosk.pipeline.frame_health import FrameWatch
from kiosk.pipeline.gallery_capacity import CrowdWatch
from kiosk.pipeline.gallery_feed import GalleryFeed
from kiosk.pipeline.live import CameraSource, Listeners, LiveKiosk
from kiosk.pipeline.replay import Replay
from kiosk.pipeline.session import Session
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import SeeingPolicy, Stages, Vision
from kiosk.store.attempts import attempts_file
from kiosk.store.journal.anchor import Anchors
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.people.directory import PeopleDirectory
from kiosk.store.people.presence import PresenceFile
from kiosk.store.secrets.keys import FileKey
from models.packs.installed import Pack, load_manifest, verified, weights_directory

if TYPE_CHECKING:
    from kiosk.ui.text import ScreenText


@dataclass(frozen=True, slots=True)
class Weights:
    """A model pack and its verified files by role."""

    pack: Pack
    files: dict[str, Path]


def weights(settings: Settings, home: Path) -> Weights:
    """Return the pack named in the settings, with every file verified.

    Raises:
        ModelError: the pack is unknown, or a file is missing or altered.
    """
    pack = load_manifest().pack(settings.models.pack)
    return Weights(pack, verified(pack, weights_directory(settings.models.directory, home, pack)))


def gallery_feed(settings: Settings, pack: Pack, open_home: OpenHome) -> GalleryFeed:
    """Return the gallery feed: the enrolled people and the policy for that many references.

    Raises:
        StoreError: the references cannot be read.
        PolicyError: the pack's calibration does not cover even a single person.
    """

    def policy_for(references: int) -> AccessPolicy:
        threshold = decision_threshold(pack.calibration, references, settings.match.policy())
        return settings.access_policy(pack.space, threshold)

    most = capacity(pack.calibration, settings.match.policy())
    return GalleryFeed(open_home.references, pack.space, policy_for, most)


def seeing(settings: Settings) -> SeeingPolicy:
    """The policy for where and how well a face must be seen."""
    return SeeingPolicy(settings.lane.lane(), settings.lane.tracking(), settings.quality.bounds())


def vision(
    settings: Settings,
    loaded: Weights,
    people: GalleryFeed,
    stopwatch: Stopwatch,
    badge: Callable[[str], None] | None = None,
) -> Vision:
    """Load the models and the stages built on them. Call from the thread that uses the result.

    Args:
        settings: all settings.
        loaded: the pack.
        people: gallery and policy.
        stopwatch: times the stages.
        badge: receives the text of each code held in front of the camera; None to scan for none.
    """
    from hardware.camera.codes import ZxingReader
    from models.identification import LocalMatcher
    from models.loading import attack_detector, extractor, face_finders, quality_assessor

    stages = Stages(
        finder=LaneSearch(settings.lane.lane(), *face_finders(loaded.files)),
        quality=quality_assessor(),
        attack=attack_detector(loaded.pack, loaded.files),
        matcher=LocalMatcher(extractor(loaded.pack, loaded.files), people.gallery),
    )
    watch = None if badge is None else BadgeWatch(ZxingReader(), badge)
    return Vision(stages, seeing(settings), stopwatch, watch)


def enroller(settings: Settings, loaded: Weights) -> Enroller:
    """The enroller, which makes references from photographs."""
    from hardware.camera.still import read_still
    from models.loading import attack_detector, extractor, photograph_finder, quality_assessor

    stages = EnrolmentStages(
        finder=photograph_finder(loaded.files),
        quality=quality_assessor(),
        attack=attack_detector(loaded.pack, loaded.files),
        extractor=extractor(loaded.pack, loaded.files),
    )

    def read(image: Path) -> Pixels:
        return read_still(image, settings.enrolment.max_image_bytes)

    policy = settings.enrolment.policy(settings.pad.threshold)
    return Enroller(stages, settings.quality.bounds(), policy, read)


def door(settings: Settings, clock: Clock) -> Door:
    """The door driver named in the settings.

    Raises:
        SettingsError: the driver is not installed, or its settings are unusable.
    """
    name = settings.door.driver
    if name == "simulated":
        return SimulatedDoor(settings.door.rules(), clock)
    try:
        return _wire(settings.door, clock)
    except ModuleNotFoundError as error:
        needs = f"The driver {name} of door.driver"
        raise LibraryMissing(needs, error.name, _extra(settings.door)) from error


def _extra(settings: DoorSettings) -> str:
    """The package extra that installs a driver's dependencies."""
    wire = settings.wire()
    if isinstance(wire, GpioSettings) and wire.library == "gpiozero":
        return "gpio-pi"
    return settings.driver


def _wire(settings: DoorSettings, clock: Clock) -> Door:
    """The configured driver. Each driver is imported only where it is used."""
    given = (settings.rules(), clock, settings.answer_seconds)
    match settings.wire():
        case ModbusSettings() as section:
            from hardware.door.modbus.config import ModbusConfig
            from hardware.door.modbus.door import ModbusDoor

            return ModbusDoor(ModbusConfig(**_values(section)), *given)
        case HttpSettings(kind="shelly") as section:
            from hardware.door.http.config import ShellyConfig
            from hardware.door.http.door import HttpDoor

            return HttpDoor(ShellyConfig(**_values(section, ShellyConfig)), *given)
        case HttpSettings() as section:
            from hardware.door.http.config import WebhookConfig
            from hardware.door.http.door import HttpDoor

            return HttpDoor(WebhookConfig(**_values(section, WebhookConfig)), *given)
        case MqttSettings() as section:
            from hardware.door.mqtt.door import MqttDoor
            from hardware.transport.mqtt.broker import MqttConfig

            return MqttDoor(MqttConfig(**_values(section)), *given)
        case GpioSettings(library="gpiozero") as section:
            from hardware.door.gpio.config import GpioConfig
            from hardware.door.gpio.pi import GpioPiDoor

            return GpioPiDoor(GpioConfig(**_values(section, GpioConfig)), *given)
        case GpioSettings() as section:
            from hardware.door.gpio.chip import GpioDoor
            from hardware.door.gpio.config import GpioConfig

            return GpioDoor(GpioConfig(**_values(section, GpioConfig)), *given)
        case OsdpSettings() as section:
            from hardware.door.osdp.config import OsdpConfig
            from hardware.door.osdp.controller import OsdpDoor

            return OsdpDoor(OsdpConfig(**_values(section, OsdpConfig)), *given)
        case OsdpPdSettings() as section:
            from hardware.door.osdp.peripheral import OsdpPdDoor
            from hardware.door.osdp.peripheral_config import OsdpPdConfig

            return OsdpPdDoor(OsdpPdConfig(**_values(section, OsdpPdConfig)), *given)
    raise SettingsError(f"The driver {settings.driver} of door.driver is not known.")


def _values(section: Section, wire: type | None = None) -> dict[str, Any]:
    """A section's values in the form of the driver config, with all contacts in one value."""
    from hardware.door.contacts import Contact, Contacts

    fitted = {
        name: Contact(next(place for key, place in each if key != "normally"), each.normally)
        for name, each in section
        if isinstance(each, ContactSettings)
    }
    values = {name: each for name, each in section if name not in Contacts.__dataclass_fields__}
    if wire is not None:
        known = {field.name for field in fields(wire)}
        values = {name: each for name, each in values.items() if name in known}
    return values | ({"contacts": Contacts(**fitted)} if fitted else {})


def door_parts(
    settings: Settings, open_home: OpenHome, wire: Door, *, durable: bool = True
) -> DoorParts:
    """The parts of the door subsystem; attempts seen in a recording are not stored.

    Raises:
        StoreError: the key cannot be read.
    """
    key = FileKey(open_home.home)
    return DoorParts(
        door=wire,
        doorway=AuthorizationPolicy(
            settings.rules.site(),
            settings.door.passage(),
            settings.access.factor_seconds,
            look_seconds=settings.access.session_timeout_seconds,
        ),
        people=PeopleDirectory(open_home.references, Badges(open_home.references, key)),
        kept=PresenceFile(open_home.home, key),
        zone=settings.rules.zone(),
        attempts=attempts_file(open_home.home, key) if durable else None,
        wall=WatchedClock(SystemClock(), open_home.journal.latest_ms, Synchronisation()),
    )


def screen_text(settings: Settings) -> ScreenText:
    """The screen texts for this door."""
    from kiosk.ui.text import ScreenText

    screen = settings.screen
    return ScreenText(screen.organisation, screen.purpose, screen.contact, screen.other_way)


def open_camera(settings: Settings, source: sources.Source, *, realtime: bool) -> Camera:
    """Open the camera that a source names.

    Raises:
        CameraLost: the camera is absent.
        SourceError: a recording cannot be read.
        SettingsError: a file named in the settings cannot be used.
    """
    camera = settings.camera
    wanted = sources.CameraRequest(
        width=camera.width,
        height=camera.height,
        fps=camera.fps,
        warmup_frames=camera.warmup_frames,
        ca_file=camera.ca_file,
        credentials_file=camera.credentials_file,
        rotate=camera.rotate,
        mirror=camera.mirror,
    )
    return sources.open_camera(source, wanted, realtime=realtime)


def capture_rules(settings: Settings, *, endless: bool) -> CaptureRules:
    """The rules for when the camera counts as lost."""
    camera = settings.camera
    return CaptureRules(
        stall_seconds=camera.stall_seconds,
        frozen_seconds=camera.frozen_seconds,
        black_seconds=camera.black_seconds,
        reopen_seconds=camera.reopen_seconds,
        endless=endless,
    )


def replay(
    settings: Settings,
    loaded: Weights,
    open_home: OpenHome,
    camera: Camera,
    stopwatch: Stopwatch,
    observe: Callable[[Happened], None],
    noted: Told | None = None,
) -> tuple[Replay, Door]:
    """A replay of a recording without threads, and the door that it operates."""
    clock = ReplayClock()
    people = gallery_feed(settings, loaded.pack, open_home)
    lock = door(settings, clock)
    reports: list[Event] = []
    end = DoorSubsystem(
        door_parts(settings, open_home, lock, durable=False),
        open_home.journal,
        clock,
        DoorListeners(_nobody_looks, reports.append, observe, _nobody_looks, noted),
    )
    CrowdWatch(people, end.recorder.note).look()
    session = Session(lambda: end.policy(people.policy()), end.effects.carry_out, _nobody_looks)
    watch = FrameWatch(settings.camera.frozen_seconds, settings.camera.black_seconds)
    see = vision(settings, loaded, people, stopwatch, end.authorizer.show)
    camera = FollowedCamera(camera, clock)
    return Replay(camera, watch, see, session, reports, end.effects.tend), lock


def live(
    settings: Settings,
    loaded: Weights,
    open_home: OpenHome,
    source: CameraSource,
    stopwatch: Stopwatch,
    listeners: Listeners,
) -> LiveKiosk:
    """A kiosk with all its threads, not yet started.

    Args:
        settings: all settings.
        loaded: the pack.
        open_home: references and journal.
        source: the camera.
        stopwatch: times the stages.
        listeners: callbacks for views, decisions and faults.
    """
    clock, people = SystemClock(), gallery_feed(settings, loaded.pack, open_home)
    kiosk = LiveKiosk(
        source=source,
        prepare=lambda: vision(settings, loaded, people, stopwatch, kiosk.show_badge),
        people=people,
        journal=open_home.journal,
        door=door_parts(settings, open_home, door(settings, clock)),
        clock=clock,
        listeners=listeners,
    )
    return kiosk


def service(settings: Settings, open_home: OpenHome, kiosk: LiveKiosk) -> OperatorService:
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
    made = OperatorService(kiosk, rules, clock, JournalRecorder(open_home.journal, clock), wall)
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
    wire = OperatorConfig(**_values(settings), door_name=door_name)
    return lambda hear, changed: MqttChannel(wire, hear, changed, clock, end)


def _nobody_looks(_: object) -> None:
    """A no-op listener: a headless run has no screen."""
