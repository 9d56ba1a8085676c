"""The journal's end kept outside: an older copy of the whole home does not fit it."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_files import lines
from kept_home import furnish
from kept_samples import ANNA, entry
from kiosk_process import kiosk
from typer.testing import CliRunner, Result

from config.settings import Settings
from kiosk.cli import app
from kiosk.diagnostics import anchor as anchored
from kiosk.diagnostics.anchor import kept_outside
from kiosk.domain.errors import StoreReplaced
from kiosk.store.home import Home
from kiosk.store.journal.anchor import AnchorFile, Anchors
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey

DONE, WRONG_USE, REFUSED, OUT_OF_SERVICE = 0, 2, 3, 4


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path, media: Path) -> Home:
    """Two people and five entries; the anchor's file is set, and not written yet."""
    path = furnish(tmp_path / "home")
    (path / "config.toml").write_text(f'[journal]\nanchor_file = "{media / "anchor"}"\n')
    return Home(path)


@pytest.fixture
def file(home: Home, media: Path) -> AnchorFile:
    return AnchorFile(media / "anchor", Anchors(home, FileKey(home)))


def put_back(home: Home, change: Callable[[], object]) -> None:
    """The whole home as it was before something was done."""
    copy = home.path.with_name("copy")
    shutil.copytree(home.path, copy)
    change()
    shutil.rmtree(home.path)
    copy.rename(home.path)


def go_on(home: Home, count: int = 3, first: int = 100) -> None:
    with OpenHome.open(home.path) as open_home:
        for number in range(count):
            open_home.journal.append(entry(first + number))


def older(home: Home, file: AnchorFile) -> None:
    """An older copy of the home beside the anchor of after."""

    def change() -> None:
        with OpenHome.open(home.path) as open_home:
            open_home.references.erase(ANNA)
        go_on(home)
        file.keep()

    put_back(home, change)


def audit(home: Home, *arguments: str | Path) -> Result:
    whole = ["audit", str(arguments[0]), "--home", str(home.path), *map(str, arguments[1:])]
    return CliRunner().invoke(app, whole)


def settings(home: Home) -> Settings:
    return Settings(journal={"anchor_file": home.path.with_name("media") / "anchor"})  # type: ignore[arg-type] # what a file would hold


def events(home: Home) -> list[str]:
    return [json.loads(line)["event"] for line in lines(home.journal)]


# -- an older copy -------------------------------------------------------------------------------


def test_an_older_copy_of_the_whole_home_is_not_run(home: Home, file: AnchorFile) -> None:
    older(home, file)
    OpenHome.open(home.path).close()  # fits itself
    before = lines(home.journal)
    ended = kiosk("run", "--home", home.path, "--headless", "--source", "device:0")
    ended.refused(OUT_OF_SERVICE, "older copy", str(file.path), "kiosk audit accept --yes")
    assert lines(home.journal) == before


def test_an_older_copy_does_not_verify_and_the_doctor_says_so(home: Home, file: AnchorFile) -> None:
    older(home, file)
    result = audit(home, "verify")
    assert result.exit_code == REFUSED
    assert "older copy" in result.stderr
    doctor = CliRunner().invoke(app, ["doctor", "--home", str(home.path), "--json"])
    rows = {row["name"]: row for row in json.loads(doctor.stdout)["findings"]}
    assert rows["anchor"]["health"] == "bad"


def test_a_copy_that_went_on_by_itself_is_told_by_the_hash(home: Home, file: AnchorFile) -> None:
    older(home, file)
    go_on(home, 40, first=300)
    with pytest.raises(StoreReplaced, match="went on by itself"):
        file.check()


