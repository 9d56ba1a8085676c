"""The shipped service hands over the credential that a kiosk looks for, to nobody else."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

from kiosk.store.secrets.credential import USUAL_NAME

UNIT = Path(__file__).resolve().parents[3] / "tools" / "systemd" / "lintel.service"


def test_the_service_hands_over_the_credential_that_is_looked_for() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.read(UNIT)
    service = unit["Service"]
    name, source = service["LoadCredentialEncrypted"].split(":")
    assert name == USUAL_NAME
    assert Path(source).is_absolute()
    assert (service["StateDirectoryMode"], service["UMask"]) == ("0700", "0077")
    assert f"--home /var/lib/{service['StateDirectory']}" in service["ExecStart"]
    assert service["User"] != "root"
