"""Every step of an enrolment on every screen, in every language, at every size of the words.

R11, R74: nothing is clipped, nothing overlaps, every letter is in a font, both answers are equal.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from enrolment_screens import asked, coached, every_view
from kiosk_screen import LONG_SITE, SITE, assert_apart, assert_fits, pixels_of, place, plain
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from config.sections.vision.lane import LaneSettings
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import CardFrame, DocumentKind
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.oval import Oval
from kiosk.ui import strings
from kiosk.ui.look.letters import unseen
from kiosk.ui.pages.enrolment.question import AskingPage
from kiosk.ui.pages.enrolment.target import CARD_PEN, GAP, LONG
from kiosk.ui.text import ScreenText, Speech
from kiosk.ui.widgets.key import WrappedKey
from kiosk.ui.widgets.notice import millimetres
from kiosk.ui.widgets.outline import widest
from kiosk.ui.window import KioskWindow

SIZES = [(1080, 1920), (1280, 800), (800, 480)]
SCALES = [1.0, 1.25, 1.5]
LANGUAGES = strings.languages()
WORDS = {language: strings.load(language) for language in LANGUAGES}
VIEWS = every_view()
QUICK = {1.0: ("en", "ar"), 1.25: ("zh",), 1.5: LANGUAGES}
"""What is looked at every time: every language where the words are largest."""


def made_for(
    qtbot: QtBot, size: tuple[int, int], scale: float = 1.0, site: ScreenText = SITE
) -> KioskWindow:
    """A window that shows the picture of a camera as a kiosk has it on such a screen."""
    speech = Speech(strings.load("en"), site)
    lane = LaneSettings().lane()
    made = KioskWindow(speech, lane, lambda: 100.0, text_scale=scale)
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    made.show_door("secured")
    return made


def shown_pages(made: KioskWindow) -> list[QWidget]:
    """What must lie apart, on whatever page is seen."""
    pages = made.enrolment
    texts = [(page.text.disc, page.text.sentence, page.text.quiet) for page in asking(made)]
    keys = [tuple(page.answers.keys.values()) for page in asking(made)]
    rails = [(page.rail.dots, page.rail.stop) for page in (*asking(made), pages.capture, pages.pin)]
    result, pad = made.result, pages.pin.pad
    parts = [part for group in (*texts, *keys, *rails) for part in group]
    parts += [pages.question.stage, pages.facts.lines, pages.capture.prompt]
    parts += [pages.pin.prompt, pad.dots, *pad.digits, pad.delete, pad.enter]
    parts += [result.disc, result.code, result.sentence, result.quiet, result.receipt]
    parts += [result.rail.stop, made.notice.button, made.notice.languages]
    return [*parts, made.notice.headline, made.notice.details, made.door_line]


def asking(made: KioskWindow) -> tuple[AskingPage, AskingPage]:
    return made.enrolment.question, made.enrolment.facts


def assert_good(made: KioskWindow, name: str) -> None:
    """The view fits, in letters that there are."""
    made.show_enrolment(VIEWS[name])
    assert_fits(made)
    assert_apart(made, *(part for part in shown_pages(made) if part.width() and _drawn(part)))
    for key in made.findChildren(WrappedKey):
        if key.isVisible():
            assert key.rect().contains(key.words.geometry())
    for page in asking(made):
        if page.isVisible():
            _assert_equal(made, page)
    if made.enrolment.capture.isVisible():
        _assert_round_the_target(made)


def _drawn(part: QWidget) -> bool:
    """False for an empty line of text, which covers nothing."""
    return not isinstance(part, QLabel) or bool(part.text())


def _assert_equal(made: KioskWindow, page: AskingPage) -> None:
    """No on the left and yes on the right, in one size, in letters of one size."""
    no, yes = page.answers.keys[Answer.NO], page.answers.keys[Answer.YES]
    assert no.size() == yes.size()
    assert no.words.letters().pixelSize() == yes.words.letters().pixelSize()
    assert place(made, no).top() == place(made, yes).top()
    assert place(made, no).right() < place(made, yes).left()


def _assert_round_the_target(made: KioskWindow) -> None:
    """Nothing lies over the oval, its ring, or the card's frame, and nothing of them is cut off."""
    page = made.enrolment.capture
    page.stage.show_frame(plain(128))
    if page.stage._document:
        frame, pen = page.stage.card(), page.stage.side * CARD_PEN
        outer = frame.adjusted(-pen, -pen, pen, pen).toRect()
        assert not outer.intersects(page.rail.geometry())
        assert outer.top() >= page.prompt.height()
        assert page.rect().contains(outer)
        return
    oval, side = page.stage.oval(), page.stage.side
    assert oval is not None
    ring = widest(side) / 2 + (GAP + LONG) * side
    outer = Oval(oval.centre_x, oval.centre_y, oval.radius_x + ring, oval.radius_y + ring)
    assert outer.centre_y - outer.radius_y >= page.prompt.height()
    assert outer.centre_y + outer.radius_y <= page.height()
    assert not _meets(outer, page.rail.geometry())
    corner = made.notice.button
    assert not _meets(outer, QRect(corner.mapTo(made, QRect().topLeft()), corner.size()))


