"""Every colour of the screen, once. A test measures each pair that meets (WCAG 2, 1.4.3).

Text on a result stands on that result's ground; a sign stands in ink on the colour of its tone.
Over the camera picture text stands on a veil, so that even a white picture cannot drown it.
"""

from __future__ import annotations

from kiosk.domain.prompts import Tone

GROUND = "#0B0F14"
TEXT = "#F5F7FA"
QUIET = "#D3DAE1"
LINE = "#26303A"
RAISED = "#1A222B"
PRESSED = "#2A3540"
EDGE = "#5B6B7A"
FOCUS = "#7CC4FF"
NEUTRAL = "#F5F7FA"
RED = "#E5484D"
GREEN = "#30A46C"
AMBER = "#F5A524"
GREEN_GROUND = "#0B3022"
RED_GROUND = "#251216"
OFF_GROUND = "#151C24"
OFF = "#9AA7B4"

DIM_ALPHA = 0.74
"""How far everything outside the oval is dimmed towards the ground; also the least veil of text."""

SIGN = {
    Tone.WAITING: NEUTRAL,
    Tone.WRONG: RED,
    Tone.RIGHT: GREEN,
    Tone.GRANTED: GREEN,
    Tone.REFUSED: RED,
    Tone.OFF: OFF,
}
"""The colour of each tone's outline and of the disc that carries its icon."""

RESULT_GROUND = {
    Tone.GRANTED: GREEN_GROUND,
    Tone.REFUSED: RED_GROUND,
    Tone.OFF: OFF_GROUND,
}
"""What fills the screen behind each result."""