def test_an_anchor_of_long_ago_is_found_far_from_the_end(
    home: Home, file: AnchorFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.store.journal.anchor.MIN_SPAN_BYTES", 600)
    file.keep()
    known = json.loads(file.path.read_bytes())["number"]
    go_on(home, 40)
    assert file.check().number == known
    file.keep()
    assert file.check().number == known + 40


def test_media_that_are_put_back_while_the_kiosk_runs_keep_their_evidence(
    home: Home, file: AnchorFile
) -> None:
    """Pulled, an older copy put back and started: the anchor comes back and is not written over."""
    older(home, file)
    there = file.path.read_bytes()
    away = file.path.rename(file.path.with_name("pulled"))
    with OpenHome.open(home.path) as open_home:
        running = AnchorFile(file.path, Anchors(home, FileKey(home)))
        running.keep()
        away.rename(file.path)
        open_home.journal.append(entry(200))
        with pytest.raises(StoreReplaced):
            running.keep()
    assert file.path.read_bytes() == there


# -- accepting -----------------------------------------------------------------------------------


def test_a_backup_that_was_put_back_is_accepted_written_down_and_anchored_anew(
    home: Home, file: AnchorFile
) -> None:
    older(home, file)
    result = audit(home, "accept", "--yes")
    assert result.exit_code == DONE, result.output
    assert "erase them again" in result.stdout
    assert events(home)[-1] == "anchor_accepted"
    assert audit(home, "verify").exit_code == DONE
    assert audit(home, "accept", "--yes").exit_code == REFUSED  # nothing to accept any more


def test_another_kiosks_anchor_is_named_and_never_written_over(
    home: Home, file: AnchorFile, tmp_path: Path
) -> None:
    other = Home(furnish(tmp_path / "other"))
    file.path.write_bytes(Anchors(other, FileKey(other)).now())
    there = file.path.read_bytes()
    with pytest.raises(StoreReplaced, match="another kiosk"):
        file.keep()
    assert "another kiosk" in audit(home, "verify").stderr
    assert audit(home, "accept", "--yes").exit_code == REFUSED
    assert file.path.read_bytes() == there


def test_a_journal_that_was_begun_anew_is_accepted_beside_its_anchor(
    home: Home, file: AnchorFile
) -> None:
    go_on(home, 20)
    file.keep()
    home.journal.write_bytes(home.journal.read_bytes()[:-20])
    assert audit(home, "accept", "--yes").exit_code == REFUSED  # it does not verify
    assert audit(home, "renew", "--yes").exit_code == DONE
    with pytest.raises(StoreReplaced):
        file.check()
    assert audit(home, "accept", "--yes").exit_code == DONE
    assert audit(home, "verify").exit_code == DONE


# -- forged and damaged --------------------------------------------------------------------------


def changed(body: bytes, **values: object) -> bytes:
    return json.dumps(json.loads(body) | values).encode()


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "a smaller number": lambda body: changed(body, number=1),
    "number nought": lambda body: changed(body, number=0, hash="0" * 64),
    "a larger number": lambda body: changed(body, number=10**6),
    "another time": lambda body: changed(body, at="2020-01-01T00:00:00+00:00"),
    "no seal": lambda body: changed(body, seal=None),
    "true for a number": lambda body: changed(body, number=True),
    "a number beyond all": lambda body: changed(body, number=-(10**4000)),
    "no kiosk": lambda body: changed(body, kiosk=None),
    "a terminal's commands": lambda body: changed(body, kiosk="\x1b[2J"),
    "half of it": lambda body: body[:100],
    "nothing": lambda _: b"",
    "no text": lambda _: b"\xff\x00" * 50,
    "a list": lambda _: b"[]",
    "very deep": lambda _: b"[" * 4000,
    "endless": lambda _: b" " * 100_000,
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_anchor_is_refused_by_name_and_lets_nothing_older_pass(
    home: Home, file: AnchorFile, how: str
) -> None:
    file.keep()
    file.path.write_bytes(FORGED[how](file.path.read_bytes()))
    with pytest.raises(StoreReplaced) as caught:
        file.check()
    assert str(file.path) in caught.value.problem
    assert "\x1b" not in str(caught.value)
    result = audit(home, "verify")
    assert result.exit_code == REFUSED
    assert audit(home, "accept", "--yes").exit_code == DONE
    assert audit(home, "verify").exit_code == DONE


def test_an_anchor_says_nothing_of_people(file: AnchorFile) -> None:
    file.keep()
    assert set(json.loads(file.path.read_bytes())) == {"kiosk", "number", "hash", "at", "seal"}
    assert file.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["anchor", "anchor.new"])
