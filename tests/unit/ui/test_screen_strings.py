from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import pytest

from kiosk.domain.access.machine import Reason
from kiosk.domain.door.model import Condition
from kiosk.domain.door.protocol import Lock
from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.enrolment.facts import FactKind
from kiosk.domain.errors import SettingsError
from kiosk.domain.finding import Health
from kiosk.domain.prompts import NOTICE, OF_DEFECT, OF_REASON, Prompt, Tone, View
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.ui import strings
from kiosk.ui.pages.page import PageName
from kiosk.ui.strings.moments import told
from kiosk.ui.strings.plurals import RULES
from kiosk.ui.strings.reading import parse
from kiosk.ui.strings.texts import DETAILS, Text, WritingDirection
from kiosk.ui.text import ScreenText, Speech

ENGLISH = (files("kiosk.ui.strings") / "en.toml").read_text(encoding="utf-8")
SITE = ScreenText("Harbour Library", "opening this door", "reception", "your card")
SPEECH = Speech(strings.load("en"), SITE)

TABLES = {"screen", "help", "door", "pad", "installer", "when", "pages"}
TABLES |= {"enrolment", "data", "feedback", "languages", "sheet", "site"}
"""Those besides the prompts."""

WORDED = {
    Prompt.LOOK_HERE: ("Look here to enter", ""),
    Prompt.COME_CLOSER: ("Come a little closer", ""),
    Prompt.STEP_BACK: ("Step back a little", ""),
    Prompt.MOVE_LEFT: ("Move left", ""),
    Prompt.MOVE_RIGHT: ("Move right", ""),
    Prompt.LOOK_STRAIGHT: ("Look straight ahead", ""),
    Prompt.LIFT_CHIN: ("Lift your chin", ""),
    Prompt.LOWER_CHIN: ("Lower your chin", ""),
    Prompt.OPEN_EYES: ("Open your eyes", "If you can't, call for help"),
    Prompt.TAKE_OFF_SUNGLASSES: ("Take off your sunglasses", "If you can't, call for help"),
    Prompt.LOWER_MASK: ("Lower your mask", "If you can't, call for help"),
    Prompt.BLURRED: ("Hold still", ""),
    Prompt.ONE_AT_A_TIME: ("One person at a time", ""),
    Prompt.HOLD_STILL: ("Hold still", ""),
    Prompt.GRANTED: ("Welcome", "The door is open for you"),
    Prompt.NOT_RECOGNISED: ("We don't know you yet", "Use your card, or call for help"),
    Prompt.OUT_OF_SERVICE: ("Face entry is off", "Use your card, or call for help"),
}
"""`screen.md`, word for word where it gives both lines."""


def words(prompt: Prompt, name: str = "", seconds: float = 30.0) -> tuple[str, str]:
    message = SPEECH.message(View(prompt, Tone.WAITING, until=Instant(0.0)), name, seconds)
    return message.sentence, message.quiet


@pytest.mark.parametrize("prompt", WORDED, ids=lambda prompt: prompt.value)
def test_the_agreed_words(prompt: Prompt) -> None:
    assert words(prompt) == WORDED[prompt]


def test_the_agreed_sentences_whose_quiet_line_is_ours() -> None:
    assert words(Prompt.TOO_DARK)[0] == "It's too dark here"
    assert words(Prompt.NOISY)[0] == "It's too dark here"
    assert words(Prompt.TOO_BRIGHT)[0] == "There's too much light"
    assert words(Prompt.SECOND_FACTOR)[0] == "Please add your PIN or code"
    assert words(Prompt.OWN_FACE)[0] == "Please show your own face"


def test_a_given_name_is_greeted_and_shown_nowhere_else() -> None:
    assert words(Prompt.GRANTED, name="Grace")[0] == "Welcome, Grace"
    others = [words(prompt, name="Grace") for prompt in Prompt if prompt is not Prompt.GRANTED]
    assert not any("Grace" in line for lines in others for line in lines)


def test_a_name_with_braces_is_only_a_name() -> None:
    assert words(Prompt.GRANTED, name="{contact}")[0] == "Welcome, {contact}"


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        (30.0, "Please wait 30 seconds"),
        (29.01, "Please wait 30 seconds"),
        (1.2, "Please wait 2 seconds"),
        (1.0, "Please wait 1 second"),
        (0.0, "Please wait 1 second"),
    ],
)
def test_a_wait_counts_whole_seconds(left: float, sentence: str) -> None:
    assert words(Prompt.LOCKED_OUT, seconds=left)[0] == sentence


