"""Icons for everything that the screen can ask for or show before the answer."""

from __future__ import annotations

from PyQt6.QtGui import QPainterPath

from kiosk.ui.icons.strokes import (
    arc,
    circle,
    curve,
    dot,
    ellipse,
    line,
    rounded,
    spot,
    together,
    turned,
)


def arrow_up() -> QPainterPath:
    """An arrow; the others are rotations of it."""
    return together(line((12, 20), (12, 4)), line((5, 11), (12, 4), (19, 11)))


def arrow_right() -> QPainterPath:
    """An arrow to the subject's right, which the mirrored picture shows at the right."""
    return turned(arrow_up(), 90)


def arrow_down() -> QPainterPath:
    """An arrow downwards."""
    return turned(arrow_up(), 180)


def arrow_left() -> QPainterPath:
    """An arrow to the subject's left, which the mirrored picture shows at the left."""
    return turned(arrow_up(), 270)


def _corner_out() -> QPainterPath:
    return together(line((15, 3.5), (20.5, 3.5), (20.5, 9)), line((20.5, 3.5), (15.5, 8.5)))


def _corner_in() -> QPainterPath:
    return together(line((15.5, 3), (15.5, 8.5), (21, 8.5)), line((15.5, 8.5), (20.5, 3.5)))


def closer() -> QPainterPath:
    """Arrows to all corners: the face should fill more of the oval."""
    return together(*(turned(_corner_out(), 90 * quarter) for quarter in range(4)))


def back() -> QPainterPath:
    """Arrows from all corners: the face should fill less of the oval."""
    return together(*(turned(_corner_in(), 90 * quarter) for quarter in range(4)))


def _head(x: float = 12, y: float = 12, size: float = 1.0) -> QPainterPath:
    return ellipse(x, y, 7 * size, 9 * size)


def face_ahead() -> QPainterPath:
    """A face that looks straight out of the screen."""
    nose = line((12, 10.5), (12, 13.5))
    return together(_head(), dot(9, 10), dot(15, 10), nose, line((10, 17), (14, 17)))


def _tilting_face() -> QPainterPath:
    return together(ellipse(8.5, 12, 5.5, 8), dot(6.7, 11), dot(10.3, 11))


def chin_up() -> QPainterPath:
    """A face and an arrow upwards."""
    return together(_tilting_face(), line((19, 18), (19, 6)), line((16, 9), (19, 6), (22, 9)))


def chin_down() -> QPainterPath:
    """A face and an arrow downwards."""
    return together(_tilting_face(), line((19, 6), (19, 18)), line((16, 15), (19, 18), (22, 15)))


def upright() -> QPainterPath:
    """A tilted head and an arrow back to upright."""
    head = turned(together(ellipse(12, 13.5, 5, 6.5), dot(10.2, 12.5), dot(13.8, 12.5)), 20)
    return together(head, arc(12, 13, 10.5, 125, -70), line((18.6, 7.8), (18.2, 4.4), (14.9, 4.4)))


def eye() -> QPainterPath:
    """An open eye."""
    upper = curve((2, 12), (6, 4.5), (18, 4.5), (22, 12))
    lower = curve((2, 12), (6, 19.5), (18, 19.5), (22, 12))
    return together(upper, lower, circle(12, 12, 3))


def eye_crossed() -> QPainterPath:
    """A crossed-out eye: not seen well."""
    return together(eye(), line((4, 20), (20, 4)))


def sunglasses() -> QPainterPath:
    """Sunglasses with two dark lenses."""
    left, right = rounded(1.5, 8.5, 8.6, 7.6, 3.2), rounded(13.9, 8.5, 8.6, 7.6, 3.2)
    bridge = curve((10.1, 11), (11, 9.8), (13, 9.8), (13.9, 11))
    shades = [rounded(x, 10, 5.6, 4.6, 1.8) for x in (3, 15.4)]
    depths = [line((x, 12.3), (x + 2, 12.3)) for x in (4.8, 17.2)]
    return together(left, right, bridge, *shades, *depths)


def mask() -> QPainterPath:
    """The lower half of a face with a mask, and its loops."""
    cover = line((5.5, 8), (12, 6.5), (18.5, 8), (17.5, 14), (12, 17.5), (6.5, 14), (5.5, 8))
    loops = together(curve((5.5, 8), (1, 8), (2, 14), (6.5, 13.5)), _mirror_loop())
    return together(cover, loops, line((9.5, 10.2), (14.5, 10.2)), line((9.8, 13), (14.2, 13)))


