"""The commands of a rollout: what they print, dry runs, and admins on different machines."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from rolling_fleet import Rolling, RollingKiosk, margin
from small_fleet import HARBOUR, SmallFleet, everything
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.fleet.rollout.plan import Ring


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        made.publish()
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "fleet.toml").write_text(margin(0.1), encoding="utf-8")
    return tmp_path / "fleet.toml"


def run(fleet: SmallFleet, *words: str | Path, keys: Path | None = None) -> Result:
    where = ("--store", f"folder:{fleet.store.path}", "--keys", str(keys or fleet.keys.folder))
    return CliRunner().invoke(app, ["fleet", *map(str, words), *where])


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_from_the_first_ring_to_the_halt(fleet: SmallFleet, settings: Path) -> None:
    kiosk = RollingKiosk(fleet.kiosk("canary"))
    rung = run(fleet, "ring", kiosk.kiosk.fingerprint, "canary", "--json")
    assert json.loads(rung.stdout) == {"device": kiosk.kiosk.fingerprint, "ring": "canary"}
    begun = run(fleet, "rollout", "--settings", settings, "--scope", HARBOUR, "--json")
    said = json.loads(begun.stdout)
    assert (said["number"], said["previous"], said["ring"]) == (1, None, "canary")
    kiosk.sync()
    kiosk.restart()
    kiosk.work(grants=3)
    shown = run(fleet, "rollout", "status")
    assert "version 1, as far as canary; 1 of 1 devices run with it, 3 decisions: waits." in (
        shown.stdout
    )
    assert shown.exit_code == 0
    refused = run(fleet, "rollout", "advance", "--scope", HARBOUR)
    assert refused.exit_code == 3
    assert "3 of 200 decisions" in refused.output
    assert run(fleet, "rollout", "advance", "--scope", HARBOUR, "--anyway").exit_code == 0
    assert run(fleet, "rollout", "--ring", "all", "--scope", HARBOUR).exit_code == 3
    halted = run(fleet, "halt", "--scope", HARBOUR)
    assert "is halted in harbour: every kiosk goes back to their own settings" in halted.stdout
    kiosk.sync()
    assert kiosk.restart().number == 0


def test_a_rollout_that_does_harm_ends_the_status_otherwise(
    fleet: SmallFleet, settings: Path
) -> None:
    kiosk = RollingKiosk(fleet.kiosk("all"))
    fleet.publish()
    kiosk.sync()
    kiosk.work(grants=200, hours=9.0)
    run(fleet, "rollout", "--settings", settings, "--scope", HARBOUR, "--ring", "all")
    kiosk.sync()
    kiosk.restart()
    kiosk.work(grants=0, refusals=30)
    shown = run(fleet, "rollout", "status", "--json")
    assert shown.exit_code == 3
    (told,) = json.loads(shown.stdout)["rollouts"]
    assert (told["state"], told["held_back"], told["decisions"]) == ("bad", False, 30)
    assert told["devices"][0]["refusals"] == 30


def test_dry_runs_write_nothing(fleet: SmallFleet) -> None:
    kiosk = RollingKiosk(fleet.kiosk("front"))
    Rolling(fleet).begin(margin(0.2))
    before, keys = everything(fleet.store), files(fleet.keys.folder)
    for words in (
        ("ring", kiosk.kiosk.fingerprint, "canary"),
        ("rollout", "advance", "--scope", HARBOUR, "--anyway"),
        ("halt", "--scope", HARBOUR),
    ):
        done = run(fleet, *words, "--dry-run")
        assert done.exit_code == 0, done.output
        assert "It was a dry run: nothing was written." in done.stdout
    assert (everything(fleet.store), files(fleet.keys.folder)) == (before, keys)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rollout", "--scope", HARBOUR), "There is nothing to roll out"),
        (("rollout", "--settings", "none.toml", "--scope", HARBOUR), "cannot be read"),
        (("rollout", "--settings", "bad.toml", "--scope", HARBOUR), "door.driver is not for a"),
        (("rollout", "--settings", "latin.toml", "--scope", HARBOUR), "is no UTF-8 text"),
        (("rollout", "--models", "nothing", "--scope", HARBOUR), "nothing"),
        (("rollout", "--settings", "ok.toml", "--scope", HARBOUR, "--ring", "x"), "no ring 'x'"),
        (("rollout", "--settings", "ok.toml", "--scope", "quay"), "There is no scope 'quay'"),
        (("rollout", "--settings", "ok.toml", "advance", "--scope", HARBOUR), "after advance"),
        (("rollout", "advance", "--scope", HARBOUR), "Nothing was rolled out"),
        (("halt", "--scope", HARBOUR), "Nothing was rolled out"),
        (("ring", "00", "canary"), "There is no device 00"),
    ],
)
def test_bad_input(
    fleet: SmallFleet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ok.toml").write_text(margin(0.1), encoding="utf-8")
    Path("bad.toml").write_text('[door]\ndriver = "simulated"\n', encoding="utf-8")
    Path("latin.toml").write_bytes(b'[screen]\norganisation = "M\xfcller"\n')
    before = everything(fleet.store)
    done = run(fleet, *words)
    assert done.exit_code != 0
    assert told in " ".join(done.output.split()), done.output
    assert everything(fleet.store) == before


def test_the_second_admin_sees_what_is_rolled_out_and_signs(
    fleet: SmallFleet, settings: Path, tmp_path: Path
) -> None:
    kiosk = RollingKiosk(fleet.kiosk("front"))
    fleet.publish()
    machines = [tmp_path / f"machine-{n}" for n in (1, 2)]
    for n, folder in enumerate(machines, 1):
        folder.mkdir(mode=0o700)
        for file in (f"admin-{n}.key", "root.json"):
            shutil.copy(fleet.keys.folder / file, folder / file)
    order = ("rollout", "--settings", settings, "--scope", HARBOUR, "--ring", "all")
    left = json.loads(run(fleet, *order, "--json", keys=machines[0]).stdout)
    assert left["missing"] == 1
    kiosk.sync()
    assert kiosk.known.following is None
    shown = run(fleet, "pending", keys=machines[1]).stdout
    assert "Scope harbour: version 1 of the settings goes as far as all." in shown
    assert "margin = 0.1" in shown
    assert "It halts if refusals rise by more than 5 points" in shown
    signed = run(fleet, "sign", left["pending"], "--yes", keys=machines[1])
    assert signed.exit_code == 0, signed.output
    fleet.publish()
    kiosk.sync()
    assert kiosk.restart().settings.match.margin == 0.1


def test_the_whole_store_is_verified_with_rollouts_in_it(fleet: SmallFleet) -> None:
    kiosk = RollingKiosk(fleet.kiosk("front"))
    Rolling(fleet).ring(kiosk, Ring.CANARY)
    Rolling(fleet).begin(margin(0.1))
    checked = run(fleet, "verify", "--json")
    assert checked.exit_code == 0, checked.output
    Rolling(fleet).director().halt(HARBOUR)
    shown = run(fleet, "diff").stdout
    assert "version 1 is halted, and every kiosk goes back to their own settings" in shown
