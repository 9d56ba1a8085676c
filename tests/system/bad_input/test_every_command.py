"""Every command of the README's table does its main job in the environment that `make demo` makes.

That one has what requirements.lock holds and no more: no driver's library, no tool of the tests.
The demonstration and the benchmark, which take long, are played there by their own tests.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import runtime_environment
from evaluation_data import pack
from installed_kiosk import InstalledKiosk
from kiosk_process import Ended, Running, bare
from mjpeg_camera import MjpegCamera, jpeg
from readme_commands import listed

from config.settings import Settings
from kiosk.bench.person import PORTRAITS, Walk, person_of
from kiosk.domain.errors import ModelError
from models.packs.installed import load_manifest, shared_directory, verified

pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]

PERSON = "p-1042"
PIN = "471180619253\n"
IN_TESTS_OF_THEIR_OWN = {
    "cloud dlq discard": "test_cloud_commands.py",
    "cloud dlq list": "test_cloud_commands.py",
    "cloud dlq retry": "test_cloud_commands.py",
    "cloud dlq show": "test_cloud_commands.py",
    "cloud erase": "test_cloud_commands.py",
    "cloud index": "test_cloud_commands.py",
    "cloud init": "test_cloud_commands.py",
    "cloud peer": "test_cloud_peer.py",
    "cloud plan": "test_cloud_commands.py",
    "cloud reconcile": "test_cloud_commands.py",
    "cloud reindex": "test_cloud_commands.py",
    "cloud status": "test_cloud_commands.py",
    "demo": "test_demo.py",
    "bench": "test_bench_command.py",
    "device enrol": "test_two_kiosks.py",
    "device offer": "test_two_kiosks.py",
    "fleet accept": "test_two_kiosks.py",
    "fleet approve": "test_two_kiosks.py",
    "fleet erasure": "test_two_kiosks.py",
    "fleet diff": "test_fleet_keys.py",
    "fleet keys add": "test_fleet_keys.py",
    "fleet keys list": "test_fleet_keys.py",
    "fleet keys make": "test_fleet_keys.py",
    "fleet keys remove": "test_fleet_keys.py",
    "fleet keys renew": "test_fleet_keys.py",
    "fleet keys replace": "test_fleet_keys.py",
    "fleet keys threshold": "test_fleet_keys.py",
    "fleet pending": "test_fleet_keys.py",
    "fleet reject": "test_fleet_keys.py",
    "fleet sign": "test_fleet_keys.py",
    "fleet verify": "test_fleet_keys.py",
    "fleet import": "test_two_kiosks.py",
    "fleet init": "test_two_kiosks.py",
    "fleet invite list": "test_enrolled_elsewhere.py",
    "fleet invite revoke": "test_enrolled_elsewhere.py",
    "fleet invite": "test_enrolled_elsewhere.py",
    "fleet inviter add": "test_enrolled_elsewhere.py",
    "fleet inviter drop": "test_enrolled_elsewhere.py",
    "fleet inviter list": "test_enrolled_elsewhere.py",
    "fleet journal": "test_two_kiosks.py",
    "fleet offers": "test_two_kiosks.py",
    "fleet people": "test_enrolled_elsewhere.py",
    "fleet policy": "test_two_kiosks.py",
    "fleet publish": "test_two_kiosks.py",
    "fleet revoke": "test_two_kiosks.py",
    "fleet halt": "test_settings_rolled_out.py",
    "fleet ring": "test_settings_rolled_out.py",
    "fleet rollout advance": "test_settings_rolled_out.py",
    "fleet rollout status": "test_settings_rolled_out.py",
    "fleet rollout": "test_settings_rolled_out.py",
    "fleet scope add": "test_two_kiosks.py",
    "fleet status": "test_two_kiosks.py",
    "fleet review": "test_two_kiosks.py",
    "people move": "test_two_kiosks.py",
    "people resume": "test_two_kiosks.py",
    "people suspend": "test_two_kiosks.py",
    "people reviewed": "test_two_kiosks.py",
    "sync": "test_two_kiosks.py",
}
WALK_FPS = 15
REFUSED, OUT_OF_SERVICE = 3, 4


class Site:
    """A kiosk's home, somebody enrolled in it, and the `kiosk` of a runtime environment."""

    def __init__(self, python: Path, folder: Path, portrait: Path, walk: Walk) -> None:
        self.installed, self.folder, self.portrait = InstalledKiosk(python), folder, portrait
        self.home = folder / "home"
        self.empty = walk.empty
        self.walk = folder / "walk"
        self.walk.mkdir()
        every = round(walk.fps / WALK_FPS)
        for number, pixels in enumerate([*walk.pictures, *walk.empty][::every]):
            (self.walk / f"{number:03}.jpg").write_bytes(jpeg(pixels))
        self.source = f"images:{self.walk}?fps={WALK_FPS}"

    def kiosk(self, *arguments: str | Path, typed: str = "") -> Ended:
        return self.installed.run(*arguments, typed=typed, KIOSK_HOME=str(self.home))

    def done(self, *arguments: str | Path, typed: str = "") -> str:
        """What a command said that did its job."""
        ended = self.kiosk(*arguments, typed=typed)
        assert ended.code == 0, (arguments, ended)
        assert "Traceback" not in ended.err
        return ended.out

    def enrol(self, subject: str) -> str:
        consent = ("--consent", "form 3")
        return self.done("enrol", "--subject", subject, *consent, self.portrait)

    def copy(self, folder: Path) -> Site:
        """The same with a home of its own."""
        copied = object.__new__(Site)
        copied.__dict__.update(self.__dict__)
        copied.folder, copied.home = folder, folder / "home"
        shutil.copytree(self.home, copied.home)
        return copied


