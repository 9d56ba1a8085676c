"""The voice is a child process; here the engine is a script that notes what it is told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hand_clock import HandClock
from PyQt6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from kiosk.ui.voice import PROGRAM, REPEAT_SECONDS, Voice


class Engine:
    """A speech engine that writes what it is told, and how it was started."""

    def __init__(self, folder: Path, then: str) -> None:
        self.told = folder / "told"
        self.path = folder / "engine"
        self.path.write_text(
            f'#!/bin/sh\nfor word; do :; done\necho "$word" >> "{self.told}"\n{then}\n'
        )
        self.path.chmod(0o755)

    def heard(self) -> list[str]:
        return self.told.read_text().splitlines() if self.told.exists() else []


@pytest.fixture
def parent(qapp: QCoreApplication) -> Iterator[QObject]:
    made = QObject(qapp)
    yield made
    made.deleteLater()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def voice_of(parent: QObject, program: Path, warned: list[str], clock: HandClock) -> Voice:
    return Voice(parent, "en", warned.append, str(program), clock.monotonic)


def test_a_prompt_is_spoken(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine, warned = Engine(tmp_path, "exit 0"), list[str]()
    voice = voice_of(parent, engine.path, warned, clock)
    voice.say("Move left; $(rm -r x) 'now'")
    qtbot.waitUntil(lambda: not voice.speaking)
    assert engine.heard() == ["Move left; $(rm -r x) 'now'"]
    assert warned == []
    voice.close()


def test_the_newest_prompt_replaces_the_one_being_spoken(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine, warned = Engine(tmp_path, '[ "$word" = last ] || exec sleep 60'), list[str]()
    voice = voice_of(parent, engine.path, warned, clock)
    voice.say("first")
    qtbot.waitUntil(lambda: engine.heard() == ["first"])
    voice.say("second")
    voice.say("last")
    qtbot.waitUntil(lambda: engine.heard()[-1] == "last" and not voice.speaking)
    assert engine.heard() == ["first", "last"]
    assert warned == []
    voice.close()


def test_the_same_words_are_not_repeated_at_once(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine = Engine(tmp_path, "exit 0")
    voice = voice_of(parent, engine.path, [], clock)
    for _ in range(3):
        voice.say("Move left")
        qtbot.waitUntil(lambda: not voice.speaking)
    clock.pass_(REPEAT_SECONDS + 0.1)
    voice.say("Move left")
    qtbot.waitUntil(lambda: not voice.speaking)
    assert engine.heard() == ["Move left", "Move left"]
    voice.close()


def test_each_press_of_a_key_is_heard(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine = Engine(tmp_path, "exit 0")
    voice = voice_of(parent, engine.path, [], clock)
    for _ in range(3):
        voice.echo("digit")
        qtbot.waitUntil(lambda: not voice.speaking)
    assert engine.heard() == ["digit"] * 3
    voice.close()
    voice.echo("digit")
    assert not voice.speaking


def test_nothing_to_say_does_not_end_what_is_being_said(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine = Engine(tmp_path, "exec sleep 60")
    voice = voice_of(parent, engine.path, [], clock)
    voice.say("Welcome")
    qtbot.waitUntil(lambda: engine.heard() == ["Welcome"])
    voice.say("")
    assert voice.speaking
    voice.close()


def test_it_ends_with_the_screen(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine = Engine(tmp_path, f'echo $$ > "{tmp_path}/pid"; exec sleep 60')
    voice = voice_of(parent, engine.path, [], clock)
    voice.say("Move left")
    pid = tmp_path / "pid"
    qtbot.waitUntil(lambda: pid.exists() and pid.read_text().strip() != "")
    voice.close()
    assert not voice.speaking
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    voice.say("Move right")
    assert engine.heard() == ["Move left"]


def test_an_engine_that_never_ends_is_ended(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine = Engine(tmp_path, "exec sleep 60")
    voice = voice_of(parent, engine.path, [], clock)
    voice._limit.setInterval(200)
    voice.say("Move left")
    qtbot.waitUntil(lambda: not voice.speaking)
    voice.close()


def test_no_engine_means_silence_and_one_warning(parent: QObject, clock: HandClock) -> None:
    warned: list[str] = []
    voice = voice_of(parent, Path("no-such-engine"), warned, clock)
    voice.say("Move left")
    voice.say("Move right")
    assert warned == ["no-such-engine is not installed, so prompts are not spoken."]
    assert not voice.speaking
    voice.close()


def test_an_engine_that_fails_is_given_up_with_one_warning(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine, warned = Engine(tmp_path, "exit 3"), list[str]()
    voice = voice_of(parent, engine.path, warned, clock)
    voice.say("Move left")
    qtbot.waitUntil(lambda: bool(warned))
    voice.say("Move right")
    assert len(warned) == 1
    assert engine.heard() == ["Move left"]
    voice.close()


def test_an_engine_that_cannot_be_started_is_given_up(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    broken = tmp_path / "engine"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    warned: list[str] = []
    voice = voice_of(parent, broken, warned, clock)
    voice.say("Move left")
    qtbot.waitUntil(lambda: bool(warned))
    assert len(warned) == 1
    voice.close()


@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="espeak-ng is not installed")
def test_the_real_engine_takes_our_arguments(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    """Its sound goes to a file: no machine that tests has to have a loudspeaker."""
    sound = tmp_path / "sound.wav"
    wrapper = tmp_path / "engine"
    wrapper.write_text(f'#!/bin/sh\nexec {PROGRAM} -w "{sound}" "$@"\n')
    wrapper.chmod(0o755)
    warned: list[str] = []
    voice = voice_of(parent, wrapper, warned, clock)
    voice.say("Move left")
    qtbot.waitUntil(lambda: not voice.speaking)
    assert warned == []
    assert sound.stat().st_size > 1000
    voice.close()


# -- a site's own recordings ---------------------------------------------------------------------


def _recorded(
    folder: Path, parent: QObject, clock: HandClock, player: Engine
) -> tuple[Voice, Engine, list[str]]:
    """A voice with one recording in English, of the prompt "enrolled"."""
    (folder / "recordings" / "en").mkdir(parents=True)
    (folder / "recordings" / "en" / "enrolled.wav").write_bytes(b"RIFF")
    (folder / "speech").mkdir()
    engine, warned = Engine(folder / "speech", "exit 0"), list[str]()
    voice = Voice(
        parent,
        "en",
        warned.append,
        str(engine.path),
        clock.monotonic,
        folder / "recordings",
        str(player.path),
    )
    return voice, engine, warned


def test_a_recording_is_played_and_what_has_none_is_spoken(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    player = Engine(tmp_path, "exit 0")
    voice, engine, warned = _recorded(tmp_path, parent, clock, player)
    with qtbot.waitSignal(voice.spoken) as said:
        voice.say("You can enter by face now", "enrolled")
    assert said.args == ["enrolled"]
    with qtbot.waitSignal(voice.spoken) as said:
        voice.say("Good", "pose_taken")
    assert said.args == ["pose_taken"]
    assert player.heard() == [str(tmp_path / "recordings" / "en" / "enrolled.wav")]
    assert engine.heard() == ["Good"]
    assert warned == []
    voice.change_language("es")
    voice.say("Ya puede entrar con la cara", "enrolled")
    qtbot.waitUntil(lambda: len(engine.heard()) == 2 and not voice.speaking)
    voice.close()


def test_a_recording_that_cannot_be_played_is_spoken_instead(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    player = Engine(tmp_path, "exit 1")
    voice, engine, warned = _recorded(tmp_path, parent, clock, player)
    voice.say("You can enter by face now", "enrolled")
    qtbot.waitUntil(lambda: engine.heard() == ["You can enter by face now"])
    assert len(warned) == 1
    voice.close()


def test_a_prompt_that_was_cut_off_was_not_said(
    qtbot: QtBot, tmp_path: Path, parent: QObject, clock: HandClock
) -> None:
    engine = Engine(tmp_path, '[ "$word" = last ] || exec sleep 60')
    voice = voice_of(parent, engine.path, [], clock)
    said: list[str] = []
    voice.spoken.connect(said.append)
    voice.say("first", "consent_what")
    qtbot.waitUntil(lambda: engine.heard() == ["first"])
    voice.say("last", "consent_use")
    qtbot.waitUntil(lambda: said == ["consent_use"])
    voice.close()