def _meets(oval: Oval, box: QRect) -> bool:
    """True if a box has a point in the oval."""
    near = QPointF(
        min(max(oval.centre_x, box.left()), box.right()),
        min(max(oval.centre_y, box.top()), box.bottom()),
    )
    across = (near.x() - oval.centre_x) / oval.radius_x
    down = (near.y() - oval.centre_y) / oval.radius_y
    return across**2 + down**2 <= 1.0


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_step_fits(qtbot: QtBot, size: tuple[int, int], scale: float) -> None:
    made = made_for(qtbot, size, scale)
    for language in QUICK[scale]:
        made.change_language(WORDS[language])
        for name in VIEWS:
            assert_good(made, name)


@pytest.mark.long
@pytest.mark.parametrize("site", [SITE, LONG_SITE], ids=["short", "long"])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_step_fits_in_every_language(
    qtbot: QtBot, size: tuple[int, int], scale: float, site: ScreenText
) -> None:
    made = made_for(qtbot, size, scale, site)
    for language, name in product(LANGUAGES, VIEWS):
        if made._speech.strings.language != language:
            made.change_language(WORDS[language])
        assert_good(made, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_in_a_font(qtbot: QtBot, language: str) -> None:
    made = made_for(qtbot, (1280, 800))
    made.change_language(WORDS[language])
    made.notice.languages.click()
    for view in VIEWS.values():
        made.show_enrolment(view)
    for part in made.findChildren(QWidget):
        words = part.text() if isinstance(part, QLabel) else part.accessibleName()
        assert unseen(words) == "", words


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_larger_words_are_larger(qtbot: QtBot, size: tuple[int, int], scale: float) -> None:
    made, usual = made_for(qtbot, size, scale), made_for(qtbot, size)
    for each, name in product((made, usual), ("consent_choice", "data")):
        each.show_enrolment(VIEWS[name])
    for ours, theirs in zip(asking(made), asking(usual), strict=True):
        larger = ours.text.sentence.letters().pixelSize()
        plain_size = theirs.text.sentence.letters().pixelSize()
        assert larger >= plain_size * (1.0 if scale == 1.0 else 1.05)
    assert made.notice.letters >= usual.notice.letters * min(scale, 1.2)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_what_is_touched_is_twenty_millimetres_and_low(qtbot: QtBot, size: tuple[int, int]) -> None:
    """R73: hands reach it from a wheelchair; the upper third of an upright screen has no button."""
    made = made_for(qtbot, size)
    screen = made.screen()
    assert screen is not None
    least = millimetres(20.0, screen.physicalDotsPerInch())
    for name in ("consent_choice", "data", "coached left", "end enrolled"):
        made.show_enrolment(VIEWS[name])
        keys = [key for page in asking(made) for key in page.answers.keys.values()]
        keys += [page.rail.stop for page in (*asking(made), made.enrolment.capture, made.result)]
        for key in (*keys, made.notice.languages):
            if key.isVisible():
                assert min(key.width(), key.height()) >= least
                if size[1] > size[0]:
                    assert place(made, key).top() > size[1] / 3


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_stop_is_on_every_step_in_the_same_place(qtbot: QtBot, size: tuple[int, int]) -> None:
    made = made_for(qtbot, size)
    seen = set()
    for language in ("en", "ar"):
        made.change_language(WORDS[language])
        for view in VIEWS.values():
            made.show_enrolment(view)
            steps = made.enrolment
            pages = (*asking(made), steps.capture, steps.pin, made.result)
            (stop,) = [page.rail.stop for page in pages if page.isVisible()]
            assert stop.isVisible()
            seen.add((place(made, stop).left(), place(made, stop).bottom()))
    assert len(seen) == 1


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_cards_frame_has_a_cards_proportions(qtbot: QtBot, size: tuple[int, int]) -> None:
    made = made_for(qtbot, size)
    made.show_enrolment(VIEWS["document"])
    stage = made.enrolment.capture.stage
    assert stage.card().isEmpty()
    stage.show_frame(plain(128))
    card = stage.card()
    assert card.width() / card.height() == pytest.approx(1.586, abs=0.001)
    assert QRectF(stage.rect()).contains(card)
    assert card.width() >= 0.3 * size[0]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_card_in_the_frame_on_the_screen_is_where_it_is_looked_for(
    qtbot: QtBot, size: tuple[int, int]
) -> None:
    """R14."""
    made = made_for(qtbot, size)
    made.show_enrolment(VIEWS["document"])
    stage = made.enrolment.capture.stage
    stage.show_frame(plain(128))
    laid, place = stage.laid(), CardFrame.of(640, 480, DocumentKind.ID_CARD)
    assert laid is not None
    left, top = laid.point(place.left + place.width, place.top)
    right, bottom = laid.point(place.left, place.top + place.height)
    edges = QRectF(left, top, right - left, bottom - top)
    assert stage.card().toRect() == edges.toRect()


def test_answers_keep_their_sides_in_a_right_to_left_language_and_words_do_not(
    qtbot: QtBot,
) -> None:
    """The sides are those of the face that is moved there, and of the sheet."""
    made = made_for(qtbot, (1280, 800))
    made.show_enrolment(asked(Prompt.CONSENT_CHOICE))
    page = made.enrolment.question
    before = [place(made, key) for key in page.answers.keys.values()]
    assert place(made, page.text.disc).right() < place(made, page.text.sentence).left()
    made.change_language(WORDS["ar"])
    assert [place(made, key) for key in page.answers.keys.values()] == before
    assert place(made, page.text.disc).left() > place(made, page.text.sentence).right()
    assert made.layoutDirection() is Qt.LayoutDirection.RightToLeft


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_languages_are_all_there_by_their_own_names(
    qtbot: QtBot, size: tuple[int, int]
) -> None:
    made = made_for(qtbot, size, 1.5)
    for language in LANGUAGES:
        made.change_language(WORDS[language])
        made.notice.languages.click()
        page = made.languages
        assert [key.text() for key in page.keys.values()] == [
            WORDS[code].name for code in LANGUAGES
        ]
        assert_fits(made)
        assert_apart(made, page.title, *page.keys.values(), page.back, made.notice.button)
        assert_apart(made, made.notice.languages, *page.keys.values(), page.back)
        made.notice.languages.click()
        assert page.isHidden()


def test_the_ring_shows_each_direction_on_its_own_side(qtbot: QtBot) -> None:
    """Left is the person's own, where a mirror shows it."""
    made = made_for(qtbot, (1280, 800))
    stage = made.enrolment.capture.stage
    for direction, other in (
        (PoseDirection.LEFT, PoseDirection.RIGHT),
        (PoseDirection.UP, PoseDirection.DOWN),
    ):
        made.show_enrolment(coached(direction, 0.6))
        stage.show_frame(plain(128))
        green = _green(made, stage)
        assert green[direction] > green[other]
        made.show_enrolment(coached(direction, 0.0))
        assert _green(made, stage)[direction] < green[direction]


def _green(made: KioskWindow, stage: QWidget) -> dict[PoseDirection, int]:
    """How much of the ring's taken colour is on each side of the oval."""
    image = pixels_of(stage.grab().toImage()).astype(int)
    oval = made.enrolment.capture.stage.oval()
    assert oval is not None
    green = image[:, :, 1] - image[:, :, [0, 2]].max(axis=2) > 40
    left, right = int(oval.centre_x - oval.radius_x), int(oval.centre_x + oval.radius_x)
    top, bottom = int(oval.centre_y - oval.radius_y), int(oval.centre_y + oval.radius_y)
    away = 12
    return {
        PoseDirection.LEFT: int(green[:, : left - away].sum()),
        PoseDirection.RIGHT: int(green[:, right + away :].sum()),
        PoseDirection.UP: int(green[: top - away].sum()),
        PoseDirection.DOWN: int(green[bottom + away :].sum()),
    }


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_each_answer_shows_the_head_that_gives_it_above_its_word(
    qtbot: QtBot, size: tuple[int, int], scale: float
) -> None:
    """Whoever doesn't hear has to see that a nod answers; nobody has to touch."""
    made = made_for(qtbot, size, scale)
    made.show_enrolment(VIEWS["consent_choice"])
    shown = []
    for key in made.enrolment.question.answers.keys.values():
        above = QRect(0, 3, key.width(), key.words.geometry().top() - 3)
        drawn = pixels_of(key.grab(above).toImage())[:, 8:-8]
        assert np.ptp(drawn) > 100, "nothing is drawn above the word"
        shown.append(drawn)
    no, yes = shown
    assert (no != yes).any()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("site", [SITE, LONG_SITE], ids=["short", "long"])
def test_the_way_to_ones_data_beside_the_language(
    qtbot: QtBot, size: tuple[int, int], site: ScreenText
) -> None:
    made = made_for(qtbot, size, 1.5, site)
    made.my_data.offer()
    made.resize(*size)
    made.resizeEvent(None)
    made.show_view(View(Prompt.LOOK_HERE, Tone.WAITING))
    made.show_frame(plain(90))
    data, notice = made.notice.data, made.notice
    assert data is not None
    for language in LANGUAGES:
        made.change_language(WORDS[language])
        QApplication.processEvents()
        assert_fits(made)
        assert data.isVisible()
        assert data.size() == notice.languages.size()
        assert made.rect().contains(place(made, data))
        parts = [notice.languages, data, notice.button, notice.headline, notice.details]
        assert_apart(made, *parts, made.door_line, made.prompt)
        letters = data.fontMetrics().horizontalAdvance(data.text())
        assert letters <= data.width(), data.text()
