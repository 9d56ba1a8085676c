"""Time rewritten networks beside their originals, turn by turn in one run, on one thread.

`tools/measure rewritten` prints processor milliseconds for one face, mirror image included where
the pack has it, and the largest difference of the outputs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.embedding import Batch, Network, prepared
from models.packs.installed import load_manifest, verified, weights_directory
from models.packs.manifest import Engine, Pack, PackFile
from models.runtimes import network

TURNS = 200
WARM_UP = 5
ENGINES: Sequence[Engine] = ("reference", "litert")


def main() -> None:
    """Print one line for each rewritten network that is installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    turns = parser.parse_args().turns
    print("| network | original | rewritten | of the time | differ by |")
    print("|---|---|---|---|---|")
    for pack in load_manifest().packs.values():
        for file in pack.files:
            if file.rewrite is not None and file.pack == pack.name:
                print(_row(pack, file, turns))


def _row(pack: Pack, file: PackFile, turns: int) -> str:
    crop = np.random.default_rng(1).integers(0, 256, _size(file), np.uint8)
    runs = [_loaded(pack, file.role, engine, crop) for engine in ENGINES]
    differ = float(np.abs(np.subtract(*(run(batch) for run, batch in runs))).max())
    spent: list[list[float]] = [[], []]
    for turn in range(turns + WARM_UP):
        for times, (run, batch) in zip(spent, runs, strict=True):
            began = time.thread_time()
            run(batch)
            if turn >= WARM_UP:
                times.append((time.thread_time() - began) * 1000)
    original, made = (statistics.median(times) for times in spent)
    name = f"`{file.made_from}` as `{file.name}`"
    return f"| {name} | {original:.1f} | {made:.1f} | {made / original:.2f} | {differ:.1e} |"


def _size(file: PackFile) -> tuple[int, int, int]:
    assert file.input is not None
    return file.input.height, file.input.width, 3


def _loaded(pack: Pack, role: str, engine: Engine, crop: np.ndarray) -> tuple[Network, Batch]:
    """The network as that engine runs it, and what it is fed for this crop."""
    chosen = pack.for_engine(engine)
    file = chosen.file(role)
    assert file.input is not None
    path = verified(chosen, weights_directory(None, Path("nowhere"), pack))[role]
    return network(file.runtime, path, file.input), prepared(crop, file.input)


if __name__ == "__main__":
    main()