def test_a_link_on_the_media_leads_nowhere(file: AnchorFile, name: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (file.path.parent / name).symlink_to(victim)
    if name == "anchor":
        with pytest.raises(OSError, match=r"symbolic links|loop"):
            file.keep()
    else:
        file.keep()
    assert victim.read_text() == "kept"


def test_what_is_no_file_holds_nobody_up(file: AnchorFile) -> None:
    os.mkfifo(file.path)
    os.mkfifo(file.path.with_name("anchor.new"))
    with pytest.raises(StoreReplaced, match="cannot be understood"):
        file.keep()
    file.path.unlink()
    file.keep()
    assert file.check()
    file.path.unlink()
    file.path.mkdir()
    with pytest.raises(IsADirectoryError):
        file.keep()


# -- media that are not there --------------------------------------------------------------------


def test_media_that_are_gone_are_told_of_once_and_stop_nothing(
    home: Home, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(media)
    with OpenHome.open(home.path) as open_home, kept_outside(settings(home), open_home):
        go_on(home)
    assert events(home).count("anchor") == 1
    assert "There is no anchor" in capsys.readouterr().err
    assert audit(home, "verify").exit_code == DONE


def test_a_full_medium_is_told_of_once(
    home: Home, file: AnchorFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.keep()
    before = file.path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("kiosk.store.journal.anchor.write_all", full)
    with OpenHome.open(home.path) as open_home:
        open_home.journal.append(entry(7))
        with kept_outside(settings(home), open_home):
            pass
    assert events(home)[-1] == "anchor"
    assert "No space left" in lines(home.journal)[-1]
    assert file.path.read_bytes() == before


def test_a_medium_that_never_answers_counts_as_absent(
    file: AnchorFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()
    monkeypatch.setattr(anchored, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("kiosk.store.journal.anchor.read", lambda _: answer.wait(60.0) and b"")
    try:
        assert "takes too long" in (anchored.looked_at(file) or "")
    finally:
        answer.set()


def test_a_kiosk_that_runs_leaves_the_newest_end_there(home: Home, file: AnchorFile) -> None:
    with OpenHome.open(home.path) as open_home, kept_outside(settings(home), open_home):
        open_home.journal.append(entry(8))
    assert file.path.read_bytes() == Anchors(home, FileKey(home)).now()


# -- what an operator knows ----------------------------------------------------------------------


def test_number_and_hash_that_an_operator_knows_are_compared(home: Home, file: AnchorFile) -> None:
    file.keep()
    known = json.loads(file.path.read_bytes())
    file.path.unlink()
    given = ("--number", str(known["number"]), "--hash", known["hash"])
    result = audit(home, "verify", *given, "--json")
    assert (result.exit_code, json.loads(result.stdout)["anchor"]) == (DONE, known["number"])
    wrong = audit(home, "verify", *given[:3], "f" * 64)
    assert wrong.exit_code == REFUSED
    assert audit(home, "verify", *given[:2]).exit_code == WRONG_USE
    assert audit(home, "verify", *given[:3], "f").exit_code == WRONG_USE
    beyond = audit(home, "verify", "--number", "10000", "--hash", known["hash"])
    assert "older copy" in beyond.stderr


def test_a_file_that_cannot_be_read_is_named(home: Home) -> None:
    result = audit(home, "verify", "--anchor", "/absent")
    assert result.exit_code == WRONG_USE
    assert "--anchor" in result.stderr
