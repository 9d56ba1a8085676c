"""`kiosk evaluate` as people and programs call it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from evaluation_data import data, pack
from typer.testing import CliRunner, Result

from kiosk.cli import app

DONE, WRONG_USE, OUT_OF_SERVICE = 0, 2, 4


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is."""
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path / "home"


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


# -- bad input; nothing of it needs weights ------------------------------------------------------


def refused(result: Result, problem: str) -> None:
    assert result.exit_code == WRONG_USE
    assert problem in result.stderr
    assert result.stdout == ""


def test_a_list_without_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "1.jpg").write_bytes(b"x")
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b\nann/1.jpg,ann/1.jpg\n")
    refused(evaluate("recognition", "--pairs", pairs, "--images", tmp_path), "no column mated")


def test_a_list_with_an_unknown_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"x")
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b,mated\n1.jpg,2.jpg,1\n")
    result = evaluate("recognition", "--pairs", pairs, "--images", tmp_path)
    refused(result, "pairs.csv, line 2: there is no image '2.jpg'")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b,mated\n")
    refused(evaluate("recognition", "--pairs", pairs, "--images", tmp_path), "holds no images")
    result = evaluate("pad", "--bona-fide", tmp_path, "--attack", f"print={tmp_path}")
    refused(result, "holds no presentation")


def test_an_attack_without_a_species_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"x")
    result = evaluate("pad", "--bona-fide", tmp_path, "--attack", tmp_path)
    refused(result, "does not say which species")


def test_an_attack_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"x")
    result = evaluate("pad", "--bona-fide", tmp_path, "--attack", "print=nowhere")
    refused(result, "nowhere does not exist")


def test_both_sides_are_needed(tmp_path: Path) -> None:
    assert evaluate("pad", "--bona-fide", tmp_path).exit_code == WRONG_USE
    assert evaluate("pad", "--attack", f"print={tmp_path}").exit_code == WRONG_USE
    assert evaluate("recognition", "--images", tmp_path).exit_code == WRONG_USE


@pytest.mark.parametrize("both", [(), ("--pairs", "pairs.csv", "--frames", "2")])
def test_single_images_or_means_have_to_be_chosen(tmp_path: Path, both: tuple[str, ...]) -> None:
    result = evaluate("recognition", "--images", tmp_path, *both)
    refused(result, "What is to be compared is not clear")
    assert "--frames NUMBER" in result.stderr


def test_wrong_names_are_left_out_of_single_images_only(tmp_path: Path) -> None:
    options = ("--images", tmp_path, "--frames", "2", "--left-out", "wrong.csv")
    refused(evaluate("recognition", *options), "What is to be compared is not clear")


def test_a_list_of_wrong_names_that_names_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"x")
    pairs, wrong = tmp_path / "pairs.csv", tmp_path / "wrong.csv"
    pairs.write_text("a,b,mated\n1.jpg,1.jpg,1\n")
    wrong.write_text("image,reason\n2.jpg,another person\n")
    options = ("--pairs", pairs, "--images", tmp_path, "--left-out", wrong)
    refused(evaluate("recognition", *options), "wrong.csv lists none of the images")


def test_missing_weights_are_out_of_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.jpg").write_bytes(b"x")
    monkeypatch.setenv("KIOSK_MODELS__DIRECTORY", str(tmp_path / "nowhere"))
    result = evaluate("pad", "--bona-fide", tmp_path, "--attack", f"print={tmp_path}")
    assert result.exit_code == OUT_OF_SERVICE
    assert "kiosk models install" in result.stderr


# -- real people and prints ----------------------------------------------------------------------


@pytest.fixture
def few(tmp_path: Path) -> tuple[Path, Path]:
    """Ten mated and ten non-mated pairs of the recordings' list, and their images alone."""
    pack()
    lfw = data("lfw")
    with (lfw / "pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = [row for kind in "10" for row in [r for r in rows if r["mated"] == kind][:10]]
    images = tmp_path / "images"
    for name in {row[side] for row in chosen for side in "ab"}:
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        (images / name).symlink_to(lfw / "images" / name)
    pairs = tmp_path / "few.csv"
    with pairs.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["a", "b", "mated"])
        writer.writeheader()
        writer.writerows(chosen)
    return pairs, images


@pytest.mark.data
@pytest.mark.weights
def test_recognition_of_a_few_people(few: tuple[Path, Path], home: Path) -> None:
    pairs, images = few
    result = evaluate("recognition", "--pairs", pairs, "--images", images, "--json")
    assert result.exit_code == DONE, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    assert told["accuracy"] >= 0.85
    assert set(told["fnmr_at_fmr"]) == {"1e-2", "1e-3", "1e-4"}
    assert told["fnmr_at_fmr"]["1e-2"] <= 0.2
    assert told["failure_to_acquire_rate"] <= 0.1
    assert told["counts"]["pairs"] == 20
    assert told["fmr_shown"]["1e-4"] is False
    assert any("cannot show a false match rate of 1e-4" in note for note in told["notes"])
    assert told["at_calibrated_scores"]["1e-4"]["score"] == pytest.approx(0.4287)
    assert told["at_calibrated_scores"]["1e-3"]["fnmr"] <= 0.2
    assert (told["left_out"], told["without_left_out"]) == ([], None)
    assert not home.exists(), "measuring keeps nothing"


