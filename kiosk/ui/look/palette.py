"""Every colour of the screen, once. A test measures the contrast of each pair (WCAG 2, 1.4.3).

Text on a result uses that result's background; an icon is drawn in a dark colour on the colour of
its tone. Text over the camera picture has a dark overlay, so that it is readable even on a white
picture.
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
"""The dimming outside the oval towards the background; also the minimum overlay under text."""

SIGN = {
    Tone.WAITING: NEUTRAL,
    Tone.WRONG: RED,
    Tone.RIGHT: GREEN,
    Tone.GRANTED: GREEN,
    Tone.REFUSED: RED,
    Tone.OFF: OFF,
}
"""The colour of each tone's outline and of the disc with its icon."""

RESULT_GROUND = {
    Tone.GRANTED: GREEN_GROUND,
    Tone.REFUSED: RED_GROUND,
    Tone.OFF: OFF_GROUND,
}
"""The background colour of each result."""
