"""What other programs read: every key that is promised, its type, and nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import evaluation_data
import pytest
from kept_home import furnish
from kiosk_process import Ended, environment, kiosk

pytestmark = [pytest.mark.weights, pytest.mark.data]

Types = Mapping[str, type | tuple[type, ...]]
NOTHING = type(None)
PERSON = evaluation_data.people()[0]
DECISION: Types = {
    "event": str,
    "outcome": str,
    "reason": str,
    "subject": (str, NOTHING),
    "at_seconds": float,
    "capture_to_release_ms": (float, NOTHING),
    "pad": (float, NOTHING),
    "probes": int,
    "defect": (str, NOTHING),
}
SUMMARY: Types = {
    "event": str,
    "frames": int,
    "decisions": int,
    "door_releases": int,
    "frames_per_second": float,
    "stage_ms": dict,
    "peak_rss_mb": float,
}


def holds(said: Mapping[str, Any], types: Types) -> bool:
    """Whether it has these keys, no others, and each of its type."""
    assert set(said) == set(types), said
    return all(isinstance(said[key], kinds) for key, kinds in types.items())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("json") / "home")


@pytest.fixture(scope="module")
def enrolment(home: Path) -> Ended:
    pictures = evaluation_data.for_enrolment(PERSON)
    arguments = ("--home", home, "--subject", PERSON, "--consent", "form 3", "--json")
    return kiosk("enrol", *arguments, *pictures)


def run(home: Path, recording: Path) -> Ended:
    source = f"images:{recording}"
    return kiosk("run", "--home", home, "--source", source, "--headless", "--json")


@pytest.fixture(scope="module")
def granted(home: Path, enrolment: Ended) -> Ended:
    assert enrolment.code == 0
    return run(home, walk()[0].parent)


def walk() -> Sequence[Path]:
    """Frames of a recording that the enrolment did not see."""
    return next(iter(evaluation_data.walks(PERSON).values()))


@pytest.fixture(scope="module")
def refused(home: Path, enrolment: Ended) -> Ended:
    assert enrolment.code == 0
    paper = next(iter(evaluation_data.recordings("print", PERSON).values()))
    return run(home, paper[0].parent)


def test_enrol(enrolment: Ended) -> None:
    assert (enrolment.code, enrolment.err) == (0, "")
    assert holds(enrolment.said, {"subject": str, "references": int, "refused": list})
    assert enrolment.said["subject"] == PERSON
    assert enrolment.said["references"] + len(enrolment.said["refused"]) == 5
    assert all(holds(r, {"image": str, "reason": str}) for r in enrolment.said["refused"])


def test_enrol_takes_a_folder_in_natural_order_and_keeps_the_best(home: Path) -> None:
    folder = evaluation_data.for_enrolment(evaluation_data.people()[-1])[0].parent
    arguments = ("--home", home, "--subject", "folder", "--consent", "form 3", "--json")
    said = kiosk("enrol", *arguments, folder).said
    assert said["references"] == 6
    assert {r["reason"] for r in said["refused"]} >= {"more_than_needed"}


def test_run_prints_decisions_and_at_last_a_summary(granted: Ended) -> None:
    assert (granted.code, granted.err) == (0, "")
    *before, summary = granted.events
    assert {said["event"] for said in before} <= {"decision", "preview", "ready"}
    assert holds(summary, SUMMARY)
    assert set(summary["stage_ms"]) == {"find", "quality", "attack", "match"}
    assert all(isinstance(ms, float) for ms in summary["stage_ms"].values())
    assert summary["frames"] == len(walk())
    assert summary["peak_rss_mb"] < 450
    decisions = granted.of("decision")
    assert summary["decisions"] == len(decisions)
    assert summary["door_releases"] == 1


def test_a_grant(granted: Ended) -> None:
    (decision,) = granted.of("decision")
    assert holds(decision, DECISION)
    assert (decision["outcome"], decision["reason"]) == ("granted", "matched")
    assert decision["subject"] == PERSON
    assert decision["capture_to_release_ms"] > 0.0
    assert 0.0 <= decision["at_seconds"] <= len(walk()) / 15
    assert 0.0 <= decision["pad"] <= 1.0
    assert decision["probes"] == 10
    assert decision["defect"] is None


def test_a_refusal_names_nobody_and_no_score(refused: Ended) -> None:
    for decision in refused.of("decision"):
        assert holds(decision, DECISION)
        assert decision["outcome"] == "refused"
        assert decision["subject"] is None
        assert decision["capture_to_release_ms"] is None
    assert refused.of("decision")
    assert "score" not in refused.out
    assert PERSON not in refused.out


def test_audit_verify(home: Path, granted: Ended, refused: Ended) -> None:
    assert granted.code == refused.code == 0
    ended = kiosk("audit", "verify", "--home", home, "--json")
    assert (ended.code, ended.err) == (0, "")
    types: Types = {"verified": bool, "entries": int, "last_at": str, "seal_checked": bool}
    assert holds(ended.said, types)
    assert ended.said["verified"]
    assert ended.said["seal_checked"]
    assert datetime.fromisoformat(ended.said["last_at"]).utcoffset() is not None


def test_models_verify() -> None:
    ended = kiosk("models", "verify", "--json")
    assert (ended.code, ended.err) == (0, "")
    files = ended.said["files"]
    assert isinstance(ended.said["pack"], str)
    assert {file["state"] for file in files} == {"ok"}
    assert {file["role"] for file in files} == {"landmarks", "embedding", "attack"}
    assert all(len(file["sha256"]) == 64 for file in files)


def test_people(home: Path, enrolment: Ended) -> None:
    assert enrolment.code == 0
    listed = kiosk("people", "list", "--home", home, "--json").said["people"]
    types: Types = {
        "subject": str,
        "given_name": (str, NOTHING),
        "references": int,
        "enrolled_at": str,
        "groups": list,
        "factor": str,
        "has_pin": bool,
        "has_badge": bool,
    }
    assert all(holds(person, types) for person in listed)
    assert PERSON in {person["subject"] for person in listed}


def test_the_home_may_be_named_by_the_environment(home: Path) -> None:
    env = environment(KIOSK_HOME=str(home))
    assert kiosk("people", "list", "--json", env=env).said["people"]


@pytest.mark.parametrize(
    "arguments", [("run", "--headless", "--speed", "2"), ("evaluate",), ("open-the-door",), ()]
)
def test_wrong_use(arguments: tuple[str, ...]) -> None:
    ended = kiosk(*arguments)
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert "Usage" in ended.err + ended.out


def test_the_same_recording_decides_alike_every_time(home: Path, granted: Ended) -> None:
    """Scores and times to the last digit: only the machine's own speed may differ."""
    again = run(home, walk()[0].parent)
    assert [_deterministic(said) for said in again.of("decision")] == [
        _deterministic(said) for said in granted.of("decision")
    ]
    first, second = _journalled(home, "recognised")
    assert first == second


def _deterministic(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != "capture_to_release_ms"}


def _journalled(home: Path, event: str) -> list[dict[str, Any]]:
    """What the journal says of every such event, scores included."""
    exported = kiosk("audit", "export", "-", "--home", home)
    return [said["details"] for said in exported.events if said["event"] == event]