@pytest.mark.parametrize("language", strings.languages())
def test_every_defect_and_every_reason_has_words_in_every_language(language: str) -> None:
    """R13: a fixed message for each reason, in each language."""
    texts = strings.load(language).texts
    prompts = {*Prompt, *map(OF_DEFECT.get, Defect), *map(OF_REASON.get, Reason)}
    assert all(prompt and texts[f"{prompt.value}.sentence"].of(1) for prompt in prompts)


@pytest.mark.parametrize("language", strings.languages())
def test_no_shipped_language_borrows_from_english(language: str) -> None:
    assert sorted(strings.load(language).missing) == []


def test_a_language_says_its_own_name_and_direction() -> None:
    english = strings.load("en")
    assert (english.name, english.direction) == ("English", WritingDirection.LEFT_TO_RIGHT)


def test_sentences_are_short_and_say_no_number_of_their_own() -> None:
    """A refusal never says how close it was."""
    for prompt in Prompt:
        sentence, quiet = words(prompt)
        assert len(sentence.split()) <= (11 if prompt in NOTICE else 7), sentence
        assert not re.search(r"[0-9%]", sentence.replace("30 seconds", "") + quiet)


def test_words_are_kind() -> None:
    unkind = r"\b(sir|madam|wrong|denied|fake|fraud|attack|failed|error|illegal|match|score)\b"
    every = " ".join(line for prompt in Prompt for line in words(prompt))
    assert not re.search(unkind, every, re.IGNORECASE)


def test_an_attack_is_told_no_reason() -> None:
    assert words(Prompt.OWN_FACE) == ("Please show your own face", "Or use your card")


def test_nobody_is_spoken_to_while_nobody_is_there() -> None:
    spoken = {p: SPEECH.message(View(p, Tone.WAITING)).spoken for p in Prompt}
    assert {p for p, said in spoken.items() if not said} == {Prompt.LOOK_HERE, Prompt.STARTING}


def test_what_is_said_names_this_doors_own_other_way_in() -> None:
    speech = Speech(strings.load("en"), ScreenText("A", "b", "the porter", "the bell"))
    assert speech.message(View(Prompt.OUT_OF_SERVICE, Tone.OFF)).quiet.startswith("Use the bell")
    assert speech.standing("help.call") == "Call the porter."


def changed(old: str, new: str) -> str:
    assert old in ENGLISH
    return ENGLISH.replace(old, new)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[look_here\n", "not TOML"),
        (changed("[look_here]", "[look_there]"), "look_here.sentence is missing"),
        (changed("[move_left]\nsentence", "[move_left]\nsentense"), "move_left.sentense"),
        (changed('[move_left]\nsentence = "Move left"', "[move_left]"), "move_left.sentence is"),
        (changed('"Move left"', "7"), "move_left.sentence is not text"),
        (changed('"Move left"', '"Move {where}"'), "'where'"),
        (changed('"Move left"', '"Move {"'), "stray brace"),
        (changed('fire = "The door is open: please leave"\n', ""), "door.fire is missing"),
        (changed("sentence.one", "sentence.two"), "locked_out.sentence.two is not known"),
        (changed("wait.other = ", "waited.other = "), "installer.wait.other is missing"),
        (changed('name = "English"', ""), "language has not just"),
        (changed('name = "English"', "name = 1"), "language.name is not text"),
        (changed('"ltr"', '"up"'), "language.direction"),
        (
            "look_here = 1\n"
            + ENGLISH.replace('[look_here]\nsentence = "Look here to enter"\nspoken = ""', ""),
            "look_here is not a table",
        ),
    ],
)
def test_a_table_that_is_not_whole_stops_the_start(text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)):
        parse("en", text)


def test_english_without_a_table_about_itself_is_refused() -> None:
    with pytest.raises(SettingsError, match="language has not just name and direction"):
        parse("en", re.sub(r"\[language\](\n.+){2}", "", ENGLISH))


@pytest.mark.parametrize("language", ["xx", "../en", "", "EN1"])
def test_an_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(SettingsError, match="no words for the language"):
        strings.load(language)


def test_placeholders_are_those_of_their_table() -> None:
    with pytest.raises(SettingsError, match="unknown placeholder 'contact'"):
        parse("en", changed('today = "today at {time}"', 'today = "ask {contact}"'))


FED: Mapping[str, set[str]] = {
    "door": {condition.value for condition in Condition},
    "pages": {name.value for name in PageName},
    "feedback": {kind.value for kind in Feedback},
    "data": {kind.value for kind in FactKind} | {"pin", "badge"},
    "installer": {value.value for kind in (Lock, Health) for value in kind},
    "site": {*DETAILS},
}
"""By table the names that the code takes from elsewhere: `f"door.{condition}"`."""


