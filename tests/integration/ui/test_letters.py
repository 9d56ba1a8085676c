"""Letters that no font has: they are told of, and nobody is greeted in empty boxes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from kept_samples import AGREED, template
from kiosk_screen import SITE, window
from pytestqt.qtbot import QtBot

from config.sections.screen import ScreenSettings
from config.settings import Settings
from kiosk.diagnostics.screen import letters as checked
from kiosk.domain.errors import SettingsError
from kiosk.domain.finding import Health
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.template import SubjectId
from kiosk.store.open_home import OpenHome
from kiosk.ui.look.legible import problems
from kiosk.ui.look.letters import remedy, unseen

LOST = "\u0378\u0379"
"""Unicode has not given these codes to any letter, so no font has them."""

GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "Grace",
        "Jose\u0301",
        "Jos\u00e9",
        "\u00c5ngstr\u00f6m \u0160imi\u0107",
        "\u0396\u03c9\u03ae \u0418\u0440\u0438\u043d\u0430",
        "a\u00a0b\u200bc\u200d\u200ed\ufe0f\n",
        "",
    ],
)
def test_letters_that_are_there_and_marks_that_are_not_drawn(qtbot: QtBot, text: str) -> None:
    assert qtbot
    assert unseen(text) == ""


def test_letters_that_are_in_no_font_are_named_once_each(qtbot: QtBot) -> None:
    assert qtbot
    assert unseen(f"a{LOST}b{LOST}") == LOST


@pytest.mark.parametrize(
    ("letters", "packages"),
    [
        ("\u682a\u3042\u30a2", "fonts-noto-cjk"),
        ("\ud55c", "fonts-noto-cjk"),
        ("\U0001f600", "fonts-noto-color-emoji"),
        ("\U0001f1e9\U0001f1ea", "fonts-noto-color-emoji"),
        ("\u0e01", "fonts-noto-core"),
        ("\u0928\u0947", "fonts-noto-core"),
        ("\u0e01\u682a", "fonts-noto-cjk fonts-noto-core"),
        (LOST, "fonts-noto-core"),
    ],
)
def test_the_package_that_has_them_is_named(letters: str, packages: str) -> None:
    assert remedy(letters) == packages


@pytest.mark.parametrize("field", ["organisation", "purpose", "contact", "other_way"])
def test_each_text_of_the_settings_is_looked_at(qtbot: QtBot, field: str) -> None:
    assert qtbot
    ((problem, remedy_),) = problems(replace(SITE, **{field: f"The {LOST}"}), {})
    assert problem.startswith(f"screen.{field} has letters that no installed font has (U+0378")
    assert "apt-get install fonts-noto-core" in remedy_


def test_a_name_is_told_of_by_its_owners_id_and_never_itself(qtbot: QtBot) -> None:
    assert qtbot
    ((problem, remedy_),) = problems(SITE, {"p-1": "Grace", "p-2": f"Q{LOST}"})
    assert "p-2" in problem
    assert "without it" in problem
    assert f"Q{LOST}" not in problem + remedy_


def test_somebody_is_greeted_without_a_name_that_cannot_be_shown(qtbot: QtBot) -> None:
    made = window()
    qtbot.addWidget(made)
    made.show_view(GRANTED, f"Q{LOST}")
    assert made.result.sentence.text() == "Welcome"
    made.show_view(GRANTED, "Jos\u00e9")
    assert made.result.sentence.text() == "Welcome, Jos\u00e9"
    made.show_view(GRANTED, None)
    assert made.result.sentence.text() == "Welcome"


def settings(organisation: str = "here", *, names: bool = False) -> Settings:
    return Settings(screen=ScreenSettings(organisation=organisation, show_names=names))


def test_the_doctor_says_which_setting_cannot_be_shown(qtbot: QtBot, tmp_path: Path) -> None:
    assert qtbot
    (found,) = checked(tmp_path / "home", settings())
    assert found.health is Health.OK
    (found,) = checked(tmp_path / "home", settings(LOST))
    assert found.health is Health.BAD
    assert "screen.organisation" in found.text
    assert not (tmp_path / "home").exists(), "looking makes nothing"


def test_the_doctor_refuses_a_language_without_words(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no words for the language 'xx'"):
        list(checked(tmp_path, Settings(screen=ScreenSettings(language="xx"))))


def _is_lost_name(letter: str) -> bool:
    """Whether somebody may be called so, and no font of this machine has the letter."""
    return letter.isprintable() and letter.isalpha() and bool(unseen(letter))


def test_the_doctor_says_whose_name_cannot_be_shown(qtbot: QtBot, tmp_path: Path) -> None:
    assert qtbot
    rare = next((chr(code) for code in range(0x10000, 0x1F000) if _is_lost_name(chr(code))), "")
    if not rare:
        pytest.skip("This machine has fonts for every letter that there is.")
    with OpenHome.open(tmp_path / "home") as open_home:
        for number, name in enumerate(("Grace", rare), 1):
            person = SubjectId(f"p-{number}")
            open_home.references.enrol(person, [template(number)], AGREED, name)
    (found,) = checked(tmp_path / "home", settings(names=True))
    assert found.health is Health.WARN
    assert "p-2" in found.text
    assert rare not in found.text + found.remedy
    (found,) = checked(tmp_path / "home", settings(names=False))
    assert found.health is Health.OK, "no name is shown here"


def test_words_from_right_to_left_stay_where_the_sentence_has_them(qtbot: QtBot) -> None:
    """Otherwise a full stop or bracket after them would move to their other side."""
    hebrew = "\u05e9\u05dc\u05d5\u05dd (2)"
    made = window(site=replace(SITE, organisation=hebrew))
    qtbot.addWidget(made)
    assert f"Responsible: \u2068{hebrew}\u2069" in made.notice.details.text()
    assert unseen("\u2068\u2069") == ""
    made.show_view(GRANTED, "Grace")
    assert made.result.sentence.text() == "Welcome, Grace"
