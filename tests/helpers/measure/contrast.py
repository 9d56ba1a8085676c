"""Contrast as WCAG 2 defines it (1.4.3): from 1, none, to 21, black on white."""

from __future__ import annotations

Colour = tuple[int, int, int]


def luminance(colour: Colour) -> float:
    """Relative luminance of an sRGB colour, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Colour, second: Colour) -> float:
    """Contrast ratio of two colours, in either order."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def rgb(name: str) -> Colour:
    """Red, green and blue of ``#RRGGBB``."""
    return int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
