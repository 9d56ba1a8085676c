"""What people are called: joiners and no-break spaces are part of names, hidden orders are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_samples import AGREED, ANNA, template

from kiosk.domain.errors import BadInput
from kiosk.store.open_home import OpenHome
from kiosk.store.people.subjects import given_name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", id="Persian, a non-joiner"),
        pytest.param("\u0dc1\u0dca\u200d\u0dbb\u0dd3", id="Sinhala, a joiner"),
        pytest.param("Jean\u00a0Luc", id="no-break space"),
        pytest.param("Jean\u202fLuc", id="narrow no-break space"),
        pytest.param("\u5c71\u7530\u3000\u82b1", id="ideographic space"),
        pytest.param("Anna\u2060Lena", id="word joiner"),
        pytest.param("\u05d3\u05df \u200eA", id="mark of direction"),
        pytest.param("Zoe\u0308", id="combining mark"),
        pytest.param("O'Neil-\u00d8st", id="letters, hyphen, apostrophe"),
    ],
)
def test_a_name_is_kept_as_it_is_written(name: str) -> None:
    assert given_name(name) == name


@pytest.mark.parametrize("text", [None, "", " ", "\u00a0", "\u200c\u200d", "\u3000 \u200f"])
def test_a_name_that_shows_nothing_is_none(text: str | None) -> None:
    assert given_name(text) is None


def test_nothing_that_is_not_shown_is_left_at_its_ends() -> None:
    assert given_name("\u200f\u00a0Anna\u200c ") == "Anna"


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("An\nna", "U+000A"),
        ("An\x1b[2Jna", "U+001B"),
        ("An\u202ena", "U+202E"),
        ("An\u2066na", "U+2066"),
        ("An\u200bna", "U+200B"),
        ("An\ud800na", "U+D800"),
        ("An\u2028na", "U+2028"),
        ("An\U000e0041na", "U+E0041"),
    ],
)
def test_what_belongs_to_no_name_is_refused_by_its_number(name: str, named: str) -> None:
    with pytest.raises(BadInput, match="given name cannot hold") as e:
        given_name(name)
    assert e.value.problem.endswith(f"{named}.")


def test_a_name_with_a_joiner_is_stored_and_read_again(tmp_path: Path) -> None:
    """By the store itself, which checks once more."""
    name = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, name)
        assert open_home.references.given_name(ANNA) == name
