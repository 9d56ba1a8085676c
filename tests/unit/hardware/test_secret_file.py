"""Secrets lie in files that nobody else can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.secret_file import MOST_BYTES, located, read_secret
from kiosk.domain.errors import SettingsError

SETTING = "door.mqtt.password_file"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_bytes(b"hunter2\n")
    return path


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_the_line_feed_of_an_editor_is_no_part_of_it(secret: Path) -> None:
    assert read_secret(secret, SETTING) == b"hunter2"
    secret.write_bytes(b"hunter2\r\n")
    assert read_secret(secret, SETTING) == b"hunter2"
    secret.write_bytes(b" hunter2 \n\n")
    assert read_secret(secret, SETTING) == b" hunter2 \n"


@pytest.mark.parametrize("mode", [0o640, 0o660, 0o604, 0o602, 0o601, 0o610])
def test_what_others_can_use_is_refused(secret: Path, mode: int) -> None:
    secret.chmod(mode)
    with pytest.raises(SettingsError, match="by others"):
        read_secret(secret, SETTING)


def test_a_read_only_file_of_ours_is_fine(secret: Path) -> None:
    secret.chmod(0o400)
    assert read_secret(secret, SETTING)


@pytest.mark.parametrize("held", [b"", b"\n", b"short", b"x" * (MOST_BYTES + 1)], ids=len)
def test_too_short_or_too_long(secret: Path, held: bytes) -> None:
    secret.write_bytes(held)
    with pytest.raises(SettingsError, match=SETTING):
        read_secret(secret, SETTING, least_bytes=8)


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_is_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=SETTING):
        read_secret(tmp_path / name, SETTING)


def test_a_relative_path_is_a_credential_or_nothing(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(secret.parent)
    with pytest.raises(SettingsError, match="no whole path"):
        located(Path("secret"), SETTING)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secret.parent))
    assert located(Path("secret"), SETTING) == secret
    assert located(Path("../../secret"), SETTING) == secret


@pytest.mark.parametrize(("mode", "fine"), [(0o440, True), (0o444, False), (0o460, False)])
def test_a_credential_may_show_rights_of_its_group(
    secret: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, fine: bool
) -> None:
    """It is the mask of systemd's access list; whoever else can read it is still refused."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secret.parent))
    secret.chmod(mode)
    if fine:
        assert read_secret(secret, SETTING)
    else:
        with pytest.raises(SettingsError):
            read_secret(secret, SETTING)


def test_what_it_holds_is_in_no_message(secret: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read_secret(secret, SETTING, least_bytes=100)
    assert "hunter2" not in repr(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_that_an_editor_put_there_is_named(secret: Path, encoding: str) -> None:
    """The device's own secret has none: it would be refused there, and nobody would know why."""
    secret.write_bytes("hunter2".encode(encoding))
    with pytest.raises(SettingsError, match="byte-order mark"):
        read_secret(secret, SETTING)
