"""The lists of pairs and of wrong names, and every way in which they can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.measure.listing import Pair, read_left_out, read_pairs

KNOWN = (Path("ann/1.jpg"), Path("ann/2.jpg"), Path("bob/1.jpg"))


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return tmp_path / "pairs.csv"


def test_pairs_are_read(listed: Path) -> None:
    listed.write_text("a,b,mated\nann/1.jpg,./ann/2.jpg,1\nann/1.jpg,bob/1.jpg,0\n")
    ann, other, bob = KNOWN
    assert read_pairs(listed, KNOWN) == (Pair(ann, other, mated=True), Pair(ann, bob, mated=False))


def test_columns_may_stand_in_any_order_among_others(listed: Path) -> None:
    listed.write_bytes(b"\xef\xbb\xbfmated,note,b,a\r\n0,x,bob/1.jpg,ann/1.jpg\r\n")
    assert read_pairs(listed, KNOWN) == (Pair(KNOWN[0], KNOWN[2], mated=False),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b\nann/1.jpg,ann/2.jpg\n", "has no column mated"),
        ("", "has no column a and no column b and no column mated"),
        ("a,b,mated\n", "lists no pairs"),
        ("a,b,mated\nann/1.jpg,ann/2.jpg,yes\n", "line 2: mated is neither 1 nor 0"),
        ("a,b,mated\nann/1.jpg\n", "line 2: mated is neither 1 nor 0"),
        ("a,b,mated\nann/1.jpg,ann/2.jpg,1\nann/1.jpg,eve/1.jpg,0\n", "line 3.*'eve/1.jpg'"),
        ("a,b,mated\n,ann/2.jpg,1\n", "line 2: there is no image ''"),
        ('a,b,mated\n"ann/1.jpg,ann/2.jpg,1\n', "is not a CSV file"),
    ],
)
def test_a_wrong_list_is_refused_by_file_and_line(listed: Path, text: str, problem: str) -> None:
    listed.write_text(text)
    with pytest.raises(BadInput, match=problem) as caught:
        read_pairs(listed, KNOWN)
    assert "a,b,mated" in caught.value.remedy


def test_a_list_that_is_no_text_is_refused(listed: Path) -> None:
    listed.write_bytes(b"a,b,mated\n\xff\xfe\x00,b,1\n")
    with pytest.raises(BadInput, match="is not a CSV file in UTF-8"):
        read_pairs(listed, KNOWN)


def test_a_list_that_is_not_there_is_named(listed: Path) -> None:
    with pytest.raises(BadInput, match=r"pairs\.csv cannot be read: No such file"):
        read_pairs(listed, KNOWN)


def test_images_with_wrong_names_are_read_and_others_passed_over(listed: Path) -> None:
    listed.write_text("image,reason\n./ann/2.jpg,it is Eve\neve/9.jpg,not among these\n")
    assert read_left_out(listed, KNOWN) == {KNOWN[1]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("image\nann/1.jpg\n", "has no column reason"),
        ("image,reason\n", "lists none of the images"),
        ("image,reason\nann/9.jpg,it is Eve\n", "lists none of the images"),
        ("image,reason\nann/1.jpg,it is Eve\nbob/1.jpg, \n", "line 3: an image or its reason"),
        ("image,reason\n,it is Eve\n", "line 2: an image or its reason"),
        ('image,reason\n"ann/1.jpg,it is Eve\n', "is not a CSV file"),
    ],
)
def test_nothing_is_left_out_by_a_wrong_list(listed: Path, text: str, problem: str) -> None:
    listed.write_text(text)
    with pytest.raises(BadInput, match=problem) as caught:
        read_left_out(listed, KNOWN)
    assert "image,reason" in caught.value.remedy


def test_the_option_of_a_list_that_is_not_there_is_named(listed: Path) -> None:
    with pytest.raises(BadInput, match=r"pairs\.csv cannot be read") as caught:
        read_left_out(listed, KNOWN)
    assert "--left-out" in caught.value.remedy
