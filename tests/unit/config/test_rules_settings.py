"""The access rules as they are written: read in one way, or refused by name with a remedy."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.sections.hours import clock, day, hours, window, zone
from config.settings import CONFIG_NAME, PROFILES, load
from kiosk.domain.errors import SettingsError
from kiosk.domain.people.calendar import ALWAYS, EVERY_DAY, Schedule, Window
from kiosk.domain.people.presence import Direction, Passback, PresenceMemory
from kiosk.domain.people.rules import Group, Site

WORKDAYS = frozenset({1, 2, 3, 4, 5})
OFFICE = """
[rules]
door = "front"
time_zone = "Europe/Berlin"

[rules.schedules.office]
windows = ["mon-fri 07:00-19:00", "sat 09:00-13:00"]
holiday_windows = ["10:00-12:00"]
exceptions = { "2026-12-24" = ["07:00-12:00"], "2026-12-31" = [] }

[rules.schedules.nights]
windows = ["mon-fri 22:00-06:00"]

[rules.holidays]
2026-12-25 = "Christmas"

[rules.groups.staff]
doors = ["front", "back"]
schedule = "office"

[rules.groups.guards]
doors = ["front"]
schedule = "always"
first_person = true
free_of_passback = true
"""


def read(home: Path, text: str) -> Site:
    (home / CONFIG_NAME).write_text(text, encoding="utf-8")
    return load(home).rules.site()


def refusal(home: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(home, text)
    assert caught.value.remedy
    return caught.value.problem


# -- what is read --------------------------------------------------------------------------------


def test_the_rules_are_what_is_written(tmp_path: Path) -> None:
    site = read(tmp_path, OFFICE)
    office = Schedule(
        "office",
        (Window(WORKDAYS, time(7), time(19)), Window(frozenset({6}), time(9), time(13))),
        (Window(EVERY_DAY, time(10), time(12)),),
        frozenset({date(2026, 12, 25)}),
        {
            date(2026, 12, 24): (Window(EVERY_DAY, time(7), time(12)),),
            date(2026, 12, 31): (),
        },
    )
    assert site == Site(
        door="front",
        groups={
            "staff": Group(doors=frozenset({"front", "back"}), schedule=office),
            "guards": Group(
                doors=frozenset({"front"}),
                schedule=ALWAYS,
                first_person=True,
                free_of_passback=True,
            ),
        },
        memory=PresenceMemory(reset_hours=12.0, day_begins=time(4)),
    )
    assert load(tmp_path).rules.zone() == ZoneInfo("Europe/Berlin")


def test_what_is_remembered_is_what_is_written(tmp_path: Path) -> None:
    text = OFFICE.replace(
        "[rules]",
        """[rules]
        passback = "hard"
        direction = "in"
        reset_hours = 0
        reset_daily = true
        day_begins = "03:30"
        cool_down_seconds = 20
        first_person = true
        unlock_schedule = "nights"
        """,
    )
    site = read(tmp_path, text)
    assert site.memory == PresenceMemory(
        passback=Passback.HARD,
        direction=Direction.IN,
        reset_hours=0.0,
        reset_daily=True,
        day_begins=time(3, 30),
        cool_down_seconds=20.0,
    )
    assert site.first_person
    assert site.unlock is not None
    assert (site.unlock.name, site.unlock.windows) == (
        "nights",
        (Window(WORKDAYS, time(22), time(6)),),
    )


def test_without_rules_everybody_enrolled_passes_at_any_time(tmp_path: Path) -> None:
    site = load(tmp_path).rules.site()
    assert (site.groups, site.first_person, site.unlock) == ({}, False, None)
    assert site.memory.passback is Passback.OFF
    assert site.memory.cool_down_seconds == 0.0
    assert load(tmp_path).rules.zone() == ZoneInfo("UTC")


@pytest.mark.parametrize("profile", sorted(PROFILES.glob("*.toml")), ids=lambda path: path.stem)
def test_profiles_have_rules_that_can_be_kept(profile: Path, tmp_path: Path) -> None:
    assert load(tmp_path, profile).rules.site()


@pytest.mark.parametrize(
    ("text", "days", "begin", "end"),
    [
        ("mon 07:00-19:00", {1}, time(7), time(19)),
        ("mon-fri 07:00-19:00", set(WORKDAYS), time(7), time(19)),
        ("Mon-Fri  07:00-19:00 ", set(WORKDAYS), time(7), time(19)),
        ("mon,wed,sat-sun 07:30-07:31", {1, 3, 6, 7}, time(7, 30), time(7, 31)),
        ("sat-mon 07:00-19:00", {6, 7, 1}, time(7), time(19)),
        ("sun-sun 07:00-19:00", {7}, time(7), time(19)),
        ("mon-sun 22:00-06:00", set(EVERY_DAY), time(22), time(6)),
        ("mon-sun 00:00-24:00", set(EVERY_DAY), time(0), time(0)),
        ("mon 12:00-24:00", {1}, time(12), time(0)),
        ("mon 12:00-00:00", {1}, time(12), time(0)),
    ],
)
def test_a_window_as_people_write_it(text: str, days: set[int], begin: time, end: time) -> None:
    assert window(text) == Window(frozenset(days), begin, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "07:00-19:00",
        "mon",
        "mon ",
        "mon-fri 7:00-19:00",
        "mon-fri 07:00-25:00",
        "mon-fri 07:60-19:00",
        "mon-fri 24:00-06:00",
        "mon-fri 07:00-07:00",
        "mon-fri 00:00-00:00",
        "mon-fri 07:00 - 19:00",
        "mon-fri 07:00-19:00 20:00-21:00",
        "mon-fri 07.00-19.00",
        "mon-fri 07:00-24:01",
        "mo-fr 07:00-19:00",
        "mon- 07:00-19:00",
        "mon-wed-fri 07:00-19:00",
        "mon, wed 07:00-19:00",
        ",mon 07:00-19:00",
        "- 07:00-19:00",
        "mon ٠٧:٠٠-١٩:٠٠",  # noqa: RUF001 - digits, and none of ours
    ],
)
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        window(text)


@pytest.mark.parametrize("text", ["4:00", "24:00", "04:60", "04:00:00", "", "noon"])
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        clock(text)


@pytest.mark.parametrize("text", ["20261224", "2026-W52-4", "24.12.2026", "2026-13-01", "1", ""])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|month"):
        day(text)


@pytest.mark.parametrize("text", ["Berlin", "Europe", "", "../UTC", "/etc/localtime", "a\0b"])
def test_what_is_no_zone(text: str) -> None:
    with pytest.raises(ValueError, match="write a time zone"):
        zone(text)


def test_hours_without_days_are_for_every_day() -> None:
    assert hours("07:00-19:00") == Window(EVERY_DAY, time(7), time(19))
    with pytest.raises(ValueError, match="write"):
        hours("mon 07:00-19:00")


# -- what is refused -----------------------------------------------------------------------------

OVERLAPS = [
    ('windows = ["mon-fri 07:00-19:00", "fri 18:59-23:00"]', "in windows"),
    ('windows = ["mon-fri 22:00-06:00", "sat 05:00-09:00"]', "in windows"),
    ('windows = ["sun 22:00-06:00", "mon 05:00-09:00"]', "in windows"),
    ('windows = ["mon 07:00-09:00", "mon 07:00-09:00"]', "in windows"),
    ('holiday_windows = ["07:00-12:00", "11:59-13:00"]', "in holiday_windows"),
    ('holiday_windows = ["22:00-06:00", "05:00-07:00"]', "in holiday_windows"),
    ('exceptions = { "2026-12-24" = ["07:00-12:00", "08:00-09:00"] }', "exceptions of 2026-12-24"),
]
FITS = [
    'windows = ["mon-fri 07:00-12:00", "mon-fri 12:00-19:00"]',
    'windows = ["mon-fri 22:00-06:00", "sat 06:00-09:00"]',
    'windows = ["fri 22:00-06:00", "fri 05:00-09:00"]',
    'holiday_windows = ["22:00-06:00", "06:00-07:00"]',
    'exceptions = { "2026-12-24" = ["22:00-06:00", "05:00-07:00"] }',
]


@pytest.mark.parametrize(("line", "where"), OVERLAPS)
def test_a_schedule_that_overlaps_itself(tmp_path: Path, line: str, where: str) -> None:
    """It names the schedule and both windows."""
    text = f'[rules]\ntime_zone = "UTC"\n[rules.schedules.lobby]\n{line}'
    problem = refusal(tmp_path, text)
    assert "rules.schedules.lobby in " in problem
    written = [part for part in line.split('"') if ":" in part and "=" not in part]
    assert all(f'"{part}"' in problem for part in written)
    assert where in problem


@pytest.mark.parametrize("line", FITS)
def test_a_schedule_that_just_fits(tmp_path: Path, line: str) -> None:
    read(tmp_path, f'[rules]\ntime_zone = "UTC"\n[rules.schedules.lobby]\n{line}')


def test_every_overlap_is_named_by_the_two_that_do(tmp_path: Path) -> None:
    line = 'windows = ["mon 07:00-08:00", "tue 07:00-09:00", "tue 08:00-10:00"]'
    problem = refusal(tmp_path, f'[rules]\ntime_zone = "UTC"\n[rules.schedules.lobby]\n{line}')
    assert '"tue 07:00-09:00" and "tue 08:00-10:00"' in problem
    assert "mon" not in problem


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('door = "front"', "", "rules.door"),
        ('door = "front"', 'door = "side"', "rules.door"),
        ('door = "front"', 'door = "the front"', "rules.door"),
        ('time_zone = "Europe/Berlin"', "", "rules.time_zone"),
        ('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Berln"', "rules.time_zone"),
        ('schedule = "office"', 'schedule = "ofice"', "rules.groups.staff.schedule"),
        ('schedule = "office"', "", "rules.groups.staff.schedule"),
        ('doors = ["front", "back"]', "doors = []", "rules.groups.staff.doors"),
        ('doors = ["front", "back"]', "", "rules.groups.staff.doors"),
        ("first_person = true", 'first_person = "perhaps"', "rules.groups.guards.first_person"),
        ("free_of_passback", "free_of_pasback", "rules.groups.guards.free_of_pasback"),
        ("[rules.schedules.nights]", "[rules.schedules.always]", "rules.schedules.always"),
        ('"mon-fri 22:00-06:00"', '"mon-fri 22-06"', "rules.schedules.nights.windows.0"),
        ('"10:00-12:00"', '"mon 10:00-12:00"', "rules.schedules.office.holiday_windows.0"),
        ('"2026-12-24"', '"24 Dec"', "rules.schedules.office.exceptions.24 Dec"),
        ('"2026-12-24"', '"2026-02-30"', "rules.schedules.office.exceptions.2026-02-30"),
        ("2026-12-25", "1766620800", "rules.holidays.1766620800"),
        ('"Christmas"', '""', "rules.holidays.2026-12-25"),
        ("[rules]", '[rules]\nunlock_schedule = "lobby"', "rules.unlock_schedule"),
        ("[rules]", '[rules]\nunlock_schedule = "always"', "rules.unlock_schedule"),
        ("[rules]", '[rules]\npassback = "harsh"', "rules.passback"),
        ("[rules]", "[rules]\npassback = true", "rules.passback"),
        ("[rules]", '[rules]\ndirection = "up"', "rules.direction"),
        ("[rules]", '[rules]\nday_begins = "4"', "rules.day_begins"),
        ("[rules]", "[rules]\nday_begins = 14400", "rules.day_begins"),
        ("[rules]", "[rules]\nday_begins = 04:00:00", "rules.day_begins"),
        ("[rules]", "[rules]\ncool_down_seconds = -1", "rules.cool_down_seconds"),
        ("[rules]", "[rules]\nreset_hours = 169", "rules.reset_hours"),
    ],
)
def test_what_cannot_be_kept(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert OFFICE.count(old) >= 1
    assert named in refusal(tmp_path, OFFICE.replace(old, new, 1))


def test_nobody_responsible_would_ever_come(tmp_path: Path) -> None:
    strict = OFFICE.replace("[rules]", "[rules]\nfirst_person = true", 1)
    read(tmp_path, strict)
    nobody = strict.replace('schedule = "always"\nfirst_person = true', 'schedule = "always"')
    assert "rules.first_person needs a group" in refusal(tmp_path, nobody)
    elsewhere = strict.replace('doors = ["front"]', 'doors = ["back"]')
    assert "rules.first_person needs a group" in refusal(tmp_path, elsewhere)
    leaving = strict.replace("[rules]", '[rules]\ndirection = "out"', 1)
    assert "direction in" in refusal(tmp_path, leaving)
    nothing = '[rules]\nfirst_person = true\ntime_zone = "UTC"'
    assert "rules.first_person needs a group" in refusal(tmp_path, nothing)


def test_a_day_of_its_own_needs_a_clock_on_the_wall(tmp_path: Path) -> None:
    assert "rules.time_zone" in refusal(tmp_path, "[rules]\nreset_daily = true")
    read(tmp_path, '[rules]\nreset_daily = true\ntime_zone = "UTC"')


# -- what the facilities admin reads -------------------------------------------------------------

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules.md"


def test_the_page_can_be_pasted(tmp_path: Path) -> None:
    """The settings in docs/rules.md do what the page says of them."""
    blocks = [part.split("```")[0] for part in PAGE.read_text("utf-8").split("```toml\n")[1:]]
    assert blocks
    site = read(tmp_path, blocks[0])
    berlin = load(tmp_path).rules.zone()
    office = site.groups["staff"].schedule
    for when, is_open in (
        ("2026-12-23 18:59", True),
        ("2026-12-24 11:59", True),
        ("2026-12-24 12:00", False),
        ("2026-12-25 10:00", False),
    ):
        shown = datetime.fromisoformat(when).replace(tzinfo=berlin)
        assert office.is_open(shown) is is_open


def test_the_page_tells_every_setting_of_the_section(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    section = load(tmp_path).rules
    assert [name for name in type(section).model_fields if name not in page] == []