def _mirror_loop() -> QPainterPath:
    return curve((18.5, 8), (23, 8), (22, 14), (17.5, 13.5))


def moon() -> QPainterPath:
    """A moon: too little light."""
    path = curve((12, 3), (8, 9), (15, 16), (21, 12.5))
    path.cubicTo(19.5, 18, 14.5, 21.5, 9.5, 20.5)
    path.cubicTo(4, 19, 1.5, 13, 4, 8)
    path.cubicTo(5.5, 5, 8.5, 3, 12, 3)
    return path


def grainy_moon() -> QPainterPath:
    """A moon with specks: too little light for the camera."""
    specks = ((16.5, 4.5), (20.5, 8), (15.5, 9.5), (20, 3))
    return together(moon(), *(circle(x, y, 0.5) for x, y in specks))


def sun() -> QPainterPath:
    """A sun: too much light."""
    ray = line((12, 1.8), (12, 4.4))
    rays = (turned(ray, 45 * eighth) for eighth in range(8))
    return together(circle(12, 12, 4.2), *rays)


def waves() -> QPainterPath:
    """Waves: the picture is blurred."""
    wave = curve((3, 12), (7, 6.5), (8, 6.5), (12, 12))
    wave.cubicTo(16, 17.5, 17, 17.5, 21, 12)
    return together(wave.translated(0, -5.5), wave, wave.translated(0, 5.5))


def still() -> QPainterPath:
    """A head between two bars."""
    left, right = line((3, 6.5), (3, 17.5)), line((21, 6.5), (21, 17.5))
    return together(ellipse(12, 12, 5.4, 7.4), left, right)


def _person(x: float) -> QPainterPath:
    shoulders = curve((x - 6, 20), (x - 6, 12.5), (x + 6, 12.5), (x + 6, 20))
    return together(circle(x, 7.8, 3.6), shoulders)


def two_persons() -> QPainterPath:
    """A person, and another behind."""
    behind = together(
        arc(15.6, 7.8, 3.6, 90, -180), curve((18, 14.8), (20.8, 15.4), (22, 17), (22, 20))
    )
    return together(_person(8.5), behind)


def one_person() -> QPainterPath:
    """One person alone."""
    return _person(12)


def viewfinder() -> QPainterPath:
    """Corners round a face: look here."""
    return together(ellipse(12, 12, 4, 5.2), *_corners())


def _corners() -> list[QPainterPath]:
    corner = line((16, 2.5), (21.5, 2.5), (21.5, 8))
    return [turned(corner, 90 * quarter) for quarter in range(4)]


def own_face() -> QPainterPath:
    """Head and shoulders within corners: a person, not a picture of one."""
    shoulders = curve((6.5, 21), (6.5, 14.2), (17.5, 14.2), (17.5, 21))
    return together(circle(12, 9.6, 3.4), shoulders, *_corners())


def tick() -> QPainterPath:
    """A tick: done."""
    return line((4.5, 12.8), (9.8, 18), (19.8, 6.8))


def question() -> QPainterPath:
    """A question mark: not recognised."""
    hook = together(arc(12, 8.6, 4.8, 175, -220))
    hook.cubicTo(13.4, 12.6, 12, 13.4, 12, 15.6)
    return together(hook, dot(12, 20))


def keypad() -> QPainterPath:
    """A keypad: a second factor, such as a code."""
    keys = (spot(x, y) for y in (4, 9.3, 14.6) for x in (5.5, 12, 18.5))
    return together(*keys, spot(12, 19.9))


def clock() -> QPainterPath:
    """A clock: a wait."""
    return together(circle(12, 12, 9), line((12, 6.8), (12, 12), (15.6, 14)))


def power() -> QPainterPath:
    """A power sign: switched off."""
    return together(arc(12, 12.8, 8, 55, -290), line((12, 3), (12, 11.5)))


def dots() -> QPainterPath:
    """Three dots: starting."""
    return together(spot(4.5, 12), spot(12, 12), spot(19.5, 12))


def lifebuoy() -> QPainterPath:
    """A lifebuoy: help."""
    spoke = line((14.7, 9.3), (18.3, 5.7))
    spokes = (turned(spoke, 90 * quarter) for quarter in range(4))
    return together(circle(12, 12, 9), circle(12, 12, 3.8), *spokes)


def globe() -> QPainterPath:
    """A globe: languages."""
    lines = (line((3.6, 8.6), (20.4, 8.6)), line((3.6, 15.4), (20.4, 15.4)))
    return together(circle(12, 12, 9.4), ellipse(12, 12, 4.2, 9.4), *lines)