@pytest.fixture(scope="module")
def enrolled(runtime: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    loaded = pack()
    try:
        verified(load_manifest().pack(PORTRAITS), shared_directory())
    except ModelError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("site")
    person = person_of(Settings(), folder, None, ())
    walk = person.walk(Settings(), loaded)
    site = Site(runtime, folder, person.photographs[0], walk)
    assert PERSON in site.enrol(PERSON)
    return site


@pytest.fixture
def site(enrolled: Site, tmp_path: Path) -> Site:
    return enrolled.copy(tmp_path)


# -- the main job of each ------------------------------------------------------------------------


def run(site: Site) -> None:
    ended = site.kiosk("run", "--source", site.source, "--headless", "--json")
    assert ended.code == 0, ended
    (decision,) = ended.of("decision")
    assert (decision["outcome"], decision["subject"]) == ("granted", PERSON)
    assert ended.events[-1]["door_releases"] == 1


def init(site: Site) -> None:
    site.done("init", "--home", site.folder / "another")
    assert (site.folder / "another").is_dir()


def enrol(site: Site) -> None:
    site.done("people", "erase", PERSON, "--yes")
    assert "1 reference" in site.enrol("p-7")


def invite(site: Site) -> None:
    code = json.loads(site.done("invite", "--subject", "s-9", "--json"))["code"]
    assert code.startswith("LINTEL-INVITE:")
    paper = site.folder / "sheet.pdf"
    site.done("invite", "--subject", "s-9", "--language", "ar", "--sheet", paper)
    assert paper.read_bytes().startswith(b"%PDF-")


def invite_list(site: Site) -> None:
    site.done("invite", "--subject", "s-9")
    assert "s-9" in site.done("invite", "list")


def invite_revoke(site: Site) -> None:
    site.done("invite", "--subject", "s-9")
    (one,) = json.loads(site.done("invite", "list", "--json"))["invitations"]
    site.done("invite", "revoke", one["id"])


def operator_key(site: Site) -> None:
    assert "[operators.keys]" in site.done("operator", "key", "boris", "--out", site.folder / "b")


def door_status(site: Site) -> None:
    assert json.loads(site.done("door", "status", "--json"))["lock"] == "secured"


def door_release(site: Site) -> None:
    assert "released" in site.done("door", "release", "--seconds", "0.5")


def door_secure(site: Site) -> None:
    assert "secured" in site.done("door", "secure")


def door_test(site: Site) -> None:
    site.done("door", "test", "--seconds", "0.5")


def door_learn_key(site: Site) -> None:
    """The one command that is about a driver: it says how its library is installed."""
    (site.home / "config.toml").write_text(
        '[door]\ndriver = "osdp"\nfail_mode = "secure"\nlock = "strike"\n'
        '[door.osdp]\nport = "/dev/ttyS0"\nkey_file = "key.osdp"\n'
    )
    ended = site.kiosk("door", "learn-key", "--install-mode")
    ended.refused(2, "needs serial", "make setup DOOR=osdp")


def doctor(site: Site) -> None:
    (site.home / "config.toml").write_text(f'[camera]\nsource = "{site.source}"\n')
    ended = site.kiosk("doctor", "--json")
    found = {each["name"]: each["health"] for each in json.loads(ended.out)["findings"]}
    assert ended.code == int("warn" in found.values()), ended
    assert "bad" not in found.values()
    assert {found[name] for name in ("settings", "camera", "door", "models")} == {"ok"}

    (site.home / "config.toml").write_text(
        '[door]\ndriver = "modbus"\nfail_mode = "secure"\nlock = "strike"\n'
        '[door.modbus]\nhost = "127.0.0.1"\nmode = "coil"\ncoil = 0\n'
    )
    missing = site.kiosk("doctor", "--json")
    assert missing.code == OUT_OF_SERVICE
    (door,) = [each for each in json.loads(missing.out)["findings"] if each["name"] == "door"]
    assert "`make setup DOOR=modbus`" in door["remedy"]


def people_list(site: Site) -> None:
    assert PERSON in site.done("people", "list")


def people_show(site: Site) -> None:
    assert PERSON in site.done("people", "show", PERSON)


def people_candidates(site: Site) -> None:
    """An enrolled person resembles their own picture; of two faces nobody is looked for."""
    asked = ("people", "candidates", "--one-in", "10000")
    found = json.loads(site.done(*asked, site.portrait, "--json"))
    assert found["candidates"] == [{"might_be": PERSON, "one_in": 1_000_000}]
    assert "identifies nobody" in found["note"]
    assert json.loads((site.home / "journal.jsonl").read_text().splitlines()[-1])["details"] == {
        "user": os.getuid(),
        "shown": 1,
    }
    pair, one = site.folder / "two \033[2J.jpg", cv2.imread(str(site.portrait))
    cv2.imwrite(str(site.folder / "two.jpg"), np.hstack([one, one]))
    (site.folder / "two.jpg").rename(pair)
    ended = site.kiosk(*asked, pair)
    ended.refused(REFUSED, "several faces", "one person alone")
    assert "\033" not in ended.err


def people_erase(site: Site) -> None:
    site.done("people", "erase", PERSON, "--yes")
    assert PERSON not in site.done("people", "list")


def people_data(site: Site) -> None:
    kept = json.loads(site.done("people", "data", PERSON, "--json"))
    assert (kept["subject"], kept["references"]) == (PERSON, 1)
    assert kept["kept_until"] > kept["enrolled_at"]


def people_withdraw(site: Site) -> None:
    assert set(json.loads(site.done("people", "withdraw", PERSON, "--json"))) == {"receipt"}
    assert PERSON not in site.done("people", "list")


def audit_receipt(site: Site) -> None:
    number = json.loads(site.done("people", "withdraw", PERSON, "--json"))["receipt"]
    found = json.loads(site.done("audit", "receipt", number.lower(), "--json"))
    assert (found["found"], found["erased"]) == (True, True)
    assert PERSON not in str(found)
    assert site.kiosk("audit", "receipt", "2222-2222-2222-2222").code == REFUSED


def retention_run(site: Site) -> None:
    site.done("people", "allow", PERSON, "--until", "2026-01-01")
    assert json.loads(site.done("retention", "run", "--json"))["left"] == [PERSON]
    assert PERSON not in site.done("people", "list")


def backup(site: Site) -> None:
    words, made = site.folder / "words", site.folder / "backup"
    words.write_text("four words nobody guesses\n")
    said = site.done("backup", "--to", made, "--passphrase-file", words, "--json")
    assert json.loads(said)["people"] == 1


def restore(site: Site) -> None:
    backup(site)
    given = ("--from", site.folder / "backup", "--passphrase-file", site.folder / "words")
    new = ("--home", site.folder / "new")
    assert PERSON not in site.done("restore", *given, *new, "--dry-run")
    site.done("restore", *given, *new)
    assert PERSON in site.done("people", "list", *new)
    assert site.kiosk("restore", *given).code != 0
    site.done("restore", *given, "--yes")


def keys_rotate(site: Site) -> None:
    before = (site.home / "key").read_bytes()
    assert json.loads(site.done("keys", "rotate", "--json"))["rotated"]
    assert (site.home / "key").read_bytes() != before
    assert PERSON in site.done("people", "list")


def people_allow(site: Site) -> None:
    site.done("people", "allow", PERSON, "--until", "2099-12-31")
    assert "2099-12-31" in site.done("people", "show", PERSON)


def people_pin(site: Site) -> None:
    site.done("people", "pin", PERSON, "--stdin", typed=PIN)


def people_badge(site: Site) -> None:
    badge = site.folder / "badge.png"
    site.done("people", "badge", PERSON, "--out", badge)
    assert badge.stat().st_size > 0


def admin_pin(site: Site) -> None:
    site.done("admin", "pin", "--stdin", typed=PIN)


def audit_verify(site: Site) -> None:
    assert json.loads(site.done("audit", "verify", "--json"))["verified"]


def audit_tail(site: Site) -> None:
    assert "enrolled" in site.done("audit", "tail")


def audit_export(site: Site) -> None:
    site.done("audit", "export", site.folder / "journal.csv")
    assert "enrolled" in (site.folder / "journal.csv").read_text()


def audit_renew(site: Site) -> None:
    journal = site.home / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"enrolled", b"enroiled"))
    assert site.kiosk("audit", "verify").code == REFUSED
    site.done("audit", "renew", "--yes")
    site.done("audit", "verify")


