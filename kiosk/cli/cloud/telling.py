"""What is said of people whose photographs went into collections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kiosk.cli.passed_over import listed
from kiosk.cloud.jobs.outcome import DONE_ENDS, IndexEnd
from kiosk.domain.errors import CloudUnavailable

if TYPE_CHECKING:
    from kiosk.cloud.jobs.outcome import IndexReport
    from kiosk.domain.cloud.faces import CloudId
    from kiosk.domain.vision.template import SubjectId


_LEFT_OUT = {
    IndexEnd.NO_CONSENT: (
        "they did not agree to Amazon Rekognition; erase them, and enrol them anew with --cloud, "
        "once they do"
    ),
    IndexEnd.UNKNOWN: "nobody of that id is enrolled here",
}


def code_of(report: IndexReport) -> int:
    """0 if everybody is in; 1 if somebody was refused; 4 if it has to be tried again."""
    if not report.complete:
        return CloudUnavailable.exit_code
    return 0 if all(each.end in DONE_ENDS for each in report.people) else 1


def report_said(report: IndexReport, names: Mapping[CloudId, SubjectId]) -> dict[str, Any]:
    """The report for programs."""
    return {
        "people": len(report.people),
        **counts_of(report),
        "photographs": sum(len(each.photographs) for each in report.people),
        "resumed": report.resumed,
        "looked_at": report.looked_at,
        "sent": report.sent,
        "calls": report.calls,
        "seconds": round(report.seconds, 3),
        "photographs_per_second": round(report.rate, 2),
        "gates_per_second": round(report.gates_rate, 2),
        "held_by": report.held_by if report.sent else None,
        "complete": report.complete,
        "unsearched": report.unsearched,
        "duplicates": [
            {"subject": it.subject, "other": names.get(it.other), "other_id": it.other}
            for it in report.pairs
        ],
        "images": [
            {
                "subject": each.subject,
                "photo": it.name,
                "status": _status(each.end, indexed=it.indexed),
            }
            | ({"reason": it.refused} if it.refused else {})
            for each in report.people
            for it in each.photographs
        ],
        "problems": {each.subject: each.problem for each in report.people if each.problem},
    }


def counts_of(report: IndexReport) -> dict[str, int]:
    """How many people there are of each end."""
    ends = [each.end for each in report.people]
    return {each.value: ends.count(each) for each in IndexEnd}


def print_report(report: IndexReport, names: Mapping[CloudId, SubjectId]) -> None:
    """The report for people."""
    photographs = [it for each in report.people for it in each.photographs]
    refused = ((it.name, it.refused.replace("_", " ")) for it in photographs if it.refused)
    left_out = (
        (each.subject, _LEFT_OUT[each.end]) for each in report.people if each.end in _LEFT_OUT
    )
    for line in (*listed("refused", refused), *listed("left out", left_out)):
        print(line)
    for pair in report.pairs:
        other = names.get(pair.other) or "somebody who is not enrolled here"
        print(f"{pair.subject} looks like {other}: look who they are.")
    for each in report.people:
        if each.problem:
            print(f"{each.subject}: {each.problem}")
    told = ", ".join(
        f"{count:,} {name.replace('_', ' ')}" for name, count in counts_of(report).items() if count
    )
    print(f"{len(report.people):,} people: {told}.")
    if report.sent:
        held = "the local gates" if report.held_by == "gates" else "the quota and the calls"
        print(
            f"{report.sent:,} photographs were sent, {report.rate:.1f} a second; {held} held it."
            f" The gates looked at {report.gates_rate:.1f} a second."
        )
    if not report.complete:
        print("It is not complete: go on with --resume.")


def _status(end: IndexEnd, *, indexed: bool) -> str:
    if indexed and end is not IndexEnd.UNCHANGED:
        return "indexed"
    return end.value if end is not IndexEnd.INDEXED else "refused"
