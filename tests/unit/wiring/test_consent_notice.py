"""The consent notice: plain words, in every language, and the site's own (R72, R79, R85)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import textstat

from config.sections.cloud import CloudSettings
from config.sections.screen import ScreenSettings
from config.settings import Settings
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.errors import SettingsError
from kiosk.domain.people.consent import Consent
from kiosk.ui.strings import languages, load
from kiosk.ui.strings.reading import with_own_words
from kiosk.wiring.enrolment import cloud_notice, notice
from kiosk.wiring.screen import screen_words

GRADE = 6.0
CLOUD = Settings(cloud=CloudSettings(mode=CloudMode.BOTH_AGREE, region="eu-west-1"))
OWN = {"consent_use.sentence": "It opens the lab. We forget it when you leave us"}


def grades(text: str) -> tuple[float, float]:
    """The school year that a text takes, by two formulas that count letters."""
    return textstat.automated_readability_index(text), textstat.coleman_liau_index(text)


def test_the_notice_is_read_by_who_is_twelve() -> None:
    assert min(grades(notice(Settings(), "en"))) <= GRADE


def test_what_we_keep_is_read_by_who_is_twelve() -> None:
    texts = load("en").texts
    kept = [texts[f"data.{key}"].of(1) for key in ("numbers", "since", "doors", "until", "picture")]
    filled = [re.sub(r"\{\w+\}", "one", line) for line in kept]
    assert min(grades(". ".join([texts["data_title.sentence"].of(1), *filled]) + ".")) <= GRADE


def test_a_formula_tells_hard_words_from_easy_ones() -> None:
    hard = "Biometric identification necessitates comprehensive organisational documentation."
    assert min(grades(hard)) > GRADE


@pytest.mark.parametrize("language", languages())
def test_the_notice_has_three_layers_in_every_language(language: str) -> None:
    lines = notice(Settings(), language).splitlines()
    assert len(lines) == 3
    assert all("{" not in line and line.strip(". ") for line in lines)
    assert not any("?." in line or ".." in line for line in lines)


@pytest.mark.parametrize("language", languages())
def test_with_the_cloud_the_notice_names_it_and_the_region(language: str) -> None:
    lines = notice(CLOUD, language).splitlines()
    assert len(lines) == 4
    assert lines[:3] == notice(Settings(), language).splitlines()
    assert "Amazon Rekognition" in lines[3]
    assert "eu-west-1" in lines[3]


def test_the_notice_with_the_cloud_is_read_by_who_is_twelve() -> None:
    assert min(grades(notice(CLOUD, "en"))) <= GRADE


def test_the_words_for_an_admin_name_where_pictures_go() -> None:
    assert "Amazon Rekognition in eu-west-1" in cloud_notice(CLOUD)


def test_another_language_and_other_words_are_another_notice() -> None:
    own = Settings(screen=ScreenSettings(words={"en": OWN}))
    texts = {notice(Settings(), "en"), notice(Settings(), "es"), notice(own, "en")}
    assert len(texts) == 3
    assert "It opens the lab" in notice(own, "en")
    hashes = {Consent(text, datetime(2026, 1, 1, tzinfo=UTC)).text_sha256 for text in texts}
    assert len(hashes) == 3


def test_the_sites_own_words_are_said_in_their_language_alone() -> None:
    own = Settings(screen=ScreenSettings(words={"en": OWN}))
    assert screen_words(own, "en").texts["consent_use.sentence"].of(1) in OWN.values()
    assert screen_words(own, "es").texts == load("es").texts


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("consent_use.sentense", "It opens", "is not known"),
        ("consent_use.sentence", "It opens {door}", "'door'"),
        ("consent_use.sentence", "It opens {", "stray brace"),
    ],
)
def test_words_that_cannot_be_used_are_named(key: str, text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        with_own_words(load("en"), {key: text})
    assert "screen.words.en" in str(caught.value)
