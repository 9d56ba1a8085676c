"""Which engine runs: by the settings, by what is installed, and by what was proven here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from model_samples import pack_of, pin

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from models.engines import choice as choosing
from models.engines.choice import chosen
from models.engines.circumstances import circumstances, differing, processor
from models.engines.installed import lacking
from models.engines.record import (
    MOST_BYTES,
    EngineRecord,
    read_record,
    record_path,
    write_record,
)
from models.packs.manifest import Engine

PACK = pack_of(pin(b"weights"))
EQUAL = EngineRecord(
    circumstances(PACK),
    equal=True,
    disagreements=(),
    milliseconds={"reference": 30.0, "litert": 20.0},
    made_on="2026-5-4",
)
DISAGREE = replace(EQUAL, equal=False, disagreements=("landmarks: 7 px, allowed 0.1",))
Install = Callable[..., None]


@pytest.fixture(autouse=True)
def installs(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Both engines are installed, or the named ones."""

    def only(*there: Engine) -> None:
        monkeypatch.setattr(
            choosing, "lacking", lambda _, engine: [] if engine in there else ["mediapipe"]
        )

    only("reference", "litert")
    return only


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / PACK.name).mkdir()
    return tmp_path


def keep(record: EngineRecord, weights: Path) -> Path:
    path = record_path(PACK, weights)
    write_record(record, path)
    return path


class TestAuto:
    def test_the_faster_of_two_that_were_proven_equal(self, weights: Path) -> None:
        keep(EQUAL, weights)
        choice = chosen("auto", PACK, weights)
        assert choice.engine == "litert"
        assert choice.why == "proven equal on 2026-5-4, at 0.67 of the reference's time"
        assert (choice.doubt, choice.remedy) == ("", "")

    @pytest.mark.parametrize("spent", [30.0, 31.0])
    def test_the_reference_where_litert_is_no_faster(self, weights: Path, spent: float) -> None:
        keep(replace(EQUAL, milliseconds={"reference": 30.0, "litert": spent}), weights)
        assert chosen("auto", PACK, weights).engine == "reference"

    def test_the_reference_where_nothing_was_proven(self, weights: Path) -> None:
        choice = chosen("auto", PACK, weights)
        assert (choice.engine, choice.doubt) == ("reference", "")
        assert isinstance(choice.remedy, Remedy)
        assert choice.remedy.step is NextStep.COMPARE_ENGINES

    def test_the_reference_and_a_doubt_where_they_disagree(self, weights: Path) -> None:
        keep(DISAGREE, weights)
        choice = chosen("auto", PACK, weights)
        assert choice.engine == "reference"
        assert choice.doubt == "the engines disagree: landmarks: 7 px, allowed 0.1"

    @pytest.mark.parametrize("what", ["processor", "libraries", "weights", "code"])
    def test_a_proof_under_other_circumstances_does_not_count(
        self, weights: Path, what: str
    ) -> None:
        keep(replace(EQUAL, circumstances={**EQUAL.circumstances, what: "another"}), weights)
        choice = chosen("auto", PACK, weights)
        assert choice.engine == "reference"
        assert choice.why == f"the engines were compared with another {what}"

    def test_a_proof_without_a_time_decides_nothing(self, weights: Path) -> None:
        keep(replace(EQUAL, milliseconds={"litert": 1.0}), weights)
        assert chosen("auto", PACK, weights).engine == "reference"

    def test_a_proof_about_other_weights_does_not_count(self, weights: Path) -> None:
        keep(EQUAL, weights)
        other = pack_of(pin(b"others"))
        assert chosen("auto", other, weights).engine == "reference"

    def test_the_only_one_that_is_installed(self, weights: Path, installs: Install) -> None:
        """On an aarch64 board: MediaPipe has no wheel there."""
        installs("litert")
        choice = chosen("auto", PACK, weights)
        assert (choice.engine, choice.doubt) == ("litert", "")
        assert choice.remedy.step is NextStep.COMPARE_ENGINES  # type: ignore[attr-defined] # a Remedy
        keep(replace(EQUAL, milliseconds={}), weights)
        assert "as of 2026-5-4" in chosen("auto", PACK, weights).why
        keep(DISAGREE, weights)
        wrong = chosen("auto", PACK, weights)
        assert (wrong.engine, bool(wrong.doubt)) == ("litert", True)
        installs("reference")
        assert chosen("auto", PACK, weights).engine == "reference"

    def test_none_is_installed(self, weights: Path, installs: Install) -> None:
        installs()
        with pytest.raises(ModelError, match="needs mediapipe, not installed"):
            chosen("auto", PACK, weights)


