"""What counts as an image, and what as one presentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.measure.discovery import (
    Presentation,
    images_under,
    presentations_under,
    species_of,
)

PICTURES = frozenset({".jpg", ".png"})


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for name in (
        "ann/first/1.jpg",
        "ann/first/2.JPG",
        "ann/second/1.png",
        "ann/second/notes.txt",
        "bob/clip.mp4",
        "bob/deep/er/1.jpg",
        "bob/.hidden.jpg",
        ".cache/1.jpg",
        "empty/notes.txt",
    ):
        path = tmp_path / "top" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "top"


def names(top: Path, found: tuple[Presentation, ...]) -> list[str]:
    return [str(p.path.relative_to(top)) for p in found]


def test_every_folder_of_frames_and_every_clip_is_a_presentation(top: Path) -> None:
    found = presentations_under(top, PICTURES)
    assert names(top, found) == ["ann/first", "ann/second", "bob/clip.mp4", "bob/deep/er"]
    assert {p.species for p in found} == {None}


def test_what_is_passed_over_is_told(top: Path) -> None:
    for name in ("ann/first/3.HEIC", "ann/first/4.avif"):
        (top / name).touch()
    (top / "ann/gone.jpg").symlink_to(top / "nowhere.jpg")
    told: list[Path] = []
    presentations_under(top, PICTURES, "print", told.append)
    passed = {str(path.relative_to(top)) for path in told}
    same = {"ann/first/3.HEIC", "ann/first/4.avif", "ann/second/notes.txt", "empty/notes.txt"}
    same |= {"ann/gone.jpg", "bob/.hidden.jpg", ".cache"}
    assert passed == same
    told.clear()
    images_under(top, PICTURES, told.append)
    assert {str(path.relative_to(top)) for path in told} == {*same, "bob/clip.mp4"}


def test_a_folder_with_frames_of_its_own_is_one_too(top: Path) -> None:
    (top / "0.jpg").touch()
    assert names(top, presentations_under(top, PICTURES, "print"))[0] == "."
    assert presentations_under(top / "ann/first", PICTURES) == (Presentation(top / "ann/first"),)


def test_a_clip_may_be_named_itself_whatever_its_ending(top: Path) -> None:
    clip = top / "recording.xyz"
    clip.touch()
    assert presentations_under(clip, PICTURES, "phone") == (Presentation(clip, "phone"),)


def test_links_that_go_round_are_walked_once(top: Path) -> None:
    (top / "ann/loop").symlink_to(top, target_is_directory=True)
    assert len(presentations_under(top, PICTURES)) == 4


def test_a_linked_folder_counts(top: Path, tmp_path: Path) -> None:
    linked = tmp_path / "elsewhere"
    linked.mkdir()
    (linked / "ann").symlink_to(top / "ann", target_is_directory=True)
    assert len(presentations_under(linked, PICTURES)) == 2


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("empty", "holds no presentation"),
        ("nowhere", "does not exist"),
        ("ann/first/1.jpg", "is one picture"),
    ],
)
def test_what_is_no_presentation_is_refused(top: Path, name: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        presentations_under(top / name, PICTURES)


def test_images_are_found_at_any_depth_in_order(top: Path) -> None:
    found = [str(p.relative_to(top)) for p in images_under(top, PICTURES)]
    assert found == ["ann/first/1.jpg", "ann/first/2.JPG", "ann/second/1.png", "bob/deep/er/1.jpg"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("empty", "holds no images"),
        ("nowhere", "does not exist"),
        ("bob/clip.mp4", "is not a folder"),
    ],
)
def test_a_place_without_images_is_refused(top: Path, name: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        images_under(top / name, PICTURES)


def test_a_species_is_named_before_its_path() -> None:
    assert species_of(" print = prints/a=b ") == ("print", Path("prints/a=b"))


@pytest.mark.parametrize("option", ["prints", "=prints", "print=", " = ", ""])
def test_an_attack_without_a_species_is_refused(option: str) -> None:
    with pytest.raises(BadInput, match="species"):
        species_of(option)
