"""Every file that was passed over is named with its reason; ten thousand of them stay readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.camera.still import read_still, stills_in
from kiosk.cli.passed_over import NAMED, listed, passed_over, shown, why
from kiosk.domain.errors import ImageError


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("1.HEIC", "HEIC"),
        ("1.heif", "HEIC"),
        ("1.AVIF", "AVIF"),
        ("1.jxl", "JPEG XL"),
        ("1.CR2", "raw"),
        ("1.gif", "moving pictures"),
        ("1.MP4", "a film"),
        ("notes.txt", "its ending"),
        ("no-ending", "its ending"),
        ("._1.jpg", "hidden"),
    ],
)
def test_the_reason_is_said(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).touch()
    assert words in why(tmp_path / name)


def test_folders_and_broken_links_have_reasons_too(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert "folder" in why(tmp_path / "other")
    assert "no file" in why(tmp_path / "gone.jpg")


def test_a_folder_is_taken_and_the_rest_of_it_told(tmp_path: Path) -> None:
    for name in ("2.JPG", "10.JPEG", "1.PnG", "3.HEIC", "4.avif", "notes.txt", "._2.JPG"):
        (tmp_path / name).touch()
    (tmp_path / "older").mkdir()
    told: list[Path] = []
    assert [path.name for path in stills_in([tmp_path], told.append)] == [
        "1.PnG",
        "2.JPG",
        "10.JPEG",
    ]
    assert {path.name for path in told} == {"3.HEIC", "4.avif", "notes.txt", "older", "._2.JPG"}


def test_a_folder_without_pictures_names_what_it_holds(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.HEIC").touch()
    with pytest.raises(
        ImageError, match=r"no pictures, but 0\.HEIC, 1\.HEIC.* and 3 more"
    ) as caught:
        stills_in([tmp_path])
    assert "JPEG" in caught.value.remedy


@pytest.mark.parametrize(
    ("brand", "named"), [(b"heic", "HEIC"), (b"mif1", "HEIC"), (b"avif", "AVIF")]
)
def test_what_is_called_a_jpeg_and_is_none_is_named(
    tmp_path: Path, brand: bytes, named: str
) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + bytes(64))
    with pytest.raises(ImageError, match=f"is {named}") as caught:
        read_still(path, 10_000)
    assert "Save it as JPEG" in caught.value.remedy


def test_ten_thousand_stay_readable(tmp_path: Path) -> None:
    names = [(f"photos/{number}.heic", "HEIC") for number in range(9_999)]
    lines = list(listed("passed over", [*names, ("notes.txt", "its ending")]))
    assert len(lines) == NAMED + 2
    assert lines[0] == "passed over photos/0.heic: HEIC"
    assert lines[NAMED] == "passed over 9,989 more, of 9,999: HEIC"
    assert lines[-1] == "passed over notes.txt: its ending"
    assert list(passed_over([tmp_path / "a.heic"])) == [
        f"passed over {tmp_path / 'a.heic'}: no file that can be opened"
    ]


def test_files_that_are_wrong_in_one_way_are_one_reason() -> None:
    lines = list(listed("refused", ((f"{n}.jpg", f"{n}.jpg is empty.") for n in range(20))))
    assert lines[3] == "refused 3.jpg: 3.jpg is empty."
    assert lines[NAMED:] == ["refused 10 more, of 20: it is empty."]


def test_a_name_is_no_order_to_a_terminal() -> None:
    assert shown("a\nb\x1b[2J\udcff\u00e9") == "a\\nb\\x1b[2J\\udcff\u00e9"
