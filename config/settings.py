"""Every setting of a kiosk. Unknown keys and values outside their bounds stop the start.

From weakest to strongest: the defaults written here, `<home>/config.toml` or the file given by
`--config`, then environment variables such as ``KIOSK_DOOR__RELEASE_SECONDS``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.sections.access import AccessSettings
from config.sections.camera import CameraSettings
from config.sections.door import DoorSettings
from config.sections.enrolment import EnrolmentSettings
from config.sections.lane import LaneSettings
from config.sections.match import MatchSettings
from config.sections.models import ModelSettings
from config.sections.pad import PadSettings
from config.sections.quality import QualitySettings
from config.sections.screen import ScreenSettings
from kiosk.domain.errors import SettingsError
from kiosk.domain.policy import AccessPolicy
from kiosk.domain.template import SpaceId

CONFIG_NAME = "config.toml"
PROFILES = Path(__file__).parent / "profiles"
"""Settings to start from: `demo.toml` and `site.toml`."""


class Settings(BaseSettings):
    """All sections."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix="KIOSK_",
        env_nested_delimiter="__",
        use_attribute_docstrings=True,
    )

    camera: CameraSettings = CameraSettings()
    lane: LaneSettings = LaneSettings()
    quality: QualitySettings = QualitySettings()
    pad: PadSettings = PadSettings()
    match: MatchSettings = MatchSettings()
    access: AccessSettings = AccessSettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    door: DoorSettings = DoorSettings()
    screen: ScreenSettings = ScreenSettings()
    models: ModelSettings = ModelSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the hook's own signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the hook's own signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment stands above the file (which is handed over as initial values)."""
        return env_settings, init_settings

    def access_policy(self, space: SpaceId, threshold: float) -> AccessPolicy:
        """The policy of an access session, with the threshold that the gallery asks for."""
        return AccessPolicy(
            space=space,
            decision_threshold=threshold,
            margin=self.match.margin,
            pad_threshold=self.pad.threshold,
            attack_threshold=self.pad.attack_threshold,
            release_seconds=self.door.release_seconds,
            **self.access.model_dump(),
        )


def load(home: Path, config: Path | None = None) -> Settings:
    """Read the settings of a kiosk.

    Args:
        home: the kiosk's home; its `config.toml` is read where no other file is named.
        config: a TOML file that must exist.

    Raises:
        SettingsError: names the file or variable, the key, what is wrong and what would be right.
    """
    path = config or home / CONFIG_NAME
    values = _read(path) if config is not None or path.exists() else {}
    _refuse_unknown_variables(os.environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_explain(error, path), "Correct or remove that setting.") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error.strerror}.", "Check --config."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The settings file {path} is not TOML: {error}.", "Correct that line."
        ) from error


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """A misspelt KIOSK_SECTION__KEY must not be passed over in silence."""
    for name in environment:
        if not name.startswith("KIOSK_") or "__" not in name:
            continue
        section, _, key = name.removeprefix("KIOSK_").lower().partition("__")
        field = Settings.model_fields.get(section)
        known = field is not None and key in _keys(field.annotation)
        if not known:
            raise SettingsError(
                f"The environment variable {name} names no setting.", "Correct or unset it."
            )


def _keys(section: Any) -> Mapping[str, object]:  # noqa: ANN401 - pydantic's own annotation type
    return getattr(section, "model_fields", {})


def _explain(error: ValidationError, path: Path) -> str:
    """One line for each mistake, without the value: it may be a secret."""
    lines = [
        f"{'.'.join(str(part) for part in mistake['loc']) or 'settings'}: {mistake['msg']}"
        for mistake in error.errors()
    ]
    return f"The settings ({path} and KIOSK_ variables) are refused: " + "; ".join(lines) + "."
