"""All settings of a kiosk. Unknown keys and values outside their bounds prevent the start.

Precedence, lowest first: the defaults in the section classes, `<home>/config.toml` or the file
given by `--config`, environment variables such as ``KIOSK_DOOR__RELEASE_SECONDS``, then what the
kiosk's fleet sets.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.sections.access import AccessSettings
from config.sections.camera import CameraSettings
from config.sections.cloud import CloudSettings
from config.sections.door import DoorSettings
from config.sections.enrolment import EnrolmentSettings
from config.sections.fleet import FleetSettings
from config.sections.journal import JournalSettings
from config.sections.operators import OperatorSettings
from config.sections.retention import RetentionSettings
from config.sections.rules import RulesSettings
from config.sections.screen import ScreenSettings
from config.sections.vision.lane import LaneSettings
from config.sections.vision.match import MatchSettings
from config.sections.vision.models import ModelSettings
from config.sections.vision.pad import PadSettings
from config.sections.vision.quality import QualitySettings
from config.settings_file import is_there, read_file
from config.shared import SharedValues, shared_values
from kiosk.domain.access.policy import AccessPolicy, MatchPolicy
from kiosk.domain.errors import SettingsError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SpaceId

CONFIG_NAME = "config.toml"
SEEN_SECONDS = 1.0
"""Minimum display time of a result that arrives as late as allowed."""
ASKED_SECONDS = 0.5
"""From the end of a run to the question, and from the answer to the decision."""

PROFILES = Path(__file__).parent / "profiles"
"""Settings to start from: `demo.toml` and `site.toml`."""


class Settings(BaseSettings):
    """All sections."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix="KIOSK_",
        env_nested_delimiter="__",
        hide_input_in_errors=True,
        defer_build=True,
    )

    fleet_sets: ClassVar[SharedValues] = {}
    """What the kiosk's fleet sets."""
    environment_counts: ClassVar[bool] = True

    camera: CameraSettings = Field(default_factory=CameraSettings)
    lane: LaneSettings = Field(default_factory=LaneSettings)
    quality: QualitySettings = Field(default_factory=QualitySettings)
    pad: PadSettings = Field(default_factory=PadSettings)
    match: MatchSettings = Field(default_factory=MatchSettings)
    access: AccessSettings = Field(default_factory=AccessSettings)
    enrolment: EnrolmentSettings = Field(default_factory=EnrolmentSettings)
    door: DoorSettings = Field(default_factory=DoorSettings)
    rules: RulesSettings = Field(default_factory=RulesSettings)
    operators: OperatorSettings = Field(default_factory=OperatorSettings)
    journal: JournalSettings = Field(default_factory=JournalSettings)
    fleet: FleetSettings = Field(default_factory=FleetSettings)
    cloud: CloudSettings = Field(default_factory=CloudSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    screen: ScreenSettings = Field(default_factory=ScreenSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        if self.access.refusal_probes > self.access.window_seconds * self.camera.fps:
            raise ValueError(
                "access.refusal_probes must fit into access.window_seconds at camera.fps"
            )
        if self.door.max_age_seconds <= self.access.window_seconds:
            raise ValueError(
                "door.max_age_seconds must be longer than access.window_seconds: a release is as "
                "old as the oldest frame of the run that decides"
            )
        return self

    @model_validator(mode="after")
    def _fit_an_answer_of_the_cloud(self) -> Settings:
        """Check that a run is still whole when the answer about it comes."""
        needs = self.access.span_seconds + self.cloud.answer_seconds + ASKED_SECONDS
        if self.cloud.used and self.access.window_seconds < needs:
            raise ValueError(
                "access.window_seconds must hold access.span_seconds and cloud.answer_seconds: "
                f"{needs:g} or more, and door.max_age_seconds must be longer than that"
            )
        return self

    @model_validator(mode="after")
    def _refuse_a_peer_at_a_real_door(self) -> Settings:
        """Refuse that whoever has a port of this machine opens a door."""
        if self.cloud.asks_a_peer and self.door.driver != "simulated":
            raise ValueError(
                "cloud.endpoint names this machine, where nobody but the peer for trying it out"
                f' answers, and door.driver = "{self.door.driver}" is a real door: remove endpoint'
            )
        return self

    @model_validator(mode="after")
    def _fit_a_panel_that_decides(self) -> Settings:
        """Check panel settings: no unlock schedule; a result must outlast the panel's answer."""
        panel_seconds = self.door.panel_seconds
        if panel_seconds and self.rules.unlock_schedule is not None:
            raise ValueError(
                f'with door.driver = "{self.door.driver}" rules.unlock_schedule frees nothing: '
                "the lock is the panel's; set those hours in the panel, and remove unlock_schedule"
            )
        waits = self.door.answer_seconds + panel_seconds
        if panel_seconds and self.access.granted_hold_seconds < waits + SEEN_SECONDS:
            raise ValueError(
                "access.granted_hold_seconds must leave a second to see the result: more than "
                f"door.answer_seconds and panel_seconds together, {waits + SEEN_SECONDS:g} or more"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes it by this name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The fleet goes first, then the environment, then the file: the initial values."""
        fleet = InitSettingsSource(settings_cls, dict(cls.fleet_sets))
        return (
            (fleet, env_settings, init_settings)
            if cls.environment_counts
            else (fleet, init_settings)
        )

    def match_policy(self) -> MatchPolicy:
        """The required certainty of an identification; a visit ends with the lockout."""
        return self.match.policy(self.access.failures_allowed)

    def access_policy(self, space: SpaceId, threshold: float) -> AccessPolicy:
        """The policy of an access session, with the decision threshold for this gallery."""
        return AccessPolicy(
            space=space,
            decision_threshold=threshold,
            margin=self.match.margin,
            pad_threshold=self.pad.threshold,
            attack_threshold=self.pad.attack_threshold,
            cloud=self.cloud.rules,
            **self.access.model_dump(),
        )


def load(home: Path, config: Path | None = None, shared: SharedValues | None = None) -> Settings:
    """Read the settings of a kiosk.

    Args:
        home: the kiosk's home; its `config.toml` is read if no other file is given.
        config: a TOML file that must exist.
        shared: what its fleet sets, which goes before everything else; None for nothing.

    Raises:
        SettingsError: names the file or variable, the key, the mistake and the correct form; never
            the value, which may be a secret.
    """
    path = config or home / CONFIG_NAME
    values = read_file(path) if config is not None or is_there(path) else {}
    _refuse_unknown_sections(values, path)
    _refuse_unknown_variables(os.environ)
    kind = _with_shared(shared, own=True) if shared else Settings
    return _made(kind, values, path)


def check_shared(text: str, door: str) -> SharedValues:
    """Check what a fleet is to set, with the defaults of everything else.

    Args:
        text: TOML.
        door: the name of one of its doors, as the groups name it.

    Raises:
        SettingsError: it sets what is the kiosk's own, or values that no kiosk accepts.
    """
    values = shared_values(text)
    own = {"rules": {"door": door}} if "groups" in values.get("rules", {}) else {}
    _made(_with_shared(values, own=False), own, Path("the fleet's settings"))
    return values


def _made(kind: type[Settings], values: Mapping[str, Any], path: Path) -> Settings:
    try:
        # A section that is missing is validated with the others: its class is not built by itself.
        return kind(**{**{name: {} for name in Settings.model_fields}, **values})
    except ValidationError as error:
        mistakes = "; ".join(_explain(mistake, path) for mistake in error.errors())
        raise SettingsError(
            f"These settings are refused: {mistakes}.", _remedy(error.errors())
        ) from error


def _with_shared(shared: SharedValues, *, own: bool) -> type[Settings]:
    """All sections, in which a fleet's settings go first.

    Args:
        shared: what the fleet sets.
        own: whether the environment counts too.
    """

    class SharedSettings(Settings):
        """All sections, some settings of which are the fleet's."""

        fleet_sets = shared
        environment_counts = own

    return SharedSettings


def _remedy(mistakes: Iterable[ErrorDetails]) -> str:
    """The remedy for refused settings; it asks for a new key where an operator's is none."""
    if any(mistake["loc"][:2] == ("operators", "keys") for mistake in mistakes):
        return Remedy(
            "Correct or remove them; make a new key where one is lost.", NextStep.MAKE_OPERATOR_KEY
        )
    return "Correct or remove them."


def _refuse_unknown_sections(values: Mapping[str, object], path: Path) -> None:
    """Refuse unknown names before pydantic, which interprets some of them as its own options."""
    for name in values:
        if name not in Settings.model_fields:
            raise SettingsError(
                f"{name} in {path} names no section of the settings.",
                f"The sections are {', '.join(Settings.model_fields)}.",
            )


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Refuse a misspelt KIOSK_SECTION__KEY, and KIOSK_SECTION_KEY with one underscore.

    Other variables that begin with KIOSK_, such as KIOSK_HOME, are not settings.
    """
    for name in environment:
        prefix, _, rest = name.lower().partition("_")
        meant = "__" in rest or rest.partition("_")[0] in Settings.model_fields
        parts = rest.split("__")
        if prefix == "kiosk" and meant and not (len(parts) > 1 and _names_one(Settings, parts)):
            raise SettingsError(
                f"The environment variable {name} names no setting.",
                "Unset it, or write KIOSK_SECTION__KEY with two underscores between.",
            )


def _names_one(section: type[BaseModel], parts: Sequence[str]) -> bool:
    """True if these nested keys name a setting of a section."""
    first, *inner = parts
    field = section.model_fields.get(first)
    if field is None or not inner:
        return field is not None
    if get_origin(field.annotation) is dict:
        _chosen_by_the_site, *inner = inner
        return not inner or _within(get_args(field.annotation), inner)
    return _within((field.annotation, *get_args(field.annotation)), inner)


def _within(kinds: Iterable[object], parts: Sequence[str]) -> bool:
    """True if the keys name a setting of one of these kinds that is a section."""
    sections = (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
    return any(_names_one(section, parts) for section in sections)


def _explain(mistake: ErrorDetails, path: Path) -> str:
    """One mistake as text: file or variable, key, and the correct form."""
    parts = [str(part) for part in mistake["loc"]]
    variable = "_".join(("KIOSK", "__".join(parts))).upper()
    named = [name for name in os.environ if name.upper() == variable]
    where = named[0] if named else f"{'.'.join(parts)} in {path}"
    if mistake["type"] == "value_error" and len(parts) <= 1:
        where = f"{'.'.join(parts) or 'sections'} in {path} or KIOSK_ variables"
    wrong = "is no setting" if mistake["type"] == "extra_forbidden" else mistake["msg"]
    return f"{where}: {wrong.removeprefix('Value error, ')}"
