"""A subject's id: one rule, for what is typed, enrolled, signed and read back."""

from __future__ import annotations

import pytest

from kiosk.domain.vision.template import MOST_SUBJECT_CHARACTERS, is_subject_id


@pytest.mark.parametrize("text", ["a", "7", "s-1001", "A.b_c:d-e", "9" * MOST_SUBJECT_CHARACTERS])
def test_an_opaque_id(text: str) -> None:
    assert is_subject_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9" * (MOST_SUBJECT_CHARACTERS + 1),
        "-s",
        ".s",
        "s 1",
        "ann@example.org",
        "s\n",
        "s\u00e9",
    ],
)
def test_no_id(text: str) -> None:
    assert not is_subject_id(text)


def test_digits_of_other_scripts_are_none() -> None:
    assert not is_subject_id("\u0661")