def audit_accept(site: Site) -> None:
    """A backup of the people was put back."""
    people = site.home / "references.db"
    backup = people.read_bytes()
    site.done("people", "allow", PERSON, "--until", "2099-12-31")
    people.write_bytes(backup)
    assert site.kiosk("audit", "verify").code == REFUSED
    assert "references.db" in site.done("audit", "accept", "--yes")
    site.done("audit", "verify")


def cloud_policy(site: Site) -> None:
    rights = ("cloud", "policy", "door", "--account", "123456789012")
    site.kiosk(*rights).refused(2, "cloud.region is not set", "eu-west-1")
    config = site.folder / "cloud.toml"
    config.write_text('[cloud]\nregion = "eu-west-1"\n', encoding="utf-8")
    assert site.done(*rights, "--config", config).startswith("{")


def cloud_alarms(site: Site) -> None:
    config = site.folder / "alarms.toml"
    config.write_text('[cloud]\nmetrics = "0.0.0.0:9464"\n', encoding="utf-8")
    site.kiosk("cloud", "alarms", "--config", config).refused(2, "cloud.metrics", "127.0.0.1:9464")
    config.write_text('[cloud]\nmetrics = "127.0.0.1:9464"\n', encoding="utf-8")
    assert site.done("cloud", "alarms", "--config", config).startswith("{")


