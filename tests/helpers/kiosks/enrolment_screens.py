"""A view of everything that the screen shows of an enrolment, by a name for the test's report."""

from __future__ import annotations

from datetime import date

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.stages.endings import OF_END
from kiosk.domain.enrolment.view import OF_DIRECTION, OF_FAULT, EnrolmentView
from kiosk.domain.prompts import NOTICE, OF_DEFECT, Prompt, Tone
from kiosk.domain.vision.frame import Instant

NOW = 100.0
"""The clock of `kiosk_screen.window`."""

RECEIPT = "LR-7Q4M-82KD-91TX"
FACTS = (
    DataFact(FactKind.NUMBERS, count=4),
    DataFact(FactKind.SINCE, day=date(2026, 9, 27)),
    DataFact(FactKind.DOORS, "Staff, Warehouse"),
    DataFact(FactKind.FACTORS, "pin, badge"),
    DataFact(FactKind.UNTIL, day=date(2027, 12, 31)),
    DataFact(FactKind.PICTURE),
)
READ = (
    DataFact(FactKind.READ, "Wolfeschlegelsteinhausenbergerdorff"),
    DataFact(FactKind.READ, "Anna Maria"),
    DataFact(FactKind.UNTIL, day=date(2031, 4, 15)),
)
UNDO = Instant(NOW + 2.0)


def asked(prompt: Prompt, place: int = 1) -> EnrolmentView:
    """A question."""
    return EnrolmentView(prompt, Tone.WAITING, asks=True, dots=(place, 6))


def answered(answer: Answer) -> EnrolmentView:
    """An answer that can be undone."""
    prompt = Prompt.ANSWERED_YES if answer is Answer.YES else Prompt.ANSWERED_NO
    return EnrolmentView(prompt, Tone.WAITING, asks=True, dots=(4, 6), until=UNDO, answered=answer)


def coached(direction: PoseDirection, fill: float = 0.5) -> EnrolmentView:
    """A direction that is wanted, after those before it."""
    order = list(PoseDirection)
    taken = frozenset(order[: order.index(direction)])
    prompt = OF_DIRECTION[direction]
    return EnrolmentView(
        prompt, Tone.RIGHT, dots=(5, 6), directions=taken, wanted=direction, fill=fill
    )


def ended(prompt: Prompt, tone: Tone, receipt: str | None = None) -> EnrolmentView:
    """A result."""
    return EnrolmentView(prompt, tone, receipt=receipt)


BY_BADGE = {
    "badge": EnrolmentView(Prompt.DATA_BADGE, Tone.WAITING),
    "pin": EnrolmentView(Prompt.ENTER_PIN, Tone.WAITING, pad=True),
    "wrong pin": EnrolmentView(Prompt.CODE_UNKNOWN, Tone.WRONG, pad=True),
    "too many pins": ended(Prompt.ASK_FOR_HELP, Tone.REFUSED),
}
"""Who wants to see their data shows a badge, and types its PIN."""


def every_view() -> dict[str, EnrolmentView]:
    """All of them."""
    views = {prompt.value: asked(prompt) for prompt in Prompt if prompt in NOTICE}
    views |= {f"answered {answer.value}": answered(answer) for answer in Answer}
    views["still there"] = EnrolmentView(
        Prompt.STILL_THERE, Tone.WAITING, asks=True, dots=(5, 6), until=Instant(NOW + 9.0)
    )
    views["judging"] = EnrolmentView(Prompt.ONE_MOMENT, Tone.WAITING)
    views["no face"] = EnrolmentView(Prompt.FACE_IN_OVAL, Tone.WAITING, dots=(5, 6))
    views |= {f"coached {each.value}": coached(each) for each in PoseDirection}
    for prompt in (Prompt.POSE_TAKEN, Prompt.POSE_PASSED):
        views[prompt.value] = EnrolmentView(
            prompt, Tone.RIGHT, dots=(5, 6), wanted=PoseDirection.LEFT, fill=0.1
        )
    for prompt in (*OF_DEFECT.values(), Prompt.ONE_AT_A_TIME):
        views[f"wrong {prompt.value}"] = EnrolmentView(
            prompt, Tone.WRONG, dots=(5, 6), wanted=PoseDirection.UP, fill=0.2
        )
    views["document"] = EnrolmentView(
        Prompt.SHOW_DOCUMENT, Tone.WAITING, dots=(6, 6), document=True
    )
    views["document held"] = EnrolmentView(
        Prompt.HOLD_STILL, Tone.RIGHT, dots=(6, 6), document=True
    )
    views["zone"] = EnrolmentView(Prompt.SHOW_ZONE, Tone.WAITING, dots=(6, 6), document=True)
    for prompt in OF_FAULT.values():
        views[prompt.value] = EnrolmentView(prompt, Tone.WRONG, dots=(6, 6), document=True)
    views["confirm"] = EnrolmentView(
        Prompt.DOCUMENT_CONFIRM, Tone.WAITING, asks=True, dots=(6, 6), facts=READ
    )
    views |= BY_BADGE
    views["data"] = EnrolmentView(Prompt.DATA_TITLE, Tone.WAITING, asks=True, facts=FACTS)
    views["withdraw"] = EnrolmentView(
        Prompt.DATA_CONFIRM_WITHDRAW, Tone.WAITING, asks=True, facts=FACTS
    )
    for prompt in sorted({*OF_END.values()}, key=lambda prompt: prompt.value):
        views[f"end {prompt.value}"] = ended(prompt, Tone.REFUSED)
    views["end identity fits"] = ended(Prompt.IDENTITY_FITS, Tone.GRANTED, RECEIPT)
    for prompt in (Prompt.ENROLLED, Prompt.DATA_RENEWED, Prompt.DATA_WITHDRAWN):
        views[f"end {prompt.value}"] = ended(prompt, Tone.GRANTED, RECEIPT)
    return views
