"""Whether somebody keeps the clock: kernel and time service are asked, nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware import timekeeping
from hardware.timekeeping import Synchronisation, kernel_synchronised, synchronised


def _kernel_says(monkeypatch: pytest.MonkeyPatch, *, known: bool | None) -> None:
    monkeypatch.setattr(timekeeping, "kernel_synchronised", lambda: known)


def test_the_kernel_is_asked_about_its_clock() -> None:
    """It answers whoever asks in its own words, also where nobody keeps its clock."""
    assert kernel_synchronised() is not None


def test_a_kernel_that_does_not_say_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        @staticmethod
        def adjtimex(_timex: object) -> int:
            return -1

    monkeypatch.setattr(timekeeping.ctypes, "CDLL", lambda _name: Silent)
    assert kernel_synchronised() is None
    monkeypatch.setattr(timekeeping.ctypes, "CDLL", lambda _name: object())
    assert kernel_synchronised() is None


@pytest.mark.parametrize(("status", "known"), [(0x2001, True), (0x2041, False)])
def test_the_kernels_word_is_read_in_its_place(
    monkeypatch: pytest.MonkeyPatch, status: int, *, known: bool
) -> None:
    class Kernel:
        @staticmethod
        def adjtimex(timex: object) -> int:
            assert timex._obj.modes == 0  # type: ignore[attr-defined] # what byref holds: only asked
            timex._obj.status = status  # type: ignore[attr-defined] # same
            return 0

    monkeypatch.setattr(timekeeping.ctypes, "CDLL", lambda _name: Kernel)
    assert kernel_synchronised() is known


@pytest.mark.parametrize("known", [False, None])
@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ((), None),
        (("systemd/timesync/",), False),
        (("systemd/timesync/", "systemd/timesync/synchronized"), True),
        (("chrony/chronyd.pid",), False),
        (("ntpd.pid",), False),
    ],
)
def test_a_service_that_has_set_nothing_yet_is_known_not_to_have(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    there: tuple[str, ...],
    *,
    known: bool | None,
    expected: bool | None,
) -> None:
    """Where no service runs nobody knows: a clock with a battery may be right."""
    _kernel_says(monkeypatch, known=known)
    for name in there:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).touch()
    assert synchronised(tmp_path) is expected


def test_the_kernels_yes_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _kernel_says(monkeypatch, known=True)
    assert synchronised(tmp_path) is True


def test_a_clock_that_was_set_once_stays_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A network that is gone for a day does not shut the door."""
    (tmp_path / "ntpd.pid").touch()
    asked = Synchronisation(tmp_path)
    _kernel_says(monkeypatch, known=False)
    assert asked() is False
    _kernel_says(monkeypatch, known=True)
    assert asked() is True
    _kernel_says(monkeypatch, known=False)
    assert asked() is True
