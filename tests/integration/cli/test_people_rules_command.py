"""`kiosk people allow`, `pin` and `badge`, and `kiosk admin pin`, as an admin calls them."""

from __future__ import annotations

import json
import os
import pty
import stat
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from kept_files import leaks, lines, raw
from kept_samples import AGREED, ANNA, BORIS, CHEN, template
from kiosk_process import COMMAND, environment
from typer.testing import CliRunner, Result

from hardware.camera.codes import ZxingReader
from kiosk.cli import app
from kiosk.domain.access.factors import Factor, Factors, PinVerdict
from kiosk.domain.audit import AuditEntry
from kiosk.domain.errors import JournalUnwritable, StoreError
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.sentences import sentence
from kiosk.store.home import Home
from kiosk.store.journal.journal import Journal
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.people.person import Profile
from kiosk.store.people.references import References
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey

DONE, WRONG_USE, OUT_OF_SERVICE = 0, 2, 4
PIN, OTHER_PIN, DURESS = "471180619253", "930847119253", "806147119253"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    path = tmp_path / "home"
    monkeypatch.setenv("KIOSK_HOME", str(path))
    monkeypatch.setenv("COLUMNS", "160")
    with OpenHome.open(path) as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, "Anneliese")
        open_home.references.enrol(BORIS, [template(2)], AGREED)
    return Home(path)


def people(*arguments: str | Path, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["people", *map(str, arguments)], input=typed)


def set_pin(text: str, *more: str, subject: str = ANNA) -> Result:
    return people("pin", subject, "--stdin", *more, typed=f"{text}\n")


def _kept(home: Home, subject: SubjectId = ANNA) -> Profile:
    with OpenHome.open(home.path) as open_home:
        return open_home.references.show(subject).profile


def _events(home: Home) -> list[tuple[str, dict[str, object]]]:
    entries = [json.loads(line) for line in lines(home.journal)]
    return [(e["event"], e["details"]) for e in entries if e["event"] != "store_created"]


def _holder(home: Home, text: str) -> SubjectId | None:
    with OpenHome.open(home.path) as open_home:
        return Badges(open_home.references, FileKey(open_home.home)).holder(text)


# -- allow ---------------------------------------------------------------------------------------

EVERYTHING = ("--group", "staff", "--group", "lab", "--from", "2026-01-01", "--until", "2026-12-31")


def test_rules_are_agreed_and_shown(home: Home) -> None:
    result = people("allow", ANNA, *EVERYTHING, "--longer", "--credential", "77")
    assert result.exit_code == DONE
    assert _kept(home).rules == PersonRules(
        ("staff", "lab"), date(2026, 1, 1), date(2026, 12, 31), needs_longer=True, credential=77
    )
    for said in ("groups: staff, lab", "valid until: 2026-12-31", "needs longer: yes"):
        assert said in result.stdout


def test_what_is_not_named_stays_and_what_is_none_goes(home: Home) -> None:
    people("allow", ANNA, *EVERYTHING, "--longer", "--credential", "77")
    people("allow", ANNA, "--until", "2027-01-31")
    expected = PersonRules(
        ("staff", "lab"), date(2026, 1, 1), date(2027, 1, 31), needs_longer=True, credential=77
    )
    assert _kept(home).rules == expected
    people("allow", ANNA, "--group", "none", "--from", "none", "--no-longer")
    assert _kept(home).rules == replace(expected, groups=(), valid_from=None, needs_longer=False)
    people("allow", ANNA, "--until", "none", "--credential", "none")
    assert _kept(home).rules == PersonRules()
    assert _kept(home, BORIS).rules == PersonRules()


def test_rules_for_programs() -> None:
    told = json.loads(people("allow", ANNA, *EVERYTHING, "--json").stdout)
    assert told == {
        "subject": ANNA,
        "groups": ["staff", "lab"],
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        "needs_longer": False,
        "credential": None,
        "factor": "none",
        "has_pin": False,
        "has_badge": False,
        "step_up": "none",
    }


