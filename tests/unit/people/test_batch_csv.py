"""The CSV file of a batch: what it says, and what is said of its faults."""

from __future__ import annotations

import re
from datetime import date

import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.people.rules import PersonRules
from kiosk.people.batch.roster import Roster, read_roster

HEADER = "subject,given_name,groups,valid_from,valid_until,consent,photo"
MANY = 100_000


def roster(*rows: str, header: str = HEADER, mark: bytes = b"") -> Roster:
    return read_roster(mark + "\r\n".join((header, *rows)).encode(), "people.csv")


def fault(*rows: str, header: str = HEADER) -> str:
    """What is said of a file that cannot be used."""
    with pytest.raises(BadInput) as raised:
        roster(*rows, header=header)
    assert raised.value.remedy.endswith(".")
    assert type(raised.value.remedy) is str, "no command of another way to say it"
    return raised.value.problem


def test_what_a_row_says() -> None:
    read = roster("p-1,Anna,staff; night  lab,2026-01-31,2026-12-31,form 3,a/b.jpg")
    (anna,) = read.people
    assert (anna.subject, anna.given_name, anna.consent) == ("p-1", "Anna", "form 3")
    days = (date(2026, 1, 31), date(2026, 12, 31))
    assert anna.rules == PersonRules(("staff", "night", "lab"), *days)
    assert (anna.photographs, read.rows, read.photographs) == (("a/b.jpg",), 1, 1)
    assert "Anna" not in repr(anna)


def test_an_empty_field_is_the_default() -> None:
    (nobody,) = roster("p-1,,,,,form 3,a.jpg").people
    assert (nobody.given_name, nobody.rules) == (None, PersonRules())


def test_rows_of_one_person_are_joined() -> None:
    read = roster("p-1,,staff,,,,a.jpg", "p-2,,,,,f,c.jpg", "", "p-1,Anna,,,,form 3,b.jpg")
    first, second = read.people
    assert (first.given_name, first.rules.groups, first.consent) == ("Anna", ("staff",), "form 3")
    assert (first.photographs, second.photographs) == (("a.jpg", "b.jpg"), ("c.jpg",))
    assert (read.rows, read.photographs) == (3, 3)


def test_columns_in_any_order_a_mark_and_quotes() -> None:
    header = "photo,consent,valid_until,valid_from,groups,given_name,subject"
    row = '"a, b.jpg","I agree,\r\nto ""all""",,,,Zoë,p-1'
    (zoe,) = roster(row, header=header, mark=b"\xef\xbb\xbf").people
    assert (zoe.photographs, zoe.given_name) == (("a, b.jpg",), "Zoë")
    assert zoe.consent == 'I agree,\r\nto "all"'


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("anna@example.org,,,,,f,a.jpg", "subject's id"),
        (",,,,,f,a.jpg", "subject's id"),
        (f"p-1,{'x' * 61},,,,f,a.jpg", "given name"),
        ("p-1,,no.group,,,f,a.jpg", "cannot be a group"),
        ("p-1,,none,,,f,a.jpg", "cannot be a group"),
        ("p-1,,,31.1.2026,,f,a.jpg", "valid_from is no day"),
        ("p-1,,,,2026-02-30,f,a.jpg", "valid_until is no day"),
        ("p-1,,,2026-02-02,2026-02-01,f,a.jpg", "never"),
        ("p-1,,,,,,a.jpg", "No consent of p-1"),
        ("p-1,,,,,  ,a.jpg", "No consent of p-1"),
        ("p-1,,,,,f,", "names no photograph"),
        ("p-1,,,,,f,/etc/a.jpg", "does not lie below"),
        ("p-1,,,,,f,b/../../a.jpg", "does not lie below"),
        ("p-1,,,,,f,.", "does not lie below"),
        ("p-1,,,,,f,b\\a.jpg", "no path here"),
        ("p-1,,,,,f,a\x00.jpg", "no path here"),
        ("p-1,,,,,f", "6 fields, not 7"),
        ("p-1,,,,,f,a.jpg,", "8 fields, not 7"),
        ('p-1,,,,,"f,a.jpg', "cannot be read"),
    ],
)
def test_a_fault_is_told_with_its_line(row: str, told: str) -> None:
    said = fault("p-0,,,,,f,z.jpg", "", row)
    assert said.startswith("people.csv, line 4: ")
    assert told in said


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("", "missing: subject, given_name, groups, valid_from, valid_until, consent, photo"),
        (HEADER.replace(",consent", ""), "missing: consent"),
        (HEADER.replace(",", ";"), "missing: subject"),
        (HEADER + ",needs_longer", "'needs_longer' is no column"),
        (HEADER + ",photo", "a column is there twice"),
    ],
)
def test_the_columns_are_those_and_no_others(header: str, told: str) -> None:
    said = fault("p-1,,,,,f,a.jpg", header=header)
    assert said.startswith("people.csv, line 1: ")
    assert told in said


def test_nobody_is_named() -> None:
    assert fault() == "people.csv names nobody."


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_named_with_its_line(encoding: str) -> None:
    text = f"{HEADER}\np-1,Zoë,,,,f,a.jpg\n"
    with pytest.raises(BadInput, match=r"line [12]: it is not UTF-8\.") as raised:
        read_roster(text.encode(encoding), "people.csv")
    assert "UTF-8" in raised.value.remedy


def test_rows_that_repeat_or_contradict_each_other() -> None:
    again = fault("p-1,,,,,f,a.jpg", "p-1,,,,,f,./a.jpg")
    assert again == "people.csv, line 3: It repeats line 2: p-1 with 'a.jpg'."
    other = fault("p-1,Anna,,,,f,a.jpg", "p-1,,,,,f,b.jpg", "p-1,Anne,,,,f,c.jpg")
    assert other == "people.csv, line 4: Its given_name of p-1 differs from that of line 2."
    assert "Anna" not in other


def test_one_photograph_of_two_people_is_for_the_enrolment_to_find() -> None:
    assert len(roster("p-1,,,,,f,a.jpg", "p-2,,,,,f,a.jpg").people) == 2


def test_all_faults_are_counted_and_the_first_is_told() -> None:
    said = fault("p-1,,,x,,f,a.jpg", "p-2,,,,,f,b.jpg", "p 3,,,,,f,c.jpg", "p-4,,,,,,d.jpg")
    assert said.startswith("people.csv, line 2: 'x' in the column valid_from")
    assert said.endswith(" 2 more lines have faults: 4, 5.")
    assert fault("p 1,,,,,f,a", "p 2,,,,,f,b").endswith(" 1 more line has faults: 3.")
    assert fault(*["p 1,,,,,f,a"] * 20).endswith(": 3, 4, 5, 6, 7, 8, 9, 10 and others.")


def test_a_hundred_thousand_rows() -> None:
    rows = [f"p-{n // 2},,staff,,,form 3,{n}.jpg" for n in range(MANY)]
    read = roster(*rows)
    assert (read.rows, len(read.people), read.photographs) == (MANY, MANY // 2, MANY)


@pytest.mark.long
def test_a_fault_after_a_hundred_thousand_rows() -> None:
    rows = [f"p-{n // 2},,staff,,,form 3,{n}.jpg" for n in range(MANY)]
    said = fault(*rows[:-1], "p-49999,,others,,,form 3,z.jpg")
    assert re.match(rf"people.csv, line {MANY + 1}: Its groups of p-49999", said)
