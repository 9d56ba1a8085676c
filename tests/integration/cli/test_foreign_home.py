"""B9: what others could have written is not obeyed, and nobody else's lock stops a kiosk."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from another_user import STRANGER, as_root
from kept_home import furnish
from typer.testing import CliRunner, Result

from config.settings import load
from hardware.secret_file import read_secret
from kiosk.cli import app
from kiosk.domain.errors import BadInput, SettingsError, StoreError
from kiosk.journal.events.running import Started
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnish(tmp_path / "home")


def kiosk(*words: object) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


LOOKING = (
    ("people", "list"),
    ("audit", "verify"),
    ("audit", "tail"),
    ("door", "status"),
    ("admin", "pin", "--stdin"),
    ("operator", "status", "--as", "anna", "--key", "/nowhere"),
    ("run", "--headless"),
    ("init",),
)


@pytest.mark.parametrize("words", LOOKING)
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_home_that_others_can_write_is_used_by_no_command(
    home: Path, words: tuple[str, ...], mode: int
) -> None:
    home.chmod(mode)
    refused = kiosk(*words, "--home", home)
    assert refused.exit_code == 2
    assert f"others may change {home}" in refused.stderr
    assert f"chmod go-w {home}" in refused.stderr


@pytest.mark.parametrize("name", ["journal.jsonl", "references.db", "journal.head"])
def test_a_file_that_others_can_write_is_named(home: Path, name: str) -> None:
    (home / name).chmod(0o666)
    with pytest.raises(BadInput, match=f"others may change .*{name}"):
        OpenHome.open(home)


def test_a_folder_above_that_others_can_write_is_named(home: Path) -> None:
    home.parent.chmod(0o777)
    with pytest.raises(BadInput, match="others may change") as caught:
        OpenHome.open(home)
    assert caught.value.remedy == f"Run `chmod go-w {home.parent}`."
    home.parent.chmod(0o1777)
    OpenHome.open(home).close()


def test_no_home_is_made_where_others_can_write(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(BadInput, match="others may change"):
        OpenHome.open(tmp_path / "open" / "home")
    assert not (tmp_path / "open" / "home").exists()


def test_a_home_is_made_where_others_may_only_make_files_of_their_own(tmp_path: Path) -> None:
    """As straight in /tmp."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o1777)
    OpenHome.open(tmp_path / "open" / "home").close()
    assert (tmp_path / "open" / "home").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o622])
def test_settings_that_others_can_write_are_not_obeyed(home: Path, mode: int) -> None:
    config = home / "config.toml"
    config.write_text("[door]\nrelease_seconds = 3.0\n", encoding="utf-8")
    assert load(home).door.release_seconds == 3.0
    config.chmod(mode)
    with pytest.raises(SettingsError, match="not to be relied on: others may change") as caught:
        load(home)
    assert "chmod go-w" in caught.value.remedy


def test_settings_elsewhere_are_looked_at_the_same_way(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    config = folder / "kiosk.toml"
    config.write_text("", encoding="utf-8")
    load(home, config)
    folder.chmod(0o777)
    with pytest.raises(SettingsError, match=f"others may change {folder}"):
        load(home, config)


def test_settings_behind_a_link_are_looked_at_where_they_lie(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "theirs.toml").write_text("", encoding="utf-8")
    (home / "config.toml").symlink_to(folder / "theirs.toml")
    load(home)
    folder.chmod(0o777)
    with pytest.raises(SettingsError, match=f"others may change {folder}"):
        load(home)


@pytest.mark.parametrize("name", ["keeping", "lock", "journal.lock", "presence", "journal.head"])
def test_a_planted_link_makes_no_file_elsewhere(home: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (home / name).unlink(missing_ok=True)
    (home / name).symlink_to(elsewhere)
    with pytest.raises(BadInput, match=f"{name} is a link"):
        OpenHome.open(home)
    assert not elsewhere.exists()


def test_the_door_is_not_kept_through_a_link(tmp_path: Path) -> None:
    kept = Home(tmp_path / "home").prepare()
    kept.keeping.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="keeping cannot be used"), instance_lock(kept):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_whoever_holds_a_lock_on_the_folder_stops_nobody(home: Path) -> None:
    """In a home that others may enter anybody can open the folder, and lock it."""
    home.chmod(0o755)
    descriptor = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with OpenHome.open(home) as open_home:
            open_home.recorder.note(Started("device:0", "compact"))
    finally:
        os.close(descriptor)


@as_root
def test_a_second_user_can_hold_no_lock_of_a_home_that_they_may_enter(home: Path) -> None:
    for folder in (home.parent, *home.parent.parents[:-2]):
        if not folder.stat().st_mode & 0o005:
            folder.chmod(0o755)
    home.chmod(0o755)
    with OpenHome.open(home) as open_home, instance_lock(open_home.home):
        pass
    program = (
        "import fcntl, os, sys\n"
        f"os.setgid({STRANGER}); os.setuid({STRANGER})\n"
        "held = 0\n"
        "for name in os.listdir(sys.argv[1]):\n"
        "    try:\n"
        "        fcntl.flock(os.open(os.path.join(sys.argv[1], name), os.O_RDONLY), 6)\n"
        "        held += 1\n"
        "    except OSError:\n"
        "        pass\n"
        "print(held)\n"
    )
    command = [sys.executable, "-c", program, str(home)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "0"


@as_root
def test_a_home_of_another_user_is_not_used(home: Path) -> None:
    os.chown(home, STRANGER, STRANGER)
    with pytest.raises(BadInput, match="belongs to another user"):
        OpenHome.open(home)


@as_root
def test_settings_of_another_user_are_not_obeyed(home: Path) -> None:
    """They could name an operator's key of their own."""
    config = home / "config.toml"
    config.write_text("", encoding="utf-8")
    os.chown(config, STRANGER, STRANGER)
    with pytest.raises(SettingsError, match="belongs to another user"):
        load(home)


@as_root
def test_a_secret_of_another_user_is_not_used(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("of theirs", encoding="utf-8")
    secret.chmod(0o600)
    assert read_secret(secret, "door.http.password_file") == b"of theirs"
    os.chown(secret, STRANGER, STRANGER)
    with pytest.raises(SettingsError, match="belongs to another user"):
        read_secret(secret, "door.http.password_file")


def test_a_lock_that_was_opened_to_others_is_shut_again(home: Path) -> None:
    OpenHome.open(home).close()
    lock = Home(home).lock
    lock.chmod(0o644)
    OpenHome.open(home).close()
    assert lock.stat().st_mode & 0o777 == 0o600