def test_without_a_wish_it_only_shows(home: Home) -> None:
    before = _events(home)
    result = people("allow", ANNA)
    assert result.exit_code == DONE
    assert "groups: -" in result.stdout
    assert _events(home) == before


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        (("--from", "tomorrow"), "--from"),
        (("--until", "2026-02-30"), "--until"),
        (("--from", "2026-05-02", "--until", "2026-05-01"), "never"),
        (("--group", "two words"), "--group"),
        (("--group", ""), "--group"),
        (("--group", "staff", "--group", "none"), "--group"),
        (("--credential", "0"), "--credential"),
        (("--credential", "-7"), "--credential"),
        (("--credential", "18446744073709551616"), "--credential"),
        (("--credential", "9" * 5000), "--credential"),
        (("--credential", "\u0667"), "--credential"),
        (("--factor", "retina"), "--factor"),
        (("--factor", "pin"), f"kiosk people pin {ANNA}"),
        (("--factor", "badge"), f"kiosk people badge {ANNA}"),
        (("--factor", "verify"), f"kiosk people badge {ANNA}"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    home: Home, wish: tuple[str, ...], named: str
) -> None:
    before = raw(home.path)
    result = people("allow", ANNA, *wish)
    assert result.exit_code == WRONG_USE
    assert named in result.stderr
    assert raw(home.path) == before


def test_a_period_is_checked_against_what_was_agreed_before(home: Home) -> None:
    people("allow", ANNA, "--until", "2026-05-01")
    assert people("allow", ANNA, "--from", "2026-05-02").exit_code == WRONG_USE
    assert people("allow", ANNA, "--from", "2026-05-01").exit_code == DONE
    assert _kept(home).rules.valid_from == date(2026, 5, 1)


def test_two_people_never_share_a_card_number() -> None:
    assert people("allow", ANNA, "--credential", "77").exit_code == DONE
    result = people("allow", BORIS, "--credential", "77")
    assert result.exit_code == WRONG_USE
    assert ANNA in result.stderr
    assert people("allow", ANNA, "--credential", "77").exit_code == DONE


def test_a_group_that_opens_nothing_here_is_told(home: Home) -> None:
    (home.path / "config.toml").write_text(
        '[rules]\ndoor = "front"\n[rules.groups.staff]\ndoors = ["front"]\nschedule = "always"\n'
    )
    assert people("allow", ANNA, "--group", "staff").stderr == ""
    assert "rules.groups.stuff" in people("allow", ANNA, "--group", "stuff").stderr


def test_a_factor_is_asked_for_once_they_have_it(home: Home) -> None:
    set_pin(PIN)
    assert people("allow", ANNA, "--factor", "pin").exit_code == DONE
    assert _kept(home).factors.required is Factor.PIN
    assert people("allow", ANNA, "--factor", "none").exit_code == DONE
    assert _kept(home).factors.required is Factor.NONE
    assert _kept(home).factors.check_pin(PIN) is PinVerdict.RIGHT


# -- PIN -----------------------------------------------------------------------------------------


def test_a_pin_is_set_and_not_shown(home: Home) -> None:
    result = set_pin(PIN)
    assert result.exit_code == DONE
    assert f"kiosk people allow {ANNA} --factor pin" in result.stdout
    assert PIN not in result.output
    assert _kept(home).factors.check_pin(PIN) is PinVerdict.RIGHT


def test_a_duress_pin_is_set_beside_the_pin(home: Home) -> None:
    set_pin(PIN)
    assert set_pin(DURESS, "--duress").exit_code == DONE
    factors = _kept(home).factors
    assert factors.check_pin(DURESS) is PinVerdict.DURESS
    assert factors.check_pin(PIN) is PinVerdict.RIGHT
    for command in (("list",), ("show", ANNA), ("show", ANNA, "--json"), ("allow", ANNA)):
        assert "duress" not in people(*command).output


def test_a_duress_pin_of_a_person_without_a_pin() -> None:
    result = set_pin(DURESS, "--duress")
    assert result.exit_code == WRONG_USE
    assert f"{ANNA} has no PIN" in result.stderr
    assert f"kiosk people pin {ANNA}" in result.stderr