def models_list(site: Site) -> None:
    assert "standard" in site.done("models", "list")


def models_install(site: Site) -> None:
    into = site.folder / "weights"
    site.done("models", "install", "standard", "--from", shared_directory(), "--into", into)
    assert list(into.rglob("*.onnx"))


def models_verify(site: Site) -> None:
    site.done("models", "verify")


def evaluate_recognition(site: Site) -> None:
    """Of one picture under many names: ten pairs of each kind are the fewest."""
    images, pairs = site.folder / "images", site.folder / "pairs.csv"
    mine, others = ([f"{who}/{number}.jpg" for number in range(5)] for who in "ab")
    for place in (*mine, *others):
        (images / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site.portrait, images / place)
    mated = [f"{a},{b},1" for a, b in itertools.combinations(mine, 2)]
    non_mated = [f"{a},{b},0" for a in mine[:2] for b in others]
    pairs.write_text("\n".join(("a,b,mated", *mated, *non_mated)))
    said = site.done("evaluate", "recognition", "--pairs", pairs, "--images", images, "--json")
    assert json.loads(said)


def calibrate(site: Site) -> None:
    """Of one picture under as many names as it takes: they are all alike."""
    for number in range(25):
        (site.folder / "people" / str(number)).mkdir(parents=True)
        shutil.copy(site.portrait, site.folder / "people" / str(number))
    said = json.loads(site.done("calibrate", "--bona-fide", site.folder / "people", "--json"))
    assert said["pairs_of_people"] == len(said["alike"]) == 300


