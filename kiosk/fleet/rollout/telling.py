"""What a running kiosk tells its fleet about settings: which run, and how it gets along."""

from __future__ import annotations

from contextlib import suppress
from typing import Self

from kiosk.domain.errors import LintelError, StoreError
from kiosk.fleet.rollout.kept import KeptSettings
from kiosk.fleet.rollout.report import MOST_PROBLEM, SettingsReport
from kiosk.fleet.rollout.taking import SettingsTaking
from kiosk.fleet.rollout.tally import SettingsTally


class SettingsTelling:
    """Reports on the settings of one run of a kiosk; one thread calls it. A context manager.

    Args:
        taking: takes over the settings of the fleet.
        tally: adds up what the kiosk does.
        number: of the version with which it was started.
        before: the number of the one before.
    """

    def __init__(
        self, taking: SettingsTaking, tally: SettingsTally, number: int, before: int
    ) -> None:
        self._taking, self._tally, self._number, self._before = taking, tally, number, before

    def report(self) -> tuple[int | None, SettingsReport]:
        """The version that is in force, None for the kiosk's own, and how it gets along.

        Raises:
            StoreError: what the home knows cannot be read, or the sums not be kept.
        """
        before, since = self._tally.look(self._number, self._before)
        try:
            known, lost = self._taking.known, None
        except StoreError as error:
            known, lost = KeptSettings(), error.problem
        problem = lost or (known.failed.problem if known.failed else self._taking.waits_for)
        return known.running.number or None, SettingsReport(
            None if known.following is None else known.following.number,
            None if known.failed is None else known.failed.number,
            None if problem is None else _printable(problem),
            before,
            since,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep the sums at the end of the run; those of a disk that is full are lost."""
        with suppress(LintelError):
            self._tally.look(self._number, self._before)
            self._tally.keep()


def _printable(problem: str) -> str:
    return "".join(each if each.isprintable() else " " for each in problem)[:MOST_PROBLEM]
