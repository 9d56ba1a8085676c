"""Every setting that weakens the kiosk, by its name, with a remedy.

Lower security always needs an explicit setting, and every such setting is reported here. The tests
walk through all settings to ensure that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kiosk.domain.finding import Finding, Health
from kiosk.domain.remedies import NextStep, Remedy

if TYPE_CHECKING:
    from config.settings import Settings

HIGHER_IS_STRICTER = (
    "match.floor",
    "match.margin",
    "match.site_shift",
    "pad.threshold",
    "pad.attack_threshold",
    "access.probes_required",
    "access.comparisons_required",
    "access.span_seconds",
    "access.failure_window_seconds",
    "access.lockout_seconds",
    "access.retry_seconds",
    "enrolment.same_person_threshold",
    "quality.min_pitch",
    "quality.min_size_px",
    "quality.min_sharpness",
    "quality.min_brightness",
    "cloud.threshold",
    "cloud.margin",
)
LOWER_IS_STRICTER = (
    "match.target_fpir",
    "access.failures_allowed",
    "door.max_age_seconds",
    "quality.max_yaw",
    "quality.max_pitch",
    "quality.max_roll",
    "quality.max_brightness",
    "quality.max_noise",
    "quality.max_overexposed",
    "quality.max_eyes_closed",
    "quality.max_sunglasses",
    "quality.max_mask",
)


class SettingWeakness(NamedTuple):
    """One weakness.

    Attributes:
        setting: its name.
        weak: returns True if it applies to the settings.
        text: the consequence.
        remedy: the remedy.
    """

    setting: str
    weak: Callable[[Settings], bool]
    text: str
    remedy: str


def weaknesses(settings: Settings) -> Iterator[Finding]:
    """A finding for every weakness of these settings; one good finding if there is none."""
    found = [*_known(settings), *_looser(settings)]
    if not found:
        yield Finding("settings", Health.OK, "none makes the kiosk weaker than it need be")
    yield from found


def _known(settings: Settings) -> Iterator[Finding]:
    for each in WEAKNESSES:
        if each.weak(settings):
            yield Finding(each.setting, Health.WARN, each.text, each.remedy)


def _looser(settings: Settings) -> Iterator[Finding]:
    """Findings for thresholds that are set less strict than their defaults."""
    for names, sign in ((HIGHER_IS_STRICTER, 1), (LOWER_IS_STRICTER, -1)):
        for setting in names:
            section, _, field = setting.partition(".")
            held = getattr(settings, section)
            value, usual = getattr(held, field), type(held).model_fields[field].default
            if sign * value < sign * usual:
                text = f"{value:g}, which is less strict than the usual {usual:g}"
                remedy = f"Remove {setting}, unless measurements at this door say otherwise."
                yield Finding(setting, Health.WARN, text, remedy)


def _drives(driver: str) -> Callable[[Settings], bool]:
    return lambda settings: settings.door.driver == driver


def _driver(driver: str, **values: object) -> Callable[[Settings], bool]:
    """A test if that driver is used and its section has these field values."""

    def is_so(settings: Settings) -> bool:
        section = settings.door.section()
        return settings.door.driver == driver and all(
            getattr(section, field) == value for field, value in values.items()
        )

    return is_so


def _sees_no_leaf(settings: Settings) -> bool:
    """True if the driver could have a leaf contact, and none is set."""
    section = settings.door.section()
    own = section is not None and "leaf" in type(section).model_fields
    webhook = getattr(section, "kind", None) == "webhook"
    return own and not webhook and getattr(section, "leaf", None) is None


def _plain_stream(settings: Settings) -> bool:
    return settings.camera.source.strip().lower().startswith(("http://", "rtsp://"))


def _password_in_address(settings: Settings) -> bool:
    from hardware.camera.source import StreamSource, parse
    from kiosk.domain.errors import SourceError

    try:
        source = parse(settings.camera.source)
    except SourceError:
        return False  # reported by the check of the camera
    return isinstance(source, StreamSource) and source.address.login is not None


def _recording(settings: Settings) -> bool:
    return settings.camera.source.strip().lower().startswith(("file:", "images:"))


def _unheard(settings: Settings) -> bool:
    who = settings.operators
    return bool(who.keys) and not who.local and who.mqtt is None


def _plain_operators(settings: Settings) -> bool:
    broker = settings.operators.mqtt
    return broker is not None and broker.allow_insecure


def _plain_urgent(settings: Settings) -> bool:
    return (settings.fleet.urgent or "").startswith(("mqtt:", "sqs:http:"))


OWN_WIRE = "Keep it on a cable or network of its own, on the secured side; over a longer way take "
TIMER = "Take a device with a timer of its own, or put a timer relay between it and the lock."

WEAKNESSES = (
    SettingWeakness(
        "door.driver",
        _drives("simulated"),
        "the door is simulated: nothing moves",
        "Set door.driver to the lock's connection; docs/doors has a page for each.",
    ),
    SettingWeakness(
        "door.fail_mode",
        lambda settings: (
            settings.door.fail_mode is not None and settings.door.fail_mode.value == "safe"
        ),
        "without current the door is open to everybody",
        "Give the lock a battery, or take a fail-secure lock where the way out allows one.",
    ),
    SettingWeakness(
        "door.relock_on_close",
        lambda settings: not settings.door.relock_on_close,
        "the lock stays released after a person has passed, and the next one can enter",
        "Remove door.relock_on_close.",
    ),
    SettingWeakness(
        "door.leaf",
        _sees_no_leaf,
        "no contact on the leaf: a door that is forced or held open is not noticed",
        "Fit one, and set leaf in the section of the driver.",
    ),
    SettingWeakness(
        "door.osdp.allow_insecure",
        _driver("osdp", allow_insecure=True),
        "no secure channel: anybody who can reach the cable can release the door",
        Remedy(
            "Give the device a key, set door.osdp.key_file and remove allow_insecure.",
            NextStep.LEARN_DOOR_KEY,
        ),
    ),
    SettingWeakness(
        "door.osdp.housing",
        _driver("osdp", housing=False),
        "the device's own tamper switch is not asked",
        "Remove door.osdp.housing, or fit a tamper contact to one of its inputs.",
    ),
    SettingWeakness(
        "door.osdp_pd.allow_insecure",
        _driver("osdp-pd", allow_insecure=True),
        "no secure channel: anybody at the cable can pose as the panel and read every card number",
        "Give panel and kiosk a key, set door.osdp_pd.key_file and remove allow_insecure.",
    ),
    SettingWeakness(
        "door.modbus",
        _drives("modbus"),
        "Modbus has no password: anybody on that connection can release the door",
        f"{OWN_WIRE}OSDP.",
    ),
    SettingWeakness(
        "door.modbus.mode",
        _driver("modbus", mode="coil"),
        "a kiosk that is killed during a release leaves the door released",
        TIMER,
    ),
    SettingWeakness(
        "door.gpio",
        _drives("gpio"),
        "a kiosk that is killed during a release may leave the door released",
        TIMER,
    ),
    SettingWeakness(
        "door.mqtt.allow_insecure",
        _driver("mqtt", allow_insecure=True),
        "no TLS: anybody on that network can pose as the kiosk",
        "Give the broker a certificate, set door.mqtt.ca_file and remove allow_insecure.",
    ),
    SettingWeakness(
        "door.mqtt.command_key_file",
        _driver("mqtt", command_key_file=None),
        "commands are not signed: anybody who may publish at the broker can release the door",
        "Give kiosk and relay a key, and set door.mqtt.command_key_file.",
    ),
    SettingWeakness(
        "door.http.allow_insecure",
        _driver("http", allow_insecure=True),
        "plain HTTP: anybody who can change messages on that network can release the door",
        "Write https:// and remove door.http.allow_insecure, or keep it on a network of its own.",
    ),
    SettingWeakness(
        "operators.keys",
        lambda settings: not settings.operators.keys,
        "there are no operators: nobody can help, lock down or release from elsewhere",
        Remedy("Make a key for each operator, and set operators.keys.", NextStep.MAKE_OPERATOR_KEY),
    ),
    SettingWeakness(
        "operators.local",
        _unheard,
        "operators are heard over no channel",
        "Remove operators.local = false, or set [operators.mqtt].",
    ),
    SettingWeakness(
        "operators.mqtt.allow_insecure",
        _plain_operators,
        "no TLS: anybody on that network can read every order, and hold it back",
        "Give the broker a certificate, set operators.mqtt.ca_file and remove allow_insecure.",
    ),
    SettingWeakness(
        "fleet.urgent",
        _plain_urgent,
        "no TLS: anybody on that network can hold back the notice that somebody was revoked",
        "Write mqtts:// with fleet.urgent_login.ca_file, or an https:// queue.",
    ),
    SettingWeakness(
        "camera.source",
        _plain_stream,
        "the picture is not protected: anybody on that network can replace it",
        f"{OWN_WIRE}https:// or rtsps://.",
    ),
    SettingWeakness(
        "camera.source",
        _password_in_address,
        "it contains a login: anybody who can read the settings can read it",
        "Write user:password into a file of mode 600, and name it in camera.credentials_file.",
    ),
    SettingWeakness(
        "camera.source",
        _recording,
        "the camera is a recording: the people in it are let in",
        "Set camera.source to a camera.",
    ),
    SettingWeakness(
        "enrolment.identity",
        lambda settings: (
            settings.enrolment.at_kiosk and settings.enrolment.identity.value == "none"
        ),
        "whoever holds an invitation is taken for the person invited",
        'Set enrolment.identity = "reference", or enrolment.at_kiosk = false.',
    ),
    SettingWeakness(
        "screen.fullscreen",
        lambda settings: not settings.screen.fullscreen,
        "anybody at the screen can close the window",
        "Remove screen.fullscreen.",
    ),
    SettingWeakness(
        "cloud.when_gone",
        lambda settings: settings.cloud.used and settings.cloud.when_gone.value == "local",
        "whoever can cut the network has the kiosk's own matcher decide alone",
        "Remove cloud.when_gone, or ask for a second factor then.",
    ),
    SettingWeakness(
        "cloud.partial",
        lambda settings: settings.cloud.used and settings.cloud.partial.value == "accept",
        "somebody more alike may be in a collection that gave no answer",
        "Remove cloud.partial.",
    ),
    SettingWeakness(
        "cloud.instance_metadata",
        lambda settings: settings.cloud.used and settings.cloud.instance_metadata,
        "whoever answers at the metadata address of this network gives the credentials",
        "Remove cloud.instance_metadata, unless this machine is one of AWS's.",
    ),
)
