"""Measure how many invitations are read off a telephone's screen: `tools/measure codes`.

Prints a line for each distance: codes read of those shown, one frame each, and the processor time
of a frame with a code and of one without.
"""

from __future__ import annotations

import argparse
import base64
import time

import numpy as np
from phone_codes import FAR_CM, HEIGHT, NEAR_CM, WIDTH, held_up, some_telephone

from hardware.camera.codes import ZxingReader
from kiosk.domain.enrolment.invitation import MARK
from kiosk.domain.vision.frame import Frame, Instant, Pixels

PAYLOAD_BYTES = 111
DISTANCES = 7


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=30, help="codes at each distance")
    parser.add_argument("--error", default="m", choices=("l", "m", "q", "h"))
    told = parser.parse_args()
    chance = np.random.default_rng(1)
    print("| distance | read | ms with a code | ms without |")
    print("|---|---|---|---|")
    for distance in np.linspace(NEAR_CM, FAR_CM, DISTANCES):
        print(_row(float(distance), told.each, told.error, chance))


def _row(distance: float, each: int, error: str, chance: np.random.Generator) -> str:
    read, spent = 0, [0.0, 0.0]
    for _ in range(each):
        text = MARK + base64.urlsafe_b64encode(chance.bytes(PAYLOAD_BYTES)).decode()
        empty = _without(chance)
        frame = held_up(text, some_telephone(chance, distance), error, empty.pixels)
        for number, shown in enumerate((frame, empty)):
            began = time.thread_time()
            texts = ZxingReader().read(shown)
            spent[number] += time.thread_time() - began
            read += text in texts
    with_code, without = (1000 * seconds / each for seconds in spent)
    return f"| {distance:.0f} cm | {read} of {each} | {with_code:.1f} | {without:.1f} |"


def _without(chance: np.random.Generator) -> Frame:
    """A scene with edges and grain, and no code in it."""
    coarse = chance.integers(40, 200, (12, 16, 3), np.uint8)
    scene: Pixels = np.kron(coarse, np.ones((HEIGHT // 12, WIDTH // 16, 1), np.uint8))
    grain = chance.integers(0, 12, scene.shape, np.uint8)
    return Frame(scene + grain, Instant(0.0), 0)


if __name__ == "__main__":
    main()