def asked_for() -> set[str]:
    """Every key that the code asks for, whole or put together in the file that has its name."""
    lines = ("sentence", "quiet", "spoken")
    found = {f"{prompt.value}.{line}" for prompt in Prompt for line in lines}
    found |= {f"{Prompt.GRANTED.value}.named", f"{Prompt.NOT_NOW.value}.noted"}
    for path in Path(str(files("kiosk"))).rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        whole = re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", code)
        found |= {key for key in whole if key.split(".")[0] in TABLES}
        if "standing" in code or ".texts" in code:
            names = set(re.findall(r'"([a-z_]+)"', code))
            for table, start in re.findall(r"""f["']([a-z]+)\.([a-z_]*)\{""", code):
                found |= {f"{table}.{start}{name}" for name in FED.get(table, set()) | names}
    return found


def test_every_key_of_a_text_is_asked_for() -> None:
    """No key is left behind when what asked for it goes."""
    assert strings.load("en").texts.keys() - asked_for() == set()


def test_every_key_that_is_asked_for_has_words() -> None:
    """No key that is written whole in the code is misspelt."""
    code = [path.read_text(encoding="utf-8") for path in Path(str(files("kiosk.ui"))).rglob("*.py")]
    written = {key for text in code for key in re.findall(r'"([a-z]+\.[a-z_]+)"', text)}
    whole = {key for key in written if key.split(".")[0] in TABLES}
    assert len(whole) > 20
    assert whole - strings.load("en").texts.keys() == set()


def test_every_prompt_is_said_somewhere() -> None:
    """Outside of their list, which begins each with its name."""
    code = [path.read_text(encoding="utf-8") for path in Path(str(files("kiosk"))).rglob("*.py")]
    said = {name for text in code for name in re.findall(r"\bPrompt\.([A-Z_]+)\b", text)}
    assert {prompt.name for prompt in Prompt} - said == set()


# -- another language ------------------------------------------------------------------------------

POLISH = """
[language]
name = "Polski"
direction = "ltr"
[locked_out]
sentence.one = "{count} sekunda"
sentence.few = "{count} sekundy"
sentence.many = "{count} sekund"
[come_closer]
sentence = "Proszę podejść bliżej"
spoken = "Proszę podejść trochę bliżej"
"""
ARABIC = """
[language]
name = "العربية"
direction = "rtl"
[installer]
wrong.zero = "0: {count}"
wrong.one = "1: {count}"
wrong.two = "2: {count}"
wrong.few = "3-10: {count}"
wrong.many = "11-99: {count}"
wrong.other = "100: {count}"
"""


def other(language: str, text: str) -> Speech:
    return Speech(parse(language, text, strings.load("en")), SITE)


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (1, "1 sekunda"),
        (2, "2 sekundy"),
        (4, "4 sekundy"),
        (5, "5 sekund"),
        (12, "12 sekund"),
        (22, "22 sekundy"),
        (21, "21 sekund"),
    ],
)
def test_a_count_has_the_form_of_its_language(seconds: int, sentence: str) -> None:
    view = View(Prompt.LOCKED_OUT, Tone.REFUSED)
    assert other("pl", POLISH).message(view, seconds_left=seconds).sentence == sentence


@pytest.mark.parametrize(
    ("count", "form"),
    [
        (0, "0"),
        (1, "1"),
        (2, "2"),
        (3, "3-10"),
        (10, "3-10"),
        (11, "11-99"),
        (99, "11-99"),
        (100, "100"),
        (102, "100"),
        (103, "3-10"),
        (111, "11-99"),
    ],
)
def test_six_forms_for_six_kinds_of_number(count: int, form: str) -> None:
    speech = other("ar", ARABIC)
    assert speech.standing("installer.wrong", count) == f"{form}: {count}"
    assert speech.strings.direction is WritingDirection.RIGHT_TO_LEFT


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("de", {1: "one", 0: "other", 21: "other"}),
        ("fr", {0: "one", 1: "one", 2: "other"}),
        ("ja", {1: "other"}),
        ("he", {1: "one", 2: "two", 3: "other"}),
        ("cs", {1: "one", 3: "few", 5: "other"}),
        ("ru", {1: "one", 11: "many", 21: "one", 24: "few", 14: "many", 0: "many"}),
    ],
)
def test_the_rules_are_those_of_cldr(language: str, forms: dict[int, str]) -> None:
    assert {count: RULES[language](count) for count in forms} == forms


def test_what_a_language_lacks_is_in_english_and_told_of() -> None:
    polish = other("pl", POLISH)
    assert polish.message(View(Prompt.HOLD_STILL, Tone.RIGHT)).sentence == "Hold still"
    assert polish.standing("installer.wrong", 1) == "That PIN didn't work. 1 attempt left."
    missing = polish.strings.missing
    assert {"hold_still.sentence", "installer.wrong", "door.fire"} <= missing
    assert not {"locked_out.sentence", "come_closer.sentence"} & missing


