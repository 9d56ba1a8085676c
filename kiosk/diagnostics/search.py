"""The search in the gallery: by an index beyond 50,000 references, which takes an extra."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.finding import Finding, Health
from kiosk.domain.remedies import NextStep, Remedy

if TYPE_CHECKING:
    from config.settings import Settings

TRIED = 1_000
"""References in the index that is built to see that it can be."""


def search(path: Path, settings: Settings) -> Iterator[Finding]:
    """Check how the references of a home are searched: one of each person.

    Raises:
        StoreError: the references cannot be read.
        PolicyError: the model pack in the settings allows no decision at all.
    """
    from kiosk.domain.access.policy import capacity
    from kiosk.store.home import Home
    from kiosk.store.open_home import references_of
    from kiosk.wiring.vision import FORM
    from models.packs.installed import load_manifest

    pack = load_manifest().pack(settings.models.pack)
    with references_of(Home(path)) as references:
        stored = len(references.subjects()) if references else 0
    compared = min(stored, capacity(pack.calibration(FORM), settings.match_policy()))
    yield from searched(compared, pack.file("embedding").dimensions)


def searched(references: int, dimensions: int) -> Iterator[Finding]:
    """Check how that many references of that length are searched on this machine."""
    from importlib.metadata import version

    from models.search.indexed import LARGE
    from models.search.scalar_index import EXTRA, installed

    if references <= LARGE:
        yield Finding("search", Health.OK, f"every reference is compared: {references:,}")
    elif not installed():
        said = f"there are {references:,} references, and each is compared, which takes longer"
        remedy = "Install the extra for large galleries; the answers are the same without it."
        step = Remedy(remedy, NextStep.INSTALL_EXTRA, extra=EXTRA)
        yield Finding("search", Health.WARN, said, step)
    elif unusable := _tried(dimensions):
        yield unusable
    else:
        said = f"{references:,} references, exact, by an index of faiss {version('faiss-cpu')}"
        yield Finding("search", Health.OK, said)


def _tried(dimensions: int) -> Finding | None:
    """A warning if no index can be built, or none whose scores are right."""
    import numpy as np

    from kiosk.domain.errors import ModelError
    from models.search.scalar_index import ScalarIndex

    rows = np.random.default_rng(1).standard_normal((TRIED, dimensions), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    try:
        bound = ScalarIndex(rows).nearest(rows[0]).bound
    except ModelError as error:
        return Finding("search", Health.WARN, error.problem, error.remedy)
    if bound < 1.0:
        return None
    said = "faiss computes wrong scores here, so every reference is compared, which takes longer"
    return Finding("search", Health.WARN, said, "Tell the makers of Lintel which machine this is.")
