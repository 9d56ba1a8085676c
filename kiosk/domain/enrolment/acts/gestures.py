"""Head gestures: yes and no from where a face is and how it is turned, frame by frame.

Theory of operation. Nobody answers by looking around, by walking, or by a face that trembles, so a
gesture is judged by its shape over the last seconds and not by one place.

- A nod is a pitch that swings three times in a row, so that it reverses twice. Each swing is wide
  enough, none is much wider than another, and each is quick; the yaw keeps quiet meanwhile. A
  shake is the same of the yaw. Drift cannot make them: it does not reverse. A look around cannot
  either: it stays where it looks, and a swing that rests at its end is not quick. Tremor is not
  wide enough.
- A target is reached by moving the face to a side, not by turning it: out of the middle at once,
  still for a while, and back at once. Who only stands beside the middle has not come from it, and
  who walks by does not keep still.

Everything is compared so that NaN answers nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.vision.frame import Instant

SWINGS = 3
"""The swings of a nod or a shake."""
REST_SHARE = 0.25
"""A head has begun to swing once it has come this share of the way."""
ON_PARABOLA = 3
"""A parabola goes through so many values, and smooths none of them."""
LEAST_APART = 1e-3
"""The determinant below which the times of values are too much alike for a parabola."""


@dataclass(frozen=True, slots=True)
class HeadAt:
    """One head at one moment.

    Attributes:
        at: capture time of the frame.
        yaw: degrees, positive when turned towards the picture's right edge.
        pitch: degrees, negative when it looks down.
        across: distance of the face's centre to the right of the lane's centre in the camera's
            picture, in radii of the oval.
    """

    at: Instant
    yaw: float
    pitch: float
    across: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GesturePolicy:
    """The shape of an answer given with the head.

    Attributes:
        nod_degrees: the least width of a swing of the pitch.
        shake_degrees: the least width of a swing of the yaw.
        smooth_seconds: an angle is smoothed with those so near in time: a pose trembles.
        swing_seconds: the most that one swing takes, and that has passed since the last.
        turn_seconds: a nod or a shake is looked for in so much of the past.
        evenness: the most by which one swing is wider than another, as a factor.
        quiet_share: the most that the other axis moves, as a share of the mean swing.
        still_across: the most that the face moves sideways during a nod or a shake, in radii.
        target_across: the least distance from the middle of a face in a target, in radii.
        middle_across: the most distance of a face in the middle, in radii.
        target_yaw: the most yaw of a face in a target: it looks at the screen.
        hold_seconds: how long a face is held in a target.
        hold_across: the most that it moves there, in radii.
        way_seconds: the most that the way to the target takes, and the way back.
        memory_seconds: older frames are dropped.
        gap_seconds: frames that are further apart begin anew.
    """

    nod_degrees: float = 6.0
    shake_degrees: float = 12.0
    smooth_seconds: float = 0.14
    swing_seconds: float = 0.55
    turn_seconds: float = 3.0
    evenness: float = 2.2
    quiet_share: float = 0.25
    still_across: float = 0.25
    target_across: float = 0.6
    middle_across: float = 0.25
    target_yaw: float = 15.0
    hold_seconds: float = 1.5
    hold_across: float = 0.25
    way_seconds: float = 0.8
    memory_seconds: float = 6.0
    gap_seconds: float = 0.5


Heads = tuple[HeadAt, ...]
"""One head, oldest first, without a break."""


def following(heads: Heads, head: HeadAt, policy: GesturePolicy) -> Heads:
    """The heads with one more; those before a break or out of memory are dropped.

    A frame that is not later than the last one begins anew, and an invalid number drops everything.
    """
    if not all(math.isfinite(number) for number in (head.at, head.yaw, head.pitch, head.across)):
        return ()
    if heads and not 0.0 < head.at - heads[-1].at <= policy.gap_seconds:
        return (head,)
    return (*_since(heads, head.at, policy.memory_seconds), head)


def _since(heads: Heads, at: Instant, seconds: float) -> Heads:
    """The heads of so much of the past."""
    begin = itertools.takewhile(lambda head: at - head.at > seconds, heads)
    return heads[sum(1 for _ in begin) :]


def answer_of(heads: Heads, policy: GesturePolicy) -> Given | None:
    """The answer that is complete with the last of these frames; None if there is none."""
    if not heads:
        return None
    at = heads[-1].at
    swung = _turned(_since(heads, at, policy.turn_seconds), policy)
    target = _held(heads, policy)
    if swung is not None:
        return Given(Answer.YES if swung is Act.NOD else Answer.NO, swung, at)
    return None if target is None else Given(target, Act.TARGET, at)


# -- nod and shake -------------------------------------------------------------------------------


def _turned(heads: Heads, policy: GesturePolicy) -> Act | None:
    """The nod or the shake of these frames; None for none."""
    pitch, yaw = [head.pitch for head in heads], [head.yaw for head in heads]
    if _spread(pitch) < policy.nod_degrees and _spread(yaw) < policy.shake_degrees:
        return None  # so it is nearly always, and the rest takes time
    pitch = _smooth(heads, pitch, policy.smooth_seconds)
    yaw = _smooth(heads, yaw, policy.smooth_seconds)
    if _swung(heads, pitch, yaw, policy.nod_degrees, policy):
        return Act.NOD
    return Act.SHAKE if _swung(heads, yaw, pitch, policy.shake_degrees, policy) else None


def _smooth(heads: Heads, values: Sequence[float], seconds: float) -> list[float]:
    """Each value as the parabola through those so near in time has it.

    It takes away as much of a trembling as a mean would, and leaves a peak its height: a nod at 15
    frames a second is as wide afterwards as it was.
    """
    smooth, start, end = [], 0, 0
    for middle, value in zip(heads, values, strict=True):
        while middle.at - heads[start].at > seconds:
            start += 1
        while end < len(heads) and heads[end].at - middle.at <= seconds:
            end += 1
        times = [(head.at - middle.at) / seconds for head in heads[start:end]]
        smooth.append(_parabola(times, values[start:end], value))
    return smooth


def _parabola(times: Sequence[float], values: Sequence[float], otherwise: float) -> float:
    """What the parabola nearest to these values is at time 0; three of them are on it.

    Args:
        times: of the values, -1 to 1.
        values: as many.
        otherwise: the value at 0, for where there is no such parabola.
    """
    s0, s1, s2, s3, s4 = (sum(t**power for t in times) for power in range(5))
    first, second, third = s2 * s4 - s3 * s3, s2 * s3 - s1 * s4, s1 * s3 - s2 * s2
    whole = s0 * first + s1 * second + s2 * third
    if len(times) <= ON_PARABOLA or whole < LEAST_APART:
        return otherwise
    pairs = zip(times, values, strict=True)
    return sum(v * (first + t * second + t * t * third) for t, v in pairs) / whole


def _swung(
    heads: Heads,
    values: Sequence[float],
    others: Sequence[float],
    least: float,
    policy: GesturePolicy,
) -> bool:
    """True if the last swings of one axis are a gesture, while the other keeps quiet."""
    turns = turning_points(values, least)[-(SWINGS + 1) :]
    if len(turns) <= SWINGS:
        return False
    widths = [abs(values[b] - values[a]) for a, b in itertools.pairwise(turns)]
    turns[0] = _left(values, turns[0], turns[1])
    times = [heads[b].at - heads[a].at for a, b in itertools.pairwise(turns)]
    since = heads[-1].at - heads[turns[-1]].at
    quick = all(seconds <= policy.swing_seconds for seconds in [*times, since])
    even = max(widths) <= policy.evenness * min(widths)
    whole = slice(turns[0], len(heads))
    quiet = _spread(others[whole]) <= policy.quiet_share * sum(widths) / SWINGS
    still = _spread([h.across for h in heads[whole]]) <= policy.still_across
    return quick and even and quiet and still


def turning_points(values: Sequence[float], least: float) -> list[int]:
    """The indices of extremes that alternate, each at least so far from the one before.

    The last is the extreme since the last reversal; none are given where nothing is so far apart.
    """
    turns: list[int] = []
    top = bottom = 0
    rising = falling = True
    for index, value in enumerate(values):
        top = index if value > values[top] else top
        bottom = index if value < values[bottom] else bottom
        if rising and values[top] - value >= least:
            turns, rising, falling, bottom = [*turns, top], False, True, index
        elif falling and value - values[bottom] >= least:
            turns, rising, falling, top = [*turns, bottom], True, False, index
    if not turns:
        return []
    return [*turns, top if rising else bottom]


def _left(values: Sequence[float], begun: int, turn: int) -> int:
    """When the first swing began: the last frame that was still near where it came from."""
    near = REST_SHARE * abs(values[turn] - values[begun])
    return max(i for i in range(begun, turn) if abs(values[i] - values[begun]) <= near)


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)


# -- targets -------------------------------------------------------------------------------------


def _held(heads: Heads, policy: GesturePolicy) -> Answer | None:
    """The answer in whose target the face was held, now that it is back; None for none."""
    if not _in_middle(heads[-1], policy):
        return None
    reached = [number for number, head in enumerate(heads) if _target(head, policy) is not None]
    if not reached:
        return None
    newest_first = heads[reached[-1] :: -1]
    target = _target(newest_first[0], policy)
    hold = list(itertools.takewhile(lambda head: _target(head, policy) is target, newest_first))
    came = next((head for head in newest_first[len(hold) :] if _in_middle(head, policy)), None)
    if came is None:
        return None
    quick = max(heads[-1].at - hold[0].at, hold[-1].at - came.at) <= policy.way_seconds
    long = hold[0].at - hold[-1].at >= policy.hold_seconds
    still = _spread([head.across for head in hold]) <= policy.hold_across
    looking = all(abs(head.yaw) <= policy.target_yaw for head in hold)
    return target if quick and long and still and looking else None


def _target(head: HeadAt, policy: GesturePolicy) -> Answer | None:
    """The answer in whose target a face is: yes on the person's right, as the mirror shows it."""
    if abs(head.across) < policy.target_across:
        return None
    return Answer.YES if head.across < 0.0 else Answer.NO


def _in_middle(head: HeadAt, policy: GesturePolicy) -> bool:
    return abs(head.across) <= policy.middle_across
