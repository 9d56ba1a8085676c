"""Play random sequences of faults against the doors' drivers: `tools/measure faults [RIG ...]`.

Every rig has processes of its own, so that one that hangs holds up nobody, and more than one, since
most of a sequence is waiting. Prints a table; with `--into` the figures of one process go into a
file, for whoever started it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from door_rig import Fault
from door_rigs import RIGS
from fault_sequences import Tally, Trial, merged

SEQUENCES = 200
PARTS = 3
ENDING_SECONDS = 20.0
TIMES = ("alone", "secured", "recovered")
HEAD = f"{'':20}" + "".join(f"{head:>14}" for head in ("sequences", "orders", "losses", *TIMES))


class SequencePart:
    """Some of a rig's sequences, in a process of their own.

    Args:
        rig: its name.
        words: what else the program is told.
    """

    def __init__(self, rig: str, **words: object) -> None:
        self._folder = TemporaryDirectory(prefix="faults")
        self._into = Path(self._folder.name) / "tally"
        self._said = Path(self._folder.name) / "said"
        more = [f"--{name}={word}" for name, word in words.items() if word is not None]
        command = [sys.executable, __file__, rig, "--into", str(self._into), *more]
        path = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with self._said.open("w") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said, env=path)

    def tally(self, patience_seconds: float) -> Tally:
        """Wait for the end.

        Raises:
            AssertionError: something did not hold; says what, and how to see it again.
        """
        code = self._process.wait(patience_seconds)
        assert code == 0, self._said.read_text(errors="replace")[-4000:]
        return Tally(**json.loads(self._into.read_text()))

    def close(self) -> None:
        """End it, whatever it does, and let it end its peers."""
        self._process.terminate()
        try:
            self._process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class RigRun:
    """One rig's sequences.

    Args:
        rig: its name.
        sequences: how many.
        first: the number of the first.
        seed: of all chances.
        only: the one fault that is thrown; None for all.
        parts: among how many processes they are divided.
    """

    def __init__(
        self,
        rig: str,
        sequences: int = SEQUENCES,
        first: int = 0,
        seed: int = 0,
        only: Fault | None = None,
        parts: int = PARTS,
    ) -> None:
        named = None if only is None else only.name
        cuts = [first + sequences * part // parts for part in range(parts + 1)]
        self._parts = [
            SequencePart(rig, first=begin, sequences=end - begin, seed=seed, only=named)
            for begin, end in itertools.pairwise(cuts)
            if end > begin
        ]

    def tally(self, patience_seconds: float) -> Tally:
        """Wait for the end; all parts in one.

        Raises:
            AssertionError: something did not hold; says what, and how to see it again.
        """
        return merged([part.tally(patience_seconds) for part in self._parts])

    def close(self) -> None:
        """End it, whatever it does."""
        for part in self._parts:
            part.close()


def play(rig_name: str, first: int, sequences: int, seed: int, only: Fault | None) -> Tally:
    """Sequences of one rig, one after the other."""
    rig = RIGS[rig_name]()
    try:
        trial = Trial(rig, rig_name, seed, only)
        for number in range(first, first + sequences):
            trial.play(number)
    finally:
        rig.close()
    return trial.tally


def line(name: str, tally: Tally) -> str:
    """A row of the table; of times the median and the worst, in seconds."""
    counts = "".join(f"{count:>14}" for count in (tally.sequences, tally.orders, tally.losses))
    return f"{name:20}{counts}" + "".join(f"{_spread(getattr(tally, time)):>14}" for time in TIMES)


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} {max(seconds):.2f}" if seconds else "-"


def main() -> None:
    """Play what the command line says."""
    parser = argparse.ArgumentParser(
        prog="tools/measure faults", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("rigs", nargs="*", default=list(RIGS), metavar="RIG")
    parser.add_argument("--sequences", type=int, default=SEQUENCES)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=Fault.__getitem__, metavar="FAULT")
    parser.add_argument("--into", type=Path)
    given = parser.parse_args()
    if given.into is not None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        tally = play(given.rigs[0], given.first, given.sequences, given.seed, given.only)
        given.into.write_text(json.dumps(asdict(tally)))
        return
    words = (given.sequences, given.first, given.seed, given.only)
    runs = {rig: RigRun(rig, *words) for rig in given.rigs}
    print(HEAD)
    for rig, run in runs.items():
        print(line(rig, run.tally(3600.0)), flush=True)
        run.close()


if __name__ == "__main__":
    main()