def test_a_language_may_speak_where_english_only_writes() -> None:
    message = other("pl", POLISH).message(View(Prompt.COME_CLOSER, Tone.WRONG))
    assert message.spoken == "Proszę podejść trochę bliżej"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (POLISH + "[surprise]\nsentence = 'x'\n", "surprise.sentence is not known"),
        (POLISH + "[screen]\nhello = 'x'\n", "screen.hello is not known"),
        (POLISH.replace("sentence.many", "sentence.two"), "locked_out.sentence.two is not known"),
        (POLISH.replace('sentence.many = "{count} sekund"', ""), "locked_out.sentence.many is"),
    ],
)
def test_what_no_language_has_is_refused(text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)):
        other("pl", text)


def test_a_language_whose_plurals_are_not_known_is_refused() -> None:
    with pytest.raises(SettingsError, match="plural rule is not known"):
        other("xx", POLISH)


def test_a_refusal_that_ends_says_when() -> None:
    closed = View(Prompt.NOT_NOW, Tone.REFUSED)
    assert SPEECH.message(closed).quiet == "Please ask reception"
    noted = SPEECH.message(closed, note="on Monday at 07:00")
    assert noted.quiet == "It opens for you on Monday at 07:00"
    assert noted.spoken == "This door is closed to you now. It opens for you on Monday at 07:00."


def test_a_note_changes_no_prompt_that_has_no_place_for_it() -> None:
    for prompt in set(Prompt) - {Prompt.NOT_NOW}:
        view = View(prompt, Tone.REFUSED)
        assert SPEECH.message(view, note="tomorrow at 07:00") == SPEECH.message(view)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-03-06T19:00+01:00", "today at 19:00"),
        ("2026-03-07T00:00+01:00", "tomorrow at 00:00"),
        ("2026-03-09T07:30+01:00", "on Monday at 07:30"),
        ("2026-03-12T07:00+01:00", "on Thursday at 07:00"),
        ("2026-03-13T07:00+01:00", "on 13 March at 07:00"),
        ("2026-12-24T07:05+01:00", "on 24 December at 07:05"),
        ("2026-03-05T07:00+01:00", "on 5 March at 07:00"),
    ],
)
def test_a_moment_is_told_as_somebody_would_say_it(moment: str, said: str) -> None:
    now = datetime.fromisoformat("2026-03-06T18:00+01:00")
    assert told(SPEECH.strings, datetime.fromisoformat(moment), now) == said


def test_what_can_be_spoken_of_the_pad_names_no_digit() -> None:
    for key in ("spoken_digit", "spoken_delete", "spoken_enter"):
        assert not re.search(r"[0-9]|one\b(?! moment)|two|three", SPEECH.standing(f"pad.{key}"))


def test_every_condition_of_the_door_has_words() -> None:
    door = {key for key in strings.load("en").texts if key.startswith("door.")}
    assert door == {f"door.{condition.value}" for condition in Condition}


def test_a_door_in_a_state_without_words_is_not_called_open() -> None:
    assert SPEECH.door("something new") == "The door doesn't answer"


def test_a_door_without_details_speaks_each_language() -> None:
    for language in strings.languages():
        words = strings.load(language)
        said = Speech(words, ScreenText()).standing("screen.other_way")
        assert words.texts["site.other_way"].of(1) in said


def test_a_doors_own_details_are_said_in_the_language_that_has_them() -> None:
    own = ScreenText(contact="the porter", translations={"es": ScreenText(contact="el portero")})
    said = {
        language: Speech(strings.load(language), own).standing("screen.questions")
        for language in ("en", "es", "fr")
    }
    assert said == {
        "en": "Questions: the porter",
        "es": "Preguntas: el portero",
        "fr": "Questions : the porter",
    }


def _placeholders(text: Text) -> set[str]:
    parsed = (string.Formatter().parse(form) for form in text.forms.values())
    return {field for form in parsed for _, field, _, _ in form if field is not None}


@pytest.mark.parametrize("language", strings.languages())
def test_a_translation_has_the_placeholders_of_the_english(language: str) -> None:
    english, other = strings.load("en").texts, strings.load(language).texts
    differing = {
        key: (_placeholders(english[key]), _placeholders(other[key]))
        for key in english.keys() & other.keys()
        if _placeholders(english[key]) != _placeholders(other[key])
    }
    assert differing == {}


@pytest.mark.parametrize("language", strings.languages())
def test_a_translation_has_no_line_that_the_english_has_not(language: str) -> None:
    assert strings.load(language).texts.keys() == strings.load("en").texts.keys()