def evaluate_pad(site: Site) -> None:
    options = ("--bona-fide", site.walk, "--attack", f"print={site.walk}")
    assert json.loads(site.done("evaluate", "pad", *options, "--json"))


JOBS: Mapping[str, Callable[[Site], None]] = {
    job.__name__.replace("_", " ", 1).replace("_", "-"): job
    for job in (
        init,
        run,
        enrol,
        operator_key,
        door_status,
        door_release,
        door_secure,
        door_test,
        door_learn_key,
        doctor,
        invite,
        invite_list,
        invite_revoke,
        people_list,
        people_show,
        people_candidates,
        people_data,
        people_erase,
        people_withdraw,
        people_allow,
        people_pin,
        people_badge,
        admin_pin,
        retention_run,
        backup,
        restore,
        keys_rotate,
        audit_verify,
        audit_tail,
        audit_export,
        audit_renew,
        audit_accept,
        audit_receipt,
        cloud_alarms,
        cloud_policy,
        models_list,
        models_install,
        models_verify,
        calibrate,
        evaluate_recognition,
        evaluate_pad,
    )
}
ORDERS = {
    "operator release": "released",
    "operator secure": "secured",
    "operator lockdown": "locked_down",
    "operator lift": "secured",
    "operator pause": "secured",
    "operator resume": "secured",
    "operator deny": "secured",
    "operator reset-passback": "secured",
    "operator status": "secured",
}
"""What an operator says to a kiosk that runs, in this order, and how the door then stands."""


@pytest.mark.parametrize("command", JOBS)
def test_a_command_does_its_job_with_the_runtime_lock_alone(command: str, site: Site) -> None:
    JOBS[command](site)


@pytest.fixture
def camera(enrolled: Site) -> Iterator[MjpegCamera]:
    """Before which nobody stands."""
    room = [jpeg(pixels) for pixels in enrolled.empty[:10]]
    with MjpegCamera(lambda number: room[number % len(room)]) as camera:
        yield camera


def test_operators_are_obeyed_with_the_runtime_lock_alone(site: Site, camera: MjpegCamera) -> None:
    key = site.folder / "anna.key"
    (site.home / "config.toml").write_text(site.done("operator", "key", "anna", "--out", key))
    arguments = ("run", "--source", camera.url, "--headless", "--json")
    env = bare(KIOSK_HOME=str(site.home))
    with Running(*arguments, command=site.installed.new, env=env) as running:
        running.wait_for("ready")
        for order, condition in ORDERS.items():
            said = json.loads(site.done(*order.split(), "--as", "anna", "--key", key, "--json"))
            assert said["state"]["condition"] == condition, order
        assert running.end().code == 0


def test_a_broker_without_its_library_is_told_by_name_and_remedy(site: Site) -> None:
    (site.home / "config.toml").write_text(
        '[operators.mqtt]\nhost = "127.0.0.1"\nallow_insecure = true\n'
    )
    ended = site.kiosk("run", "--source", site.source, "--headless", "--realtime")
    ended.refused(2, "operators.mqtt needs paho", "`make setup DOOR=mqtt`")


def test_these_are_all_commands_of_the_table() -> None:
    assert listed() == {*JOBS, *ORDERS, *IN_TESTS_OF_THEIR_OWN}


@pytest.mark.parametrize("name", sorted({*IN_TESTS_OF_THEIR_OWN.values()}))
def test_the_tests_elsewhere_play_it_with_the_runtime_lock_alone(name: str) -> None:
    (path,) = Path(__file__).parents[2].rglob(name)
    assert re.search(r"\bruntime: Path\b", path.read_text(encoding="utf-8"))


# -- the environment -----------------------------------------------------------------------------


def test_the_environment_holds_the_runtime_lock_and_no_more(runtime: Path) -> None:
    here = {*runtime_environment.installed(Path(sys.executable))}
    there = {*runtime_environment.installed(runtime)}
    assert there == runtime_environment.names(runtime_environment.LOCK.read_text())
    assert {"pytest", "pymodbus", "paho-mqtt"} <= here - there
