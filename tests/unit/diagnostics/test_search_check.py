"""The doctor says how references are compared, and what would make it faster."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from kiosk.app.console import with_command
from kiosk.diagnostics.search import searched
from kiosk.domain.finding import Finding, Health
from kiosk.domain.vision.comparison import Shortlisted
from models.search import scalar_index
from models.search.indexed import LARGE


def found(references: int) -> Finding:
    (finding,) = searched(references, 128)
    assert finding.name == "search"
    return finding


@pytest.mark.parametrize("references", [0, 1, LARGE])
def test_few_references_are_each_compared(references: int) -> None:
    row = found(references)
    assert (row.health, row.text) == (Health.OK, f"every reference is compared: {references:,}")


def test_many_references_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalar_index, "installed", lambda: False)
    row = found(LARGE + 1)
    assert row.health is Health.WARN
    assert row.text.startswith("there are 50,001 references, and each is compared")
    assert "make setup EXTRA=large" in with_command(row.remedy)


def test_many_references_with_the_extra() -> None:
    pytest.importorskip("faiss", reason="the extra `large` is not installed")
    row = found(LARGE + 1)
    assert row.health is Health.OK
    assert row.text.startswith("50,001 references, exact, by an index of faiss 1.")


def test_many_references_with_an_extra_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalar_index, "installed", lambda: True)
    monkeypatch.setitem(sys.modules, "faiss", None)
    row = found(LARGE + 1)
    assert row.health is Health.WARN
    assert "needs faiss" in row.text
    assert "make setup EXTRA=large" in with_command(row.remedy)


def test_many_references_with_a_faiss_that_computes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss", reason="the extra `large` is not installed")
    wrong = Shortlisted(np.arange(3), float("inf"))
    monkeypatch.setattr(scalar_index.ScalarIndex, "nearest", lambda *_: wrong)
    row = found(LARGE + 1)
    assert row.health is Health.WARN
    assert "computes wrong scores" in row.text
