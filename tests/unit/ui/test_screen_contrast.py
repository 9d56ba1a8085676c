"""Contrast of every pair of colours that meets on the screen (WCAG 2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from contrast import Colour, contrast, rgb

from kiosk.domain.prompts import RESULTS, Tone
from kiosk.ui.look import palette
from kiosk.ui.look.theme import style_sheet

SENTENCE = 7.0
REST = 4.5
GROUNDS = {
    palette.GROUND,
    palette.GREEN_GROUND,
    palette.RED_GROUND,
    palette.OFF_GROUND,
}
WHITE = (255, 255, 255)


def veiled(camera: Colour) -> Colour:
    """A camera's pixel behind the thinnest veil that text may stand on."""
    part = palette.DIM_ALPHA
    mixed = [
        round((1 - part) * seen + part * ground)
        for seen, ground in zip(camera, rgb(palette.GROUND), strict=True)
    ]
    return mixed[0], mixed[1], mixed[2]


def test_the_formula_on_known_pairs() -> None:
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21.0)
    assert contrast(WHITE, WHITE) == 1.0
    assert contrast(rgb("#777777"), WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ground", sorted(GROUNDS))
def test_text_on_every_ground(ground: str) -> None:
    assert contrast(rgb(palette.TEXT), rgb(ground)) >= SENTENCE
    assert contrast(rgb(palette.QUIET), rgb(ground)) >= SENTENCE


def test_text_over_a_white_camera_picture() -> None:
    assert contrast(rgb(palette.TEXT), veiled(WHITE)) >= SENTENCE
    assert contrast(rgb(palette.QUIET), veiled(WHITE)) >= REST


@pytest.mark.parametrize("tone", Tone, ids=lambda tone: tone.value)
def test_an_icon_on_its_disc_and_the_disc_on_its_ground(tone: Tone) -> None:
    sign = rgb(palette.SIGN[tone])
    assert contrast(rgb(palette.GROUND), sign) >= REST
    ground = palette.RESULT_GROUND[tone] if tone in RESULTS else palette.GROUND
    assert contrast(sign, rgb(ground)) >= REST


def test_buttons() -> None:
    for ground in (palette.RAISED, palette.PRESSED):
        assert contrast(rgb(palette.TEXT), rgb(ground)) >= SENTENCE
    for ground in GROUNDS:
        assert contrast(rgb(palette.FOCUS), rgb(ground)) >= REST


def test_an_answer_that_was_given_and_the_ring_of_ticks() -> None:
    """The tick and the border on a key, the bar on its track; ticks on their dark casing."""
    assert contrast(rgb(palette.GREEN), rgb(palette.RAISED)) >= REST
    assert contrast(rgb(palette.TEXT), rgb(palette.LINE)) >= SENTENCE
    assert contrast(rgb(palette.GREEN), rgb(palette.GROUND)) >= REST
    assert contrast(rgb(palette.NEUTRAL), rgb(palette.GROUND)) >= SENTENCE


@pytest.mark.parametrize("colour", [palette.GREEN, palette.AMBER, palette.RED])
def test_signs_in_the_installers_table(colour: str) -> None:
    assert contrast(rgb(colour), rgb(palette.GROUND)) >= REST
    assert contrast(rgb(palette.QUIET), rgb(palette.GROUND)) >= REST


def test_every_result_has_a_ground() -> None:
    assert set(palette.RESULT_GROUND) == RESULTS


def test_the_colours_that_were_agreed() -> None:
    assert (palette.RED, palette.GREEN) == ("#E5484D", "#30A46C")
    assert (palette.TEXT, palette.GROUND) == ("#F5F7FA", "#0B0F14")


def test_every_class_that_the_style_sheet_names_is_a_widget_of_ours_or_qts() -> None:
    """A class that was renamed would lose its colours without a word."""
    code = "".join(path.read_text("utf-8") for path in Path(str(files("kiosk.ui"))).rglob("*.py"))
    named = set(re.findall(r"(?<![\w#$-])[A-Z]\w+(?=[\[:, ])", style_sheet().partition("*/")[2]))
    assert {"LineLabel", "Paragraph", "Key"} <= named
    assert not {name for name in named if f"class {name}(" not in code and name[0] != "Q"}