@pytest.mark.parametrize("weak", ["1234", "0000", "37", "", "abcd", "1" * 200, "4711 "])
def test_a_weak_pin_is_refused_and_never_repeated(home: Home, weak: str) -> None:
    set_pin(PIN)
    before = raw(home.path)
    result = set_pin(weak)
    assert result.exit_code == WRONG_USE
    assert not weak or weak not in result.stderr.replace("such as 1234", "")
    assert raw(home.path) == before


def test_what_is_no_text_is_refused() -> None:
    result = CliRunner().invoke(app, ["people", "pin", ANNA, "--stdin"], input=b"\xff\xfe\n")
    assert result.exit_code == WRONG_USE


def test_the_pin_is_not_the_duress_pin(home: Home) -> None:
    set_pin(PIN)
    set_pin(DURESS, "--duress")
    assert "the same" in set_pin(PIN, "--duress").stderr
    assert "the same" in set_pin(DURESS).stderr
    assert _kept(home).factors.check_pin(DURESS) is PinVerdict.DURESS


def test_a_pin_is_taken_away(home: Home) -> None:
    set_pin(PIN)
    set_pin(DURESS, "--duress")
    assert people("pin", ANNA, "--remove", "--duress").exit_code == DONE
    assert _kept(home).factors.check_pin(DURESS) is PinVerdict.WRONG
    assert _kept(home).factors.check_pin(PIN) is PinVerdict.RIGHT
    people("allow", ANNA, "--factor", "pin")
    assert people("pin", ANNA, "--remove").exit_code == WRONG_USE
    people("allow", ANNA, "--factor", "none")
    assert people("pin", ANNA, "--remove").exit_code == DONE
    assert _kept(home).factors == Factors()


def test_without_a_terminal_a_pin_is_not_asked_for() -> None:
    result = people("pin", ANNA, typed=f"{PIN}\n{PIN}\n")
    assert result.exit_code == WRONG_USE
    assert "--stdin" in result.stderr


def _at_a_terminal(*answers: str) -> tuple[int, str]:
    """Exit code and screen of `kiosk people pin` at a real terminal that somebody types at."""
    child, terminal = pty.fork()
    if child == 0:
        arguments = [*COMMAND, "people", "pin", ANNA]
        os.execve(sys.executable, arguments, environment(KIOSK_HOME=os.environ["KIOSK_HOME"]))  # noqa: S606
    screen = ""
    waiting = list(answers)
    while True:
        try:
            screen += os.read(terminal, 4096).decode()
        except OSError:
            break
        if waiting and screen.count(": ") > len(answers) - len(waiting):
            os.write(terminal, f"{waiting.pop(0)}\n".encode())
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), screen


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_at_a_terminal_it_is_asked_for_twice_without_an_echo(home: Home) -> None:
    code, screen = _at_a_terminal(PIN, PIN)
    assert code == DONE, screen
    assert PIN not in screen
    assert "PIN" in screen
    assert _kept(home).factors.check_pin(PIN) is PinVerdict.RIGHT


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_two_that_differ_set_nothing(home: Home) -> None:
    code, screen = _at_a_terminal(PIN, OTHER_PIN)
    assert code == WRONG_USE
    assert "not the same" in screen
    assert _kept(home).factors == Factors()


# -- badges --------------------------------------------------------------------------------------


def _read(picture: Path) -> str:
    """What the camera reads from a badge that was made."""
    pixels = cv2.imread(str(picture))
    assert pixels is not None
    (text,) = ZxingReader().read(Frame(np.asarray(pixels, np.uint8), Instant(0.0), 0))
    return text


