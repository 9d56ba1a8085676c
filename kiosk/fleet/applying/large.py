"""A change that is too large for a kiosk which looks at frames meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kiosk.fleet.client import FleetClient
from kiosk.fleet.index import ScopePart


class LargeChange(Exception):
    """More bytes than the caller wants to fetch are new; nothing of them was fetched."""


def refuse_large(client: FleetClient, parts: Sequence[ScopePart], most: int | None) -> None:
    """Raises LargeChange: these files have more bytes, by what the publisher has signed of them."""
    if most is not None and _bytes(client, parts) > most:
        raise LargeChange


def _bytes(client: FleetClient, parts: Iterable[ScopePart]) -> int:
    return sum(client.length(part.path) for part in parts)