@pytest.mark.data
@pytest.mark.weights
def test_rates_are_told_with_and_without_wrong_names(few: tuple[Path, Path]) -> None:
    """A man's picture in the folder of a woman is missed, and is not once it is left out."""
    pairs, images = few
    rows = [line.split(",") for line in pairs.read_text().splitlines()]
    of_one = next(row[0] for row in rows if row[2] == "1")
    other = next(row[1] for row in rows if row[2] == "0" and row[1].split("/")[0] not in of_one)
    wrong = Path(of_one).parent / "wrong.jpg"
    (images / wrong).symlink_to((images / other).resolve())
    listed = pairs.parent / "wrong.csv"
    listed.write_text(f"image,reason\n{wrong},another person\n")
    options = ("--pairs", pairs, "--images", images, "--left-out", listed)
    told = json.loads(evaluate("recognition", *options, "--json").stdout)
    without = told["without_left_out"]
    assert told["left_out"] == [str(wrong)]
    missed = [each["at_calibrated_scores"]["1e-4"]["false_non_matches"] for each in (told, without)]
    assert missed[0] >= missed[1] + 2
    assert without["counts"]["images"] == told["counts"]["images"] - 1
    shown = evaluate("recognition", *options)
    assert "The same, 1 with a wrong name left out" in shown.stdout
    assert "FNMR at the pack's score for 1e-4" in shown.stdout


@pytest.mark.data
@pytest.mark.weights
def test_recognition_by_means_of_frames(tmp_path: Path, home: Path) -> None:
    """Two people, each twice; every second presentation is in a folder of its person."""
    pack()
    webcam = data("webcam", "bona_fide")
    for person in sorted(webcam.iterdir())[:2]:
        recording = min(path for path in person.iterdir() if path.is_dir())
        for number, first in enumerate((0, 20)):
            folder = tmp_path / "images" / person.name / f"walk-{number}"
            folder.mkdir(parents=True)
            for path in sorted(recording.glob("*.jpg"))[first : first + 3]:
                (folder / path.name).symlink_to(path)
    images = tmp_path / "images"
    result = evaluate("recognition", "--frames", "3", "--images", images, "--json")
    assert result.exit_code == DONE, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    assert told["frames"] == 3
    counts = told["counts"]
    assert (counts["people"], counts["means"]) == (2, 4)
    assert (counts["mated_comparisons"], counts["non_mated_comparisons"]) == (2, 4)
    assert told["fnmr_at_fmr"] == {"1e-2": 0.0, "1e-3": 0.0, "1e-4": 0.0}
    assert told["margin"] == pytest.approx(told["lowest_mated"] - told["highest_non_mated"])
    assert told["margin"] >= 0.15
    assert not home.exists(), "measuring keeps nothing"
    shown = evaluate("recognition", "--frames", "3", "--images", images)
    assert shown.exit_code == DONE, shown.stderr
    assert f"{told['margin']:.3f}" in shown.stdout


@pytest.mark.data
@pytest.mark.weights
def test_a_person_and_a_print_at_the_shipped_operating_point() -> None:
    pack()
    webcam = data("webcam")
    person = min((webcam / "bona_fide").glob("*/*"))
    printed = min((webcam / "print").glob("*/*"))
    result = evaluate("pad", "--bona-fide", person, "--attack", f"print={printed}", "--json")
    assert result.exit_code == DONE, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    assert told["presentation"]["bpcer"] == 0.0
    assert told["presentation"]["apcer"] == {"print": 0.0}
    assert told["frame"]["apcer"]["print"] <= 0.1
    assert told["presentation"]["counts"]["bona_fide"]["taken_for_bona_fide"] == 1
    assert told["operating_point"]["pad_threshold"] == 0.4
    assert "too few" in told["claims"]["bpcer"]
    assert next(p["verdict"] for p in told["presentations"]) == "bona_fide"


@pytest.mark.data
@pytest.mark.weights
def test_what_the_gate_refuses_is_a_failure_to_acquire(few: tuple[Path, Path]) -> None:
    pairs, images = few
    stricter = images.parent / "config.toml"
    stricter.write_text("[quality]\nmax_yaw = 8.0\n")
    arguments = ["--pairs", pairs, "--images", images, "--config", stricter, "--json"]
    free, gated = (
        evaluate("recognition", *arguments),
        evaluate("recognition", *arguments, "--gated"),
    )
    assert json.loads(free.stdout)["failures_to_acquire"].keys() <= {"no_face"}
    told = json.loads(gated.stdout)
    assert told["failures_to_acquire"]["turned_away"] >= 1
    assert told["gated"] is True
    assert told["accuracy"] < json.loads(free.stdout)["accuracy"], "who is not seen is not let in"
