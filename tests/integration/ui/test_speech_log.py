"""What a listener hears of a whole enrolment: what to do at every step, without the screen."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import BadInput
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.ui.strings import languages, load
from kiosk.ui.text import ScreenText, Speech
from kiosk.wiring.speech_log import SpeechLog

FACTS = (
    DataFact(FactKind.NUMBERS, count=3),
    DataFact(FactKind.SINCE, day=date(2026, 11, 27)),
    DataFact(FactKind.DOORS),
)


def log(path: Path, language: str = "en") -> SpeechLog:
    return SpeechLog(path, Speech(load(language), ScreenText()))


def heard(path: Path) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(line["prompt"], line["said"]) for line in lines]


def test_each_thing_is_heard_once_and_the_door_is_silent_meanwhile(tmp_path: Path) -> None:
    said = log(tmp_path / "log")
    said.show(View(Prompt.COME_CLOSER, Tone.WRONG))
    said.enrol(EnrolmentView(Prompt.INVITED_HELLO, Tone.WAITING, asks=True))
    said.enrol(EnrolmentView(Prompt.INVITED_HELLO, Tone.WAITING, asks=True, fill=0.5))
    said.show(View(Prompt.NOT_RECOGNISED, Tone.REFUSED))
    said.enrol(None)
    said.show(View(Prompt.COME_CLOSER, Tone.WRONG))
    assert [prompt for prompt, _ in heard(tmp_path / "log")] == [
        "come_closer",
        "invited_hello",
        "come_closer",
    ]


def test_everything_that_is_kept_is_heard(tmp_path: Path) -> None:
    log(tmp_path / "log").enrol(EnrolmentView(Prompt.DATA_TITLE, Tone.WAITING, facts=FACTS))
    ((_, said),) = heard(tmp_path / "log")
    for part in ("3 sets of numbers", "2026", "every door here", "Nod"):
        assert part in said


def test_what_was_read_from_a_document_is_not_written(tmp_path: Path) -> None:
    read = (DataFact(FactKind.READ, "Eriksson"), DataFact(FactKind.UNTIL, day=date(2031, 4, 15)))
    view = EnrolmentView(Prompt.DOCUMENT_CONFIRM, Tone.WAITING, asks=True, facts=read)
    log(tmp_path / "log").enrol(view)
    ((prompt, said),) = heard(tmp_path / "log")
    assert prompt == "document_confirm"
    assert "Eriksson" not in said
    assert "2031" not in said


def test_a_session_is_heard_in_its_own_language(tmp_path: Path) -> None:
    log(tmp_path / "log").enrol(EnrolmentView(Prompt.ENROLLED, Tone.GRANTED, language="es"))
    assert heard(tmp_path / "log") == [("enrolled", "Ya puede entrar con la cara")]


@pytest.mark.parametrize("language", languages())
def test_every_prompt_of_an_enrolment_can_be_heard(tmp_path: Path, language: str) -> None:
    prompts = list(Prompt)[list(Prompt).index(Prompt.INVITED_HELLO) :]
    said = log(tmp_path / "log", language)
    for prompt in prompts:
        said.enrol(EnrolmentView(prompt, Tone.WAITING))
    assert [prompt for prompt, _ in heard(tmp_path / "log")] == [prompt.value for prompt in prompts]


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        log(tmp_path / "nowhere" / "log")
