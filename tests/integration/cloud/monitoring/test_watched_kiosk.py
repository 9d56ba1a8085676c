"""A kiosk that runs with the peer: metrics, the doctor, the installer's line."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast

import pytest
from rekognition_peer import PeerInTest, peer

from config.sections.cloud import CloudSettings
from config.settings import Settings
from kiosk.app.admin.cloud_now import cloud_part
from kiosk.app.reporter import Reporter
from kiosk.app.whole_run import Mode, _in_the_cloud
from kiosk.cloud.client.circuits import FAILURES
from kiosk.cloud.generations import FactGenerations
from kiosk.cloud.ids import make_key
from kiosk.cloud.monitoring.decision_counts import DecisionCountFile
from kiosk.cloud.outbox.port import CloudWork, WorkKind
from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.diagnostics.cloud import cloud, opt_out_of
from kiosk.domain.access.machine import Decision
from kiosk.domain.access.states import Reason
from kiosk.domain.cloud.faces import CloudId, ModelVersion
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.planning import CountedDecisions
from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.errors import CloudUnavailable
from kiosk.domain.finding import Health
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.effect_runner import DecisionOutcome
from kiosk.journal.events.access import NotReleased
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.wiring.cloud.kept import kept_for_cloud
from kiosk.wiring.cloud.shared import door_faces, shared_faces
from kiosk.wiring.vision import Weights

NO_WEIGHTS = cast("Weights", None)
GENERATION = Generation(1, 1, ModelVersion("7.0"))
NAME = ShardedCollections("lintel", GENERATION).names[0]
FAR = 30.0


@dataclass
class Watched:
    """A home with a collection in force, and the peer."""

    peer: PeerInTest
    open_home: OpenHome

    @property
    def home(self) -> Path:
        return self.open_home.home.path

    def settings(self, **more: object) -> Settings:
        chosen = {"mode": "both-agree", **self.peer.settings(**more)}
        return Settings(cloud=CloudSettings.model_validate(chosen))

    def rows(self, **more: object) -> list[tuple[Health, str]]:
        return [(each.health, each.text) for each in cloud(self.home, self.settings(**more))]


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with peer() as there, OpenHome.open(tmp_path / "home") as open_home:
        for name, value in there.environment.items():
            monkeypatch.setenv(name, value)
        made = Watched(there, open_home)
        make_key(open_home.home.cloud_ids)
        there.client().create_collection(CollectionId=NAME)
        with kept_for_cloud(made.settings(), open_home.home) as kept:
            record = Generations(1, GENERATION, last_number=1)
            assert FactGenerations(kept.metadata).replace(Generations(), record)
        yield made


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def read(port: int) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=FAR) as answer:
        return bytes(answer.read()).decode()


def events(watched: Watched) -> list[dict[str, Any]]:
    return [json.loads(line) for line in watched.open_home.home.journal.read_text().splitlines()]


# -- metrics and the journal ---------------------------------------------------------------------


def test_a_kiosk_shows_its_metrics_where_the_settings_say(watched: Watched) -> None:
    port = free_port()
    settings = watched.settings(metrics=f"127.0.0.1:{port}", sample_every=2)
    reporter = Reporter(json=True)
    decision = Decision(Instant(1.0), Reason.MATCHED, SubjectId("s-17"))
    with _in_the_cloud(settings, watched.open_home, NO_WEIGHTS, Mode.LIVE, reporter):
        faces = shared_faces(settings.cloud, watched.home)
        for _ in range(2):
            faces.search(NAME, watched.peer.faces.of("ada"), 99.0, seconds=FAR)
        at_the_door = door_faces(settings.cloud, watched.home)
        at_the_door.search(NAME, watched.peer.faces.of("ada"), 99.0, seconds=FAR)
        watched.open_home.recorder.note(NotReleased("s-17", Reason.PASSING))
        with reporter.stopwatch.time("attack"):
            pass
        reporter.observe(DecisionOutcome(decision, 54.0))
        reporter.observe(DecisionOutcome(decision, None))
        page = read(port)
    counted = DecisionCountFile(watched.open_home.home.cloud_spending).counted()
    assert counted.by_mode == {CloudMode.BOTH_AGREE: CountedDecisions(1, 1)}
    assert 'lintel_stage_seconds_count{stage="attack"} 1.0' in page
    assert 'lintel_stage_seconds_sum{stage="release"} 0.054' in page
    assert 'lintel_cloud_calls_total{operation="SearchUsersByImage",outcome="answered"} 3.0' in page
    assert 'lintel_authentications_total{outcome="refused",reason="passing"} 1.0' in page
    assert "lintel_cloud_spent_share 3e-05" in page  # three calls of a hundred thousand
    assert "lintel_cloud_dead_letters 0.0" in page
    assert "s-17" not in page
    (sampled,) = (each for each in events(watched) if each["event"] == "cloud_comparison")
    details = sampled["details"]
    assert (details["best"], details["faces"], details["model"]) == ("nobody", 1, "7.0")
    assert details["width"] > 0


def test_a_circuit_that_shuts_is_in_the_journal_once(watched: Watched) -> None:
    settings = watched.settings(tps={"SearchUsersByImage": 1000.0})
    watched.peer.server.faults.add(FaultRule(PeerFault.REFUSED, name="InternalServerError"))
    with _in_the_cloud(settings, watched.open_home, NO_WEIGHTS, Mode.LIVE, Reporter(json=True)):
        faces = shared_faces(settings.cloud, watched.home)
        for _ in range(FAILURES + 3):
            with pytest.raises(CloudUnavailable):
                faces.search(NAME, watched.peer.faces.of("ada"), 99.0, seconds=0.5)
        part = cloud_part(settings, watched.open_home.home)
        assert part is not None
        now = part()
    assert now.mode == "both-agree"
    assert now.gone_since is not None
    assert sum(each["event"] == "cloud_circuit" for each in events(watched)) == 1


def test_a_port_that_is_taken_stops_no_kiosk(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = watched.settings(metrics=f"127.0.0.1:{taken.getsockname()[1]}")
        with _in_the_cloud(
            settings, watched.open_home, NO_WEIGHTS, Mode.LIVE, Reporter(json=True)
        ) as elsewhere:
            assert elsewhere is not None
    assert "cloud.metrics" in capsys.readouterr().err


def test_the_installers_line_knows_the_last_answer_and_what_is_spent(watched: Watched) -> None:
    settings = watched.settings(monthly_limit=0.01)
    faces = shared_faces(settings.cloud, watched.home)
    part = cloud_part(settings, watched.open_home.home)
    assert part is not None
    assert (part().answered_at, part().gone_since, part().spent) == (None, None, 0.0)
    faces.search(NAME, watched.peer.faces.of("ada"), 99.0, seconds=FAR)
    now = part()
    assert now.answered_at is not None
    assert now.spent == pytest.approx(0.1)
    assert cloud_part(Settings(), watched.open_home.home) is None


# -- the doctor ----------------------------------------------------------------------------------


def test_the_doctor_finds_nothing_wrong_but_the_peer(watched: Watched) -> None:
    rows = watched.rows()
    assert [text for health, text in rows if health is not Health.OK] == [
        f"a server on this machine answers instead of AWS: {watched.peer.endpoint}"
    ]
    assert (Health.OK, "1 collections of face model 7.0; the fullest 0%") in rows


def test_without_the_cloud_there_is_no_row(tmp_path: Path) -> None:
    assert list(cloud(tmp_path, Settings())) == []


def test_before_anything_was_kept_it_says_what_to_do(tmp_path: Path) -> None:
    settings = Settings(
        cloud=CloudSettings.model_validate({"mode": "cloud", "region": "eu-west-1"})
    )
    rows = list(cloud(tmp_path, settings))
    assert rows[-1].remedy == "Run `kiosk cloud init`."
    assert not list(tmp_path.iterdir())
    assert any("allowed_regions" in each.text for each in rows)


def test_a_model_without_a_threshold_is_bad(watched: Watched) -> None:
    rows = watched.rows(thresholds={"6.0": 99.0})
    assert (Health.BAD, "cloud.thresholds names no similarity for face model 7.0") in rows


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ExpiredTokenException", "credentials"),
        ("AccessDeniedException", "may not call"),
    ],
)
def test_refused_credentials_are_bad(watched: Watched, name: str, said: str) -> None:
    watched.peer.server.faults.add(FaultRule(PeerFault.REFUSED, name=name))
    bad = [text for health, text in watched.rows() if health is Health.BAD]
    assert len(bad) == 1
    assert said in bad[0].lower()


@pytest.mark.parametrize(
    ("ahead", "health", "said"),
    [
        (0.0, Health.OK, "agree"),
        (90.0, Health.WARN, r"behind Rekognition's"),
        (-90.0, Health.WARN, r"ahead of Rekognition's"),
        (3600.0, Health.BAD, r"behind Rekognition's"),
        (-3600.0, Health.BAD, r"ahead of Rekognition's"),
    ],
)
def test_a_clock_that_is_off_is_told_of_before_it_is_refused(
    watched: Watched, ahead: float, health: Health, said: str
) -> None:
    watched.peer.clock.ahead = ahead
    assert [each for each, text in watched.rows() if said in text] == [health]


def test_a_service_that_does_not_answer_has_no_clock(watched: Watched) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        rows = watched.rows(endpoint=f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert [text for health, text in rows if health is Health.BAD and "no connection" in text]
    assert not [text for _, text in rows if "clock" in text]


@pytest.mark.parametrize(
    "date",
    [
        "",
        "soon",
        "Mon, 20 Nov 1995 19:12:08 -0000",
        "Mon, 20 Nov 1995 19:12:08 +9999",
        "Mon, 20 Nov 1995 19:12:08 +99999999999999999999",
        "Mon, 20 Nov 99999999999999999999 19:12:08 GMT",
    ],
)
@pytest.mark.parametrize("refused", [False, True])
def test_a_time_that_is_none_is_not_known(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, date: str, *, refused: bool
) -> None:
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda *_: date)
    if refused:
        watched.peer.server.faults.add(FaultRule(PeerFault.REFUSED, name="AccessDeniedException"))
    assert (Health.WARN, "Rekognition does not tell its time") in watched.rows()


def test_metrics_are_where_the_settings_say(watched: Watched) -> None:
    port = free_port()
    row = Health.OK, f"a kiosk can listen on cloud.metrics 127.0.0.1:{port}"
    assert row in watched.rows(metrics=f"127.0.0.1:{port}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        rows = watched.rows(metrics=f"127.0.0.1:{port}")
    (found,) = [row for row in rows if "cloud.metrics" in row[1]]
    assert found[0] is Health.WARN
    assert found[1].startswith(f"Nothing can listen on cloud.metrics 127.0.0.1:{port}: ")


@pytest.mark.parametrize(("listening", "health"), [(True, Health.OK), (False, Health.WARN)])
def test_a_kiosk_that_runs_is_asked_if_it_listens(
    watched: Watched, *, listening: bool, health: Health
) -> None:
    with ExitStack() as stack:
        stack.enter_context(instance_lock(watched.open_home.home))
        socket_there = stack.enter_context(socket.socket())
        socket_there.bind(("127.0.0.1", 0))
        if listening:
            socket_there.listen()
        there = f"127.0.0.1:{socket_there.getsockname()[1]}"
        assert [each for each, t in watched.rows(metrics=there) if "metrics" in t] == [health]


def test_metrics_that_others_reach_are_told_of(watched: Watched) -> None:
    """An address of documentation, which no machine has."""
    rows = [row for row in watched.rows(metrics="192.0.2.1:9464") if "metrics" in row[1]]
    assert [health for health, _ in rows] == [Health.WARN, Health.WARN]
    assert "no password" in rows[0][1]


def test_a_collection_that_is_gone_is_bad(watched: Watched) -> None:
    watched.peer.client().delete_collection(CollectionId=NAME)
    assert (Health.BAD, f"The collection {NAME} does not exist.") in watched.rows()


@pytest.mark.parametrize(
    ("limit", "health"), [(0.0, Health.BAD), (0.001, Health.BAD), (1.0, Health.OK)]
)
def test_what_is_spent_is_compared_with_the_limit(
    watched: Watched, limit: float, health: Health
) -> None:
    settings = watched.settings()
    faces = shared_faces(settings.cloud, watched.home)
    faces.search(NAME, watched.peer.faces.of("ada"), 99.0, seconds=FAR)
    rows = watched.rows(monthly_limit=limit)
    assert [each for each, text in rows if "spent in" in text or "limit" in text] == [health]


def test_dead_letters_are_told_of(watched: Watched) -> None:
    with kept_for_cloud(watched.settings(), watched.open_home.home) as kept:
        own = kept.outboxes.own
        own.add(CloudWork(WorkKind.WITHDRAW, CloudId("a" * 32)))
        own.bury(own.take(1)[0], "It failed ten times.")
    assert (Health.WARN, "1 pieces of work were given up, 0 wait") in watched.rows()


def policy(**services: str) -> str:
    return json.dumps({"services": {k: {"opt_out_policy": v} for k, v in services.items()}})


@pytest.mark.parametrize(
    ("text", "health"),
    [
        (policy(default="optOut"), Health.OK),
        (policy(rekognition="optOut"), Health.OK),
        (policy(default="optOut", rekognition="optIn"), Health.WARN),
        (policy(default="optIn", rekognition="optOut"), Health.OK),
        ("", Health.WARN),
        ("[]", Health.WARN),
        ('{"services": {}}', Health.WARN),
        ('{"services": {"default": 3}}', Health.WARN),
    ],
)
def test_the_opt_out_of_data_use_is_read_or_not_known(text: str, health: Health) -> None:
    """R61."""
    found = opt_out_of(text)
    assert found.health is health
    assert bool(found.remedy) is (health is not Health.OK)
