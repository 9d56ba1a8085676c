"""What a kiosk checks before it takes over settings of its fleet."""

from __future__ import annotations

from pathlib import Path

from config.settings import load
from kiosk.fleet.rollout.kept import SettingsFile
from kiosk.fleet.rollout.plan import SharedVersion
from kiosk.fleet.rollout.taking import SettingsTaking
from kiosk.store.open_home import OpenHome
from kiosk.wiring.rollout.packs import refuse_missing_pack
from kiosk.wiring.rollout.settings import values_of


def settings_taking(open_home: OpenHome, config: Path | None) -> SettingsTaking:
    """Takes over settings of the fleet that fit this kiosk's own.

    Args:
        open_home: of the kiosk.
        config: its settings file; None for that in its home.
    """

    def check(version: SharedVersion) -> None:
        settings = load(open_home.home.path, config, values_of(version))
        if version.pack is not None:
            refuse_missing_pack(version.pack, settings, open_home)

    return SettingsTaking(SettingsFile(open_home.home), check, open_home.recorder.note)
