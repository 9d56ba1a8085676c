"""What a site needs of Rekognition, before anything is sent: calls a second, hours, shards, money.

Every call that takes a picture has the same price here, in the unit of the settings' `price`; what
AWS asks for the faces that it keeps is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from kiosk.domain.cloud.faces import MOST_FACES
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.errors import BadInput

PLAIN_TPS = 5.0
"""Calls a second of an operation for which the settings name no other number."""
SHARE_USED = 0.9
"""Of the quota, what a job uses: the doors need the rest."""
ALARM_FILL = 0.8
"""A shard that is so full is told of (R42)."""
MOST_SEARCHES = 2
"""In one session at a door."""
MOST_FACES_EACH = 100
"""That Rekognition associates with one user."""
ENOUGH, ENOUGH_DECISIONS = 100, 1_000
"""So many decisions and so many calls say what a decision costs, or so many decisions alone."""
_SECONDS_AN_HOUR = 3600.0
_THOUSAND = 1000.0


def needed_tps(images: int, seconds: float) -> float:
    """Calls a second with which so many pictures are done in time (R37).

    Raises:
        BadInput: there is nothing to do, or no time.
    """
    if images < 1 or not 0.0 < seconds < float("inf"):
        raise BadInput(
            f"{images:,} pictures in {seconds:g} seconds make no plan.",
            "Give at least one picture, and the seconds in which they are to be done.",
        )
    return images / seconds


def quota_of(tps: Mapping[str, float], operation: str) -> float:
    """The calls a second that the settings allow for an operation."""
    return tps.get(operation, PLAIN_TPS)


def needed_shards(people: int, faces_each: int, most: int = MOST_FACES) -> int:
    """Collections that so many people need, none of them so full that it is told of.

    Args:
        people: how many there will be.
        faces_each: of each.
        most: faces in one collection.

    Raises:
        BadInput: the numbers are none.
    """
    if people < 1 or not 1 <= faces_each <= MOST_FACES_EACH:
        raise BadInput(
            f"{people:,} people with {faces_each:,} faces each need no collections.",
            f"Give at least one person, and 1 to {MOST_FACES_EACH} faces.",
        )
    return max(1, ceil(people * faces_each / (most * ALARM_FILL)))


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """The indexing of many pictures.

    Attributes:
        images: how many.
        tps: calls a second that it needs to be done in time.
        quota: calls a second that are allowed.
        hours: that it takes with what a job uses of the quota, or with what it needs.
        calls: that take a picture: one that indexes it, and a search of each shard afterwards.
        cost: of these, in the unit of the price.
    """

    images: int
    tps: float
    quota: float
    hours: float
    calls: int
    cost: float

    @property
    def fits(self) -> bool:
        """True if the quota is enough."""
        return self.tps <= self.quota

    @property
    def quota_to_ask_for(self) -> int:
        """Whole calls a second with which it is done in time, and the doors have theirs."""
        return ceil(round(self.tps / SHARE_USED, 6))


def index_plan(
    images: int, seconds: float, tps: Mapping[str, float], price: float, shards: int
) -> IndexPlan:
    """The plan for so many pictures in so many seconds.

    Args:
        images: how many.
        seconds: in which they are to be indexed.
        tps: calls a second, by operation, as the settings name them.
        price: of a thousand calls.
        shards: that each picture is searched in afterwards.

    Raises:
        BadInput: there is nothing to do, or no time.
    """
    needed, quota = needed_tps(images, seconds), quota_of(tps, "IndexFaces")
    calls = images * (1 + shards)
    return IndexPlan(
        images,
        needed,
        quota,
        images / (quota * SHARE_USED) / _SECONDS_AN_HOUR,
        calls,
        calls * price / _THOUSAND,
    )


@dataclass(frozen=True, slots=True)
class DecisionPrice:
    """What a thousand decisions at a door cost in one mode, in the unit of the price.

    Attributes:
        mode: it.
        calls: that take a picture, for each decision.
        cost: of a thousand decisions.
        counted: decisions that were counted for it; None where it is computed from habits.
    """

    mode: CloudMode
    calls: float
    cost: float
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class CountedDecisions:
    """What was counted at the doors in one mode.

    Attributes:
        decisions: about people.
        calls: that take a picture, for these.
    """

    decisions: int
    calls: int

    @property
    def enough(self) -> bool:
        """True if they say what a decision costs."""
        return min(self.decisions, self.calls) >= ENOUGH or self.decisions >= ENOUGH_DECISIONS

    def price(self, mode: CloudMode, price: float) -> DecisionPrice | None:
        """What a thousand of them cost, at the price of a thousand calls; None of too few."""
        if not self.enough:
            return None
        each = self.calls / self.decisions
        return DecisionPrice(mode, each, each * price, self.decisions)


@dataclass(frozen=True, slots=True)
class DecisionHabits:
    """What the calls at a door depend on. Shares are 0 to 1.

    Attributes:
        searches: questions for each decision that asks at all, 1 to 2.
        asked: share of the decisions that ask, where the kiosk alone decides what is clear.
        known: share of the decisions before which a badge, PIN or QR code says who it is.
    """

    searches: float = 1.0
    asked: float = 1.0
    known: float = 0.0

    def __post_init__(self) -> None:
        shares = 0.0 <= self.asked <= 1.0 and 0.0 <= self.known <= 1.0
        if not shares or not 1.0 <= self.searches <= MOST_SEARCHES:
            raise BadInput(
                "These shares and searches are none.",
                f"A share is 0 to 1; a decision has 1 to {MOST_SEARCHES} searches.",
            )

    def calls(self, mode: CloudMode, shards: int) -> float:
        """Calls for each decision: one for somebody known (R43), one a shard for others (R44)."""
        if mode is CloudMode.LOCAL:
            return 0.0
        each = self.searches * (self.known + (1.0 - self.known) * shards)
        return each * self.asked if mode is CloudMode.LOCAL_THEN_CLOUD else each


def decision_prices(
    habits: DecisionHabits,
    price: float,
    shards: int,
    counted: Mapping[CloudMode, CountedDecisions] | None = None,
) -> tuple[DecisionPrice, ...]:
    """What a thousand decisions cost, for each mode.

    Args:
        habits: for the modes in which too little was counted.
        price: of a thousand calls.
        shards: collections that somebody unknown is searched in.
        counted: what was counted.
    """

    def of(mode: CloudMode) -> DecisionPrice:
        seen = (counted or {}).get(mode)
        measured = None if seen is None else seen.price(mode, price)
        each = habits.calls(mode, shards)
        return measured or DecisionPrice(mode, each, each * price)

    return tuple(map(of, CloudMode))
