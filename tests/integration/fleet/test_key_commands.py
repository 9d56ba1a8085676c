"""Commands about keys: dry runs that write nothing, and what is told to programs and people."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from fleet_keys import Keys, Machine
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, SteeredStore, everything, person
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.diagnostics.fleet import fleet as doctor
from kiosk.domain.errors import BadInput, FleetStoreUnreachable
from kiosk.domain.finding import Health
from kiosk.fleet.device import Device, DeviceFile
from kiosk.fleet.keys.public_file import PublicKeys
from kiosk.fleet.publisher import Publisher
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.keyring import Keyring


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        made.told(person("anna"))
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> Kiosk:
    return fleet.kiosk("front", HARBOUR)


def run(fleet: SmallFleet, *words: str, keys: Path | None = None) -> Result:
    where = ("--store", f"folder:{fleet.store.path}", "--keys", str(keys or fleet.keys.folder))
    return CliRunner().invoke(app, [*words, *where])


def run_alone(*words: str) -> dict[str, str]:
    """What a command tells that needs no store."""
    said: dict[str, str] = json.loads(CliRunner().invoke(app, ["fleet", *words, "--json"]).stdout)
    return said


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder, but those that only lock."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


# -- dry runs ------------------------------------------------------------------------------------

DRY = {
    "scope add": ("fleet", "scope", "add", "east", "--door", "e"),
    "revoke": ("fleet", "revoke", "DEVICE"),
    "approve": ("fleet", "approve", "DEVICE", "--scope", YARD),
    "publish": ("fleet", "publish"),
    "suspend": ("people", "suspend", "anna"),
    "resume": ("people", "resume", "anna"),
    "move": ("people", "move", "anna", "--scope", YARD),
    "erase": ("people", "erase", "anna"),
    "keys add": ("fleet", "keys", "add"),
    "keys remove": ("fleet", "keys", "remove", "admin-3"),
    "keys replace": ("fleet", "keys", "replace", "admin-3"),
    "keys replace publisher": ("fleet", "keys", "replace", "publisher"),
    "keys threshold": ("fleet", "keys", "threshold", "3"),
    "keys renew": ("fleet", "keys", "renew"),
}


@pytest.mark.parametrize("act", DRY)
def test_a_dry_run_does_everything_but_write(fleet: SmallFleet, front: Kiosk, act: str) -> None:
    words = [front.fingerprint if word == "DEVICE" else word for word in DRY[act]]
    before = everything(fleet.store), files(fleet.keys.folder)
    tried = run(fleet, *words, "--dry-run", "--json")
    assert tried.exit_code == 0, tried.output
    assert (everything(fleet.store), files(fleet.keys.folder)) == before
    told = run(fleet, *words, "--dry-run")
    assert told.output.endswith("It was a dry run: nothing was written.\n")
    yes = ("--yes",) if act == "erase" else ()
    done = run(fleet, *words, *yes, "--json")
    assert done.exit_code == 0, done.output
    assert everything(fleet.store) != before[0]
    said = json.loads(tried.stdout)
    assert said.pop("dry_run") is True
    real = json.loads(done.stdout)
    assert {*said} == {*real}
    differing = {"expires": 0, "awaited": None}  # nobody is awaited where nobody was erased
    assert said | differing == real | differing


@pytest.mark.parametrize("act", ["sign", "reject"])
def test_a_dry_run_of_what_is_done_about_a_change_that_waits(fleet: SmallFleet, act: str) -> None:
    change = Machine(fleet, "admin-1").leave(lambda it: it.admin.say(HARBOUR, [person("boris")]))
    two = Machine(fleet, "admin-2").folder
    status = run(fleet, "fleet", "status", keys=two).output
    assert "1 changes wait for more admins: see `kiosk fleet pending`." in status
    before = everything(fleet.store), files(two)
    words = ("fleet", act, change.ident)
    tried = run(fleet, *words, "--dry-run", "--json", keys=two)
    assert tried.exit_code == 0, tried.output
    told = run(fleet, *words, "--dry-run", keys=two)
    assert told.output.endswith("It was a dry run: nothing was written.\n")
    assert (everything(fleet.store), files(two)) == before
    yes = ("--yes",) if act == "sign" else ()
    done = run(fleet, *words, *yes, "--json", keys=two)
    assert json.loads(tried.stdout) == {**json.loads(done.stdout), "dry_run": True}
    assert everything(fleet.store) != before[0]


def test_a_dry_run_makes_no_keys(tmp_path: Path) -> None:
    words = ("fleet", "keys", "make", "--keys", str(tmp_path / "mine"))
    tried = CliRunner().invoke(app, [*words, "--dry-run", "--json"])
    public = str(tmp_path / "mine" / "admin-new.public.json")
    assert json.loads(tried.stdout) == {"public": public, "dry_run": True}
    assert list(tmp_path.iterdir()) == []
    made = CliRunner().invoke(app, words)
    assert (made.exit_code, "have no passphrase" in made.stderr) == (0, True)
    again = CliRunner().invoke(app, [*words, "--dry-run"])
    assert (again.exit_code, "exists already" in again.output) == (2, True)


def test_a_dry_run_of_the_state_remembers_nothing(fleet: SmallFleet) -> None:
    (fleet.keys.folder / "seen.json").unlink()
    before = files(fleet.keys.folder)
    for look in ("status", "verify", "diff"):
        assert run(fleet, "fleet", look, "--dry-run").exit_code == 0
    assert files(fleet.keys.folder) == before
    assert run(fleet, "fleet", "status").exit_code == 0
    assert files(fleet.keys.folder) != before


def test_a_fleet_that_cannot_be_founded_leaves_no_folder(tmp_path: Path) -> None:
    where = ("--store", f"folder:{tmp_path / 'store'}", "--keys", str(tmp_path / "keys"))
    ended = CliRunner().invoke(app, ["fleet", "init", *where, "--admins", "1"])
    assert (ended.exit_code, "2 of 1 admins cannot sign" in ended.output) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("fleet", "scope", "add", HARBOUR, "--door", "x"), 2, "There is a scope"),
        (("fleet", "approve", "0" * 32, "--scope", HARBOUR), 2, "No device"),
        (("people", "erase", "nobody"), 2, "Nobody with the id"),
        (("fleet", "keys", "remove", "admin-9"), 2, "There is no admin"),
        (("fleet", "publish", "--watch"), 2, "--watch"),
    ],
)
def test_a_dry_run_fails_where_the_real_one_would(
    fleet: SmallFleet, words: tuple[str, ...], code: int, told: str
) -> None:
    before = everything(fleet.store)
    ended = run(fleet, *words, "--dry-run")
    assert (ended.exit_code, told in ended.output) == (code, True), ended.output
    assert everything(fleet.store) == before


def test_founding_dry_makes_neither_store_nor_keys(tmp_path: Path) -> None:
    store, keys = tmp_path / "store", tmp_path / "keys"
    words = ("fleet", "init", "--store", f"folder:{store}", "--keys", str(keys), "--dry-run")
    tried = CliRunner().invoke(app, [*words, "--json"])
    assert json.loads(tried.stdout) == {
        "admins": 3,
        "threshold": 2,
        "root": str(keys / "root.json"),
        "dry_run": True,
    }
    assert list(tmp_path.iterdir()) == []
    real = CliRunner().invoke(app, words[:-1])
    assert real.exit_code == 0, real.output
    again = CliRunner().invoke(app, words)
    assert (again.exit_code, "exists already" in again.output) == (2, True)
    other = CliRunner().invoke(app, [*words[:5], str(tmp_path / "other"), "--dry-run"])
    assert (other.exit_code, "holds a fleet already" in other.output) == (2, True)


def test_a_dry_run_with_one_key_tells_that_others_have_to_sign(
    fleet: SmallFleet, tmp_path: Path
) -> None:
    for name in ("admin-2", "admin-3"):
        (fleet.keys.folder / f"{name}.key").rename(tmp_path / f"{name}.key")
    before = everything(fleet.store), files(fleet.keys.folder)
    said = json.loads(run(fleet, "people", "suspend", "anna", "--dry-run", "--json").stdout)
    assert (said["signed"], said["missing"], said["dry_run"]) == (["admin-1"], 1, True)
    assert (everything(fleet.store), files(fleet.keys.folder)) == before


# -- verify and pending, as commands -------------------------------------------------------------


def test_verify_ends_with_three_where_something_is_wrong(fleet: SmallFleet) -> None:
    right = run(fleet, "fleet", "verify")
    assert (right.exit_code, right.stderr) == (0, "")
    assert "Scope harbour: 1 statements, 1 records, 1 opened." in right.stdout
    (name,) = everything(fleet.store, "targets/scopes/").keys() & {
        name for name in everything(fleet.store) if HARBOUR in name
    }
    fleet.store.delete(name)
    wrong = run(fleet, "fleet", "verify", "--json")
    assert wrong.exit_code == 3
    assert name in " ".join(json.loads(wrong.stdout)["problems"])


def test_a_change_is_signed_only_after_a_yes(fleet: SmallFleet, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, number in ((one, 1), (two, 2)):
        folder.mkdir(mode=0o700)
        for file in (f"admin-{number}.key", "root.json"):
            (folder / file).write_bytes((fleet.keys.folder / file).read_bytes())
            (folder / file).chmod(0o600)
    left = json.loads(run(fleet, "people", "suspend", "anna", "--json", keys=one).stdout)
    shown = run(fleet, "fleet", "pending", keys=two)
    assert "anna changed: suspended: False -> True" in shown.stdout
    refused = run(fleet, "fleet", "sign", left["pending"], keys=two)
    assert (refused.exit_code, "nobody confirmed it" in refused.output) == (2, True)
    assert everything(fleet.store, layout.CHANGES) == {}
    signed = run(fleet, "fleet", "sign", left["pending"], "--yes", "--json", keys=two)
    assert json.loads(signed.stdout) == {"pending": left["pending"], "effective": True}
    assert len(everything(fleet.store, layout.CHANGES)) == 1
    assert run(fleet, "fleet", "pending", keys=two).stdout == "Nothing waits to be signed.\n"
    gone = run(fleet, "fleet", "sign", left["pending"], "--yes", keys=two)
    assert (gone.exit_code, "No change" in gone.output) == (2, True)
    left = json.loads(run(fleet, "people", "suspend", "anna", "--json", keys=one).stdout)
    fleet.told(person("boris"))
    assert "Other people of harbour were changed" in run(fleet, "fleet", "pending", keys=two).stdout
    over = run(fleet, "fleet", "sign", left["pending"], "--yes", "--json", keys=two)
    said = json.loads(over.stdout)
    assert (said["effective"], said["instead_of"]) == (False, left["pending"])
    ended = run(fleet, "fleet", "sign", said["pending"], "--yes", keys=one)
    assert ended.stdout.endswith("It has taken effect.\n")


@pytest.fixture
def two_and_one(fleet: SmallFleet, tmp_path: Path) -> tuple[Path, Path]:
    """The keys of two admins, and those of the third."""
    machines = tmp_path / "two", tmp_path / "three"
    for folder, numbers in zip(machines, ((1, 2), (3,)), strict=True):
        folder.mkdir(mode=0o700)
        for file in (*(f"admin-{number}.key" for number in numbers), "root.json"):
            shutil.copy(fleet.keys.folder / file, folder)
    return machines


@pytest.mark.parametrize("act", ["remove", "replace"])
def test_the_key_of_an_admin_who_goes_counts_by_the_root_of_today_alone(
    fleet: SmallFleet, two_and_one: tuple[Path, Path], tmp_path: Path, act: str
) -> None:
    """Where it is one of just enough, the change waits for an admin who stays."""
    two, three = two_and_one
    made = run_alone("keys", "make", "--keys", str(tmp_path / "new"), "--name", "admin-4")
    public = () if act == "remove" else ("--public", made["public"])
    left = json.loads(
        run(fleet, "fleet", "keys", act, "admin-2", *public, "--json", keys=two).stdout
    )
    assert (left["signed"], left["missing"]) == (["admin-1", "admin-2"], 1)
    before = json.loads(run(fleet, "fleet", "keys", "list", "--json").stdout)
    assert "admin-2" in {each["name"] for each in before["admins"]}
    ended = run(fleet, "fleet", "sign", left["pending"], "--yes", "--json", keys=three)
    assert json.loads(ended.stdout) == {"pending": left["pending"], "effective": True}
    admins = json.loads(run(fleet, "fleet", "keys", "list", "--json").stdout)["admins"]
    after = {"remove": {"admin-1", "admin-3"}, "replace": {"admin-1", "admin-3", "admin-4"}}
    assert {each["name"] for each in admins} == after[act]
    told = run(fleet, "people", "suspend", "anna", keys=two).stdout
    assert told.startswith("Signed by admin-1; 1 more of the admins must sign it")
    assert "signed by admin-1" in run(fleet, "fleet", "pending", keys=three).stdout


def test_more_admins_have_to_sign_that_more_have_to(
    fleet: SmallFleet, two_and_one: tuple[Path, Path]
) -> None:
    """The keys of two are enough by the root of today, and not by the one that would follow."""
    two, three = two_and_one
    words = ("fleet", "keys", "threshold", "3")
    told = run(fleet, *words, "--dry-run", keys=two).stdout
    assert "Signed by admin-1, admin-2; 1 more of the admins must sign it" in told
    alone = json.loads(run(fleet, *words, "--dry-run", "--json", keys=three).stdout)
    assert (alone["signed"], alone["missing"]) == (["admin-3"], 2)
    left = json.loads(run(fleet, *words, "--json", keys=two).stdout)
    shown = run(fleet, "fleet", "pending", keys=three).stdout
    assert "signed by admin-1, admin-2, 1 more must;" in shown
    ended = run(fleet, "fleet", "sign", left["pending"], "--yes", "--json", keys=three)
    assert json.loads(ended.stdout) == {"pending": left["pending"], "effective": True}
    assert json.loads(run(fleet, "fleet", "keys", "list", "--json").stdout)["threshold"] == 3


# -- a file of public keys -----------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 10_000, b'{"format": 1}', b'{"format": 9}'])
def test_a_file_that_holds_no_public_keys(fleet: SmallFleet, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "public").write_bytes(data)
    ended = run(fleet, "fleet", "keys", "add", "--public", str(tmp_path / "public"))
    assert (ended.exit_code, "does not hold the public keys" in ended.output) == (2, True)


def test_an_admins_own_key_under_another_name_is_not_a_second_admin(
    fleet: SmallFleet, tmp_path: Path
) -> None:
    """They would sign for two. A claimed id, or other letters for the same key, make no other."""
    public = tmp_path / "public.json"
    PublicKeys.of(fleet.keys.admins[0]).write(public)
    said = json.loads(public.read_bytes())
    said["signing"] |= {"keyid": "00" * 32}
    said["signing"]["keyval"]["public"] = said["signing"]["keyval"]["public"].upper()
    public.write_text(json.dumps(said), encoding="utf-8")
    ended = run(fleet, "fleet", "keys", "add", "--public", str(public))
    assert (ended.exit_code, "is an admin's already" in ended.output) == (2, True)


def test_the_fingerprint_of_keys_that_are_handed_over(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["fleet", "keys", "make", "--keys", str(tmp_path), "--json"])
    said = json.loads(made.stdout)
    assert PublicKeys.read(Path(said["public"])).fingerprint == said["fingerprint"]
    again = CliRunner().invoke(app, ["fleet", "keys", "make", "--keys", str(tmp_path)])
    assert (again.exit_code, "exists already" in again.output) == (2, True)
    for name in ("root", "admin-", "admin-../x", "admin-A"):
        words = ["fleet", "keys", "make", "--keys", str(tmp_path), "--name", name]
        assert CliRunner().invoke(app, words).exit_code == 2


# -- warnings ------------------------------------------------------------------------------------


def test_status_and_doctor_warn_before_what_admins_signed_expires(
    fleet: SmallFleet, front: Kiosk
) -> None:
    assert fleet.admin.status().warnings == (
        f"3 admins' keys in {fleet.keys.folder} have no passphrase.",
    )
    fleet.clock.by = timedelta(days=-320)
    Keys(fleet).renew()
    fleet.clock.by = timedelta()
    warnings = " ".join(fleet.admin.status().warnings)
    until = datetime.now(UTC) + timedelta(days=45)
    assert f"The root of trust expires on {until:%Y-%m-%d}: renew it." in warnings
    assert f"What admins have signed expires on {until:%Y-%m-%d}: renew it." in warnings
    Publisher(fleet.store, fleet.keys.root, fleet.publishing, fleet.clock.utc).publish()
    front.sync()
    rows = [row for row in doctor(front.path) if "expires" in str(row)]
    assert [row.health for row in rows] == [Health.WARN, Health.WARN]
    Keys(fleet).renew()
    assert "expires" not in " ".join(fleet.admin.status().warnings)


# -- a device that is enrolled again -------------------------------------------------------------


def joined(front: Kiosk, root: bytes, store: ObjectStore) -> Device:
    file = DeviceFile(front.open_home.home)
    return file.join(f"folder:{front.store.path}", root, front.open_home.recorder.note, store)


def test_a_newer_root_of_the_same_fleet_keeps_the_device(fleet: SmallFleet, front: Kiosk) -> None:
    old = fleet.keys.root
    for _ in range(2):
        Keys(fleet).renew()
    newest = fleet.keys.root
    device = joined(front, newest, fleet.store)
    assert (device.fingerprint, device.root) == (front.fingerprint, newest)
    assert DeviceFile(front.open_home.home).load() == device
    assert joined(front, old, fleet.store).root == newest


def test_a_root_of_another_fleet_is_refused(
    fleet: SmallFleet, front: Kiosk, tmp_path: Path
) -> None:
    with SmallFleet(tmp_path / "other") as other:
        Keys(other).renew()
        with pytest.raises(BadInput, match="by another root of trust"):
            joined(front, other.keys.root, fleet.store)
    with pytest.raises(BadInput, match="is no root of trust"):
        joined(front, b"{}", fleet.store)


def test_a_store_that_is_away_takes_no_newer_root(fleet: SmallFleet, front: Kiosk) -> None:
    Keys(fleet).renew()
    away = SteeredStore(fleet.store)

    def gone(*_: object, **__: object) -> None:
        raise FleetStoreUnreachable("The power is off.", "Switch it on.")

    away.get = gone  # type: ignore[method-assign, assignment] # a store that is away
    with pytest.raises(FleetStoreUnreachable):
        joined(front, fleet.keys.root, away)
    assert DeviceFile(front.open_home.home).load() == front.device
    assert Keyring(fleet.keys.folder).root == fleet.keys.root