class TestNamed:
    @pytest.mark.parametrize("engine", ["reference", "litert"])
    def test_what_the_settings_name_runs_whatever_was_proven(
        self, weights: Path, engine: Engine
    ) -> None:
        keep(DISAGREE, weights)
        choice = chosen(engine, PACK, weights)
        assert choice.engine == engine
        assert bool(choice.doubt) is (engine == "litert")

    @pytest.mark.parametrize("engine", ["reference", "litert"])
    def test_what_is_not_installed_is_refused(
        self, weights: Path, installs: Install, engine: Engine
    ) -> None:
        installs(*{"reference", "litert"} - {engine})
        with pytest.raises(ModelError, match=f"engine {engine} needs") as caught:
            chosen(engine, PACK, weights)
        assert "models.engine" in caught.value.remedy


class TestRecords:
    def test_a_record_is_read_as_it_was_written(self, weights: Path) -> None:
        path = keep(DISAGREE, weights)
        assert read_record(path) == DISAGREE
        assert path.stat().st_mode & 0o777 == 0o644
        assert [each.name for each in path.parent.iterdir()] == [path.name], "nothing is left over"

    @pytest.mark.parametrize(
        "change",
        [
            {"schema": 2},
            {"equal": 1},
            {"equal": "true"},
            {"circumstances": []},
            {"circumstances": {"processor": 1}},
            {"disagreements": "none"},
            {"disagreements": [1]},
            {"milliseconds": {"litert": "fast"}},
            {"milliseconds": {"litert": float("nan")}},
            {"milliseconds": {"litert": -1.0}},
            {"made_on": None},
        ],
        ids=str,
    )
    def test_what_is_no_record_does_not_count(
        self, weights: Path, change: Mapping[str, object]
    ) -> None:
        path = keep(EQUAL, weights)
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        assert read_record(path) is None
        assert chosen("auto", PACK, weights).engine == "reference"

    @pytest.mark.parametrize("held", [b"", b"no", b"[]", b"{}", b"\xff", b"[" * 10_000, b"null"])
    def test_neither_does_what_is_no_json(self, weights: Path, held: bytes) -> None:
        path = keep(EQUAL, weights)
        path.write_bytes(held)
        assert read_record(path) is None

    def test_nor_a_file_that_would_fill_the_memory(self, weights: Path) -> None:
        path = keep(EQUAL, weights)
        path.write_text(path.read_text() + " " * MOST_BYTES)
        assert read_record(path) is None

    def test_a_folder_in_its_place_is_none(self, weights: Path) -> None:
        record_path(PACK, weights).mkdir()
        assert read_record(record_path(PACK, weights)) is None
        with pytest.raises(OSError, match=r"engines\.json"):
            write_record(EQUAL, record_path(PACK, weights))
        assert [each.name for each in (weights / PACK.name).iterdir()] == ["engines.json"]


class TestCircumstances:
    X86 = "processor: 0\nmodel name: Fast\nflags: sse4_2 avx\nprocessor: 1\nmodel name: Fast\n"

    def test_a_processor_without_avx_is_another(self) -> None:
        assert processor(self.X86) == processor(self.X86.replace("sse4_2 avx", "avx sse4_2"))
        assert processor(self.X86) != processor(self.X86.replace(" avx", ""))
        assert processor(self.X86) != processor(self.X86.replace("Fast", "Other"))
        assert "Fast" in processor(self.X86)

    def test_an_arm_processor_is_told_by_its_part_and_features(self) -> None:
        board = "CPU part: 0xd0b\nFeatures: fp asimd\nModel: Raspberry Pi 5\n"
        assert processor(board) != processor(board.replace("asimd", ""))
        assert "Raspberry Pi 5" in processor(board)

    def test_nothing_known_of_the_processor_is_a_processor_too(self) -> None:
        assert processor("")

    def test_what_differs_is_named(self) -> None:
        now = circumstances(PACK)
        assert set(now) == {"processor", "libraries", "weights", "code"}
        assert differing(now, now) == ""
        assert differing({}, {"a": "1", "b": "2"}) == "a and b"


def test_what_an_engine_lacks_is_found_without_importing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    absent = {"mediapipe", "onnxruntime"}
    monkeypatch.setattr(
        "models.engines.installed.util.find_spec", lambda name: None if name in absent else name
    )
    assert lacking(PACK, "reference") == ["mediapipe"]
    assert lacking(PACK, "litert") == []
    runs = pack_of(replace(pin(b"x"), runtime="onnxruntime"))
    assert lacking(runs, "reference") == ["mediapipe", "onnxruntime"]
    assert lacking(runs, "litert") == ["onnxruntime"]