def test_a_badge_is_made_once_for_the_owner_alone(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "badge.png"
    result = people("badge", ANNA, "--out", out)
    assert result.exit_code == DONE, result.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    text = _read(out)
    assert _holder(home, text) == ANNA
    serial, code = text.split(":")[-2:]
    assert serial not in result.output
    assert code not in result.output
    assert not any(leaks(secret.encode(), raw(home.path)) for secret in (serial, code))


def test_a_new_badge_ends_the_old_and_revoking_ends_both(home: Home, tmp_path: Path) -> None:
    texts = []
    for name in ("first.png", "second.png"):
        people("badge", ANNA, "--out", tmp_path / name)
        texts.append(_read(tmp_path / name))
    assert [_holder(home, text) for text in texts] == [None, ANNA]
    people("allow", ANNA, "--factor", "verify")
    assert people("badge", ANNA, "--revoke").exit_code == DONE
    assert [_holder(home, text) for text in texts] == [None, None]
    assert _kept(home).factors.required is Factor.VERIFY
    result = people("badge", ANNA, "--revoke")
    assert result.exit_code == WRONG_USE
    assert f"{ANNA} has no valid badge" in result.stderr


def test_a_badge_as_a_drawing(tmp_path: Path) -> None:
    out = tmp_path / "badge.svg"
    assert people("badge", ANNA, "--out", out).exit_code == DONE
    assert out.read_bytes().startswith(b"<?xml")
    assert b"LINTEL" not in out.read_bytes()


def test_a_badge_never_overwrites_anything(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "badge.png"
    out.write_bytes(b"a picture of somebody")
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "elsewhere.png")
    for path in (out, link):
        assert people("badge", ANNA, "--out", path).exit_code == WRONG_USE
    assert out.read_bytes() == b"a picture of somebody"
    assert not (tmp_path / "elsewhere.png").exists()
    assert _kept(home).factors.badge is None


@pytest.mark.parametrize(
    "arguments",
    [(), ("--out", "badge.pdf"), ("--out", "nowhere/badge.png"), ("--out", "b.png", "--revoke")],
)
def test_a_badge_that_cannot_be_made_ends_none(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    people("badge", ANNA, "--out", tmp_path / "valid.png")
    monkeypatch.chdir(tmp_path)
    assert people("badge", ANNA, *arguments).exit_code == WRONG_USE
    assert _holder(home, _read(tmp_path / "valid.png")) == ANNA


def test_a_badge_that_could_not_be_kept_leaves_no_file(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("The database cannot be used.", "See the disk.")

    monkeypatch.setattr(References, "amend", full)
    assert people("badge", ANNA, "--out", tmp_path / "badge.png").exit_code == OUT_OF_SERVICE
    assert not (tmp_path / "badge.png").exists()
    assert [event for event, _ in _events(home)] == ["badge_issued", "change_failed"]


# -- the admin PIN -------------------------------------------------------------------------------


def _admin(text: str) -> Result:
    return CliRunner().invoke(app, ["admin", "pin", "--stdin"], input=f"{text}\n")


def test_the_admin_pin_is_set_and_replaced(home: Home) -> None:
    for text in (PIN, OTHER_PIN):
        result = _admin(text)
        assert result.exit_code == DONE, result.output
        assert text not in result.output
    admin = AdminPin(home, FileKey(home))
    assert not admin.check(PIN).right
    assert admin.check(OTHER_PIN).right
    assert [event for event, _ in _events(home)] == ["admin_pin_set"] * 2


@pytest.mark.parametrize("weak", ["4711", "123456", ""])
def test_a_weak_admin_pin_is_refused(home: Home, weak: str) -> None:
    assert _admin(weak).exit_code == WRONG_USE
    assert not home.admin.exists()
    assert _events(home) == []


# -- what is written down, and what is not ---------------------------------------------------------


def _everything_once(tmp_path: Path) -> None:
    people("allow", ANNA, "--group", "the-laboratory-at-night", "--until", "2031-12-31")
    people("allow", ANNA, "--credential", "9876543210987654321")
    set_pin(PIN)
    set_pin(DURESS, "--duress")
    people("badge", ANNA, "--out", tmp_path / "badge.png")
    people("allow", ANNA, "--factor", "badge")
    people("badge", ANNA, "--revoke")
    people("pin", ANNA, "--remove")
    _admin(OTHER_PIN)


def test_every_change_is_in_the_journal_in_plain_words(home: Home, tmp_path: Path) -> None:
    _everything_once(tmp_path)
    events = _events(home)
    assert [(event, details.get("changed")) for event, details in events] == [
        ("rules_changed", ["groups", "valid_until"]),
        ("rules_changed", ["credential"]),
        ("pin_set", None),
        ("pin_set", None),
        ("badge_issued", None),
        ("rules_changed", ["factor"]),
        ("badge_revoked", None),
        ("pin_removed", None),
        ("admin_pin_set", None),
    ]
    said = [sentence(AuditEntry("", event, details)) for event, details in events]  # type: ignore[arg-type] # as it was read
    assert said[0] == f"What {ANNA} may do was changed: groups, valid until."
    assert said[3] == f"{ANNA} got a new duress PIN."
    assert len(set(said)) == len(said)


def test_neither_database_nor_journal_holds_anything_of_it(home: Home, tmp_path: Path) -> None:
    people("badge", ANNA, "--out", tmp_path / "badge.png")
    *_, serial, code = _read(tmp_path / "badge.png").split(":")
    _everything_once(tmp_path)
    haystack = raw(home.path)
    assert ANNA.encode() in haystack
    days = "2031-12-31"  # no less: four digits stand in the journal's hashes some day
    for secret in (PIN, DURESS, OTHER_PIN, serial, code, "the-laboratory", days, "98765432109"):
        assert secret.encode() not in haystack, secret


def test_a_change_that_cannot_be_written_down_is_not_made(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_pin(PIN)
    before = _kept(home)

    def unwritable(*_: object) -> None:
        raise JournalUnwritable("The journal cannot be written.", "See the disk.")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", unwritable)
        assert people("allow", ANNA, "--group", "staff").exit_code == OUT_OF_SERVICE
        assert set_pin(OTHER_PIN).exit_code == OUT_OF_SERVICE
        assert people("badge", ANNA, "--out", tmp_path / "b.png").exit_code == OUT_OF_SERVICE
        assert people("pin", ANNA, "--remove").exit_code == OUT_OF_SERVICE
        assert _admin(PIN).exit_code == OUT_OF_SERVICE
    assert _kept(home) == before
    assert not (tmp_path / "b.png").exists()
    assert not home.admin.exists()


def test_a_change_that_fails_is_written_down_as_failed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("The database cannot be used.", "See the disk.")

    monkeypatch.setattr(References, "amend", full)
    assert people("allow", ANNA, "--group", "staff").exit_code == OUT_OF_SERVICE
    event, details = _events(home)[-1]
    assert (event, details["tried"], details["subject"]) == ("change_failed", "rules_changed", ANNA)
    said = sentence(AuditEntry("", event, details))  # type: ignore[arg-type] # as it was read
    assert said == "That change failed. The database cannot be used."


def test_nobody_unknown_gets_anything(home: Home, tmp_path: Path) -> None:
    before = lines(home.journal)
    for result in (
        people("allow", CHEN, "--group", "staff"),
        set_pin(PIN, subject=CHEN),
        people("badge", CHEN, "--out", tmp_path / "badge.png"),
        people("badge", CHEN, "--revoke"),
    ):
        assert result.exit_code == WRONG_USE
        assert f"{CHEN} is not enrolled" in result.stderr
    assert lines(home.journal) == before
    assert not (tmp_path / "badge.png").exists()


def test_the_list_shows_groups_and_factor_and_no_secrets(home: Home) -> None:
    set_pin(PIN)
    people("allow", ANNA, "--group", "staff", "--factor", "pin")
    shown = people("list").stdout
    assert "staff" in shown
    assert "pin" in shown
    listed = json.loads(people("list", "--json").stdout)["people"]
    assert [(p["groups"], p["factor"]) for p in listed] == [(["staff"], "pin"), ([], "none")]
    told = json.loads(people("show", ANNA, "--json").stdout)
    assert (told["factor"], told["has_pin"], told["has_badge"]) == ("pin", True, False)
    kept = _kept(home).factors.pin
    assert kept is not None
    for output in (shown, json.dumps(told)):
        assert kept.digest.hex() not in output
        assert kept.salt.hex() not in output
