"""Icons for the answers of rules, door and operators to a person who was recognised."""

from __future__ import annotations

from PyQt6.QtGui import QPainterPath

from kiosk.ui.icons.strokes import arc, circle, curve, dot, line, rounded, spot, together


def hourglass() -> QPainterPath:
    """An hourglass: wait for a decision."""
    upper = curve((6.5, 3), (6.5, 9), (11, 9.5), (11, 12))
    lower = curve((11, 12), (11, 14.5), (6.5, 15), (6.5, 21))
    other = together(
        curve((17.5, 3), (17.5, 9), (13, 9.5), (13, 12)),
        curve((13, 12), (13, 14.5), (17.5, 15), (17.5, 21)),
    )
    ends = (line((4.5, 3), (19.5, 3)), line((4.5, 21), (19.5, 21)))
    return together(upper, lower, other, *ends, line((10, 18.4), (14, 18.4)))


def _field() -> QPainterPath:
    return rounded(1.5, 6.5, 21, 11, 3)


def pin_field() -> QPainterPath:
    """A field with the dots of a PIN."""
    return together(_field(), spot(6.8, 12), spot(12, 12), spot(17.2, 12))


def empty_field() -> QPainterPath:
    """A field without a code."""
    return together(_field(), *(line((x, 14), (x + 2.4, 14)) for x in (5, 10.8, 16.6)))


def code_again() -> QPainterPath:
    """Dots and a return arrow: enter the code again."""
    way = together(arc(12, 12, 9, 26, 296), line((20.8, 2.6), (20.8, 8), (15.4, 8)))
    return together(way, spot(7.8, 12), spot(12, 12), spot(16.2, 12))


def badge() -> QPainterPath:
    """A badge with the corners of a QR code."""
    card = together(rounded(3.5, 2, 17, 20, 3), line((10, 5.6), (14, 5.6)))
    squares = (rounded(x, y, 3.2, 3.2, 0.4) for x, y in ((7, 9), (13.8, 9), (7, 15.4)))
    return together(card, *squares, dot(14.4, 16), dot(17, 18.4), dot(14.4, 18.6))


def _calendar() -> QPainterPath:
    rings = (line((x, 2.2), (x, 6.4)) for x in (8, 16))
    return together(rounded(2.5, 4.2, 19, 17.5, 3), line((2.5, 9.6), (21.5, 9.6)), *rings)


def day_crossed() -> QPainterPath:
    """A calendar with a crossed-out day: not valid on this day."""
    return together(_calendar(), line((9.6, 13), (14.4, 17.8)), line((14.4, 13), (9.6, 17.8)))


def hour_of_day() -> QPainterPath:
    """A calendar and the hands of a clock: another time."""
    return together(_calendar(), line((12, 12), (12, 16), (15.2, 18)))


def _door(x: float) -> QPainterPath:
    return together(rounded(x, 2, 9.5, 20, 1), dot(x + 6.6, 12.6))


def other_way() -> QPainterPath:
    """A door, and an arrow to the next."""
    return together(_door(1.5), line((14, 12), (22, 12)), line((18.6, 8.4), (22, 12), (18.6, 15.6)))


def way_out() -> QPainterPath:
    """An arrow out through a frame: already inside."""
    frame = line((15, 7), (15, 2), (2, 2), (2, 22), (15, 22), (15, 17))
    return together(frame, line((8, 12), (22, 12)), line((18.4, 8.2), (22, 12), (18.4, 15.8)))


def stopwatch() -> QPainterPath:
    """A stopwatch: a moment ago."""
    crown = together(line((9.5, 1.8), (14.5, 1.8)), line((12, 1.8), (12, 5.4)))
    return together(circle(12, 13.8, 8.2), crown, line((12, 13.8), (15, 10.8)), dot(19.6, 5.2))


def key() -> QPainterPath:
    """A key: wait for the person who opens the door."""
    bow = together(circle(7, 12, 5), dot(6.4, 12))
    return together(
        bow, line((12, 12), (22, 12)), line((21, 12), (21, 16)), line((17, 12), (17, 15))
    )


def padlock() -> QPainterPath:
    """A padlock: closed to everybody."""
    shackle = together(line((7, 10.5), (7, 7)), arc(12, 7, 5, 180, -180), line((17, 7), (17, 10.5)))
    return together(rounded(3.8, 10.5, 16.4, 11.5, 2.6), shackle, line((12, 14.8), (12, 17.6)))


def passing() -> QPainterPath:
    """A person in a doorway."""
    frame = line((2.5, 22), (2.5, 2), (21.5, 2), (21.5, 22))
    shoulders = curve((7.2, 22), (7.2, 13), (16.8, 13), (16.8, 22))
    return together(frame, circle(12, 9, 3.2), shoulders)


def two_doors() -> QPainterPath:
    """This door, and the interlocked one."""
    left = together(rounded(1.2, 2, 8.4, 20, 1), dot(6.4, 12.6))
    return together(left, rounded(14.4, 2, 8.4, 20, 1), dot(17.6, 12.6))


def no_entry() -> QPainterPath:
    """The no-entry traffic sign."""
    return together(circle(12, 12, 9.6), line((7, 12), (17, 12)))


def unplugged() -> QPainterPath:
    """Two boxes without a connection."""
    boxes = (rounded(x, 6.5, 6.2, 11, 1.8) for x in (1.2, 16.6))
    return together(*boxes, line((10.4, 10.4), (13.6, 13.6)), line((13.6, 10.4), (10.4, 13.6)))


def speech() -> QPainterPath:
    """A speech bubble: ask a person."""
    bubble = line((8, 17.5), (8, 22), (13, 17.5))
    lines = (line((6.5, 8), (17.5, 8)), line((6.5, 12), (13.5, 12)))
    return together(rounded(1.8, 2.5, 20.4, 15, 4), bubble, *lines)


def pause() -> QPainterPath:
    """A pause sign: not now, but later."""
    bars = (line((x, 8), (x, 16)) for x in (9.4, 14.6))
    return together(circle(12, 12, 9.6), *bars)


def door_shut() -> QPainterPath:
    """A door in its frame."""
    return together(line((1.5, 22), (22.5, 22)), rounded(5, 2, 14, 20, 1), dot(15.6, 12.4))


def door_open() -> QPainterPath:
    """A leaf that is open in its frame."""
    frame = line((1.5, 22), (4, 22), (4, 2), (19.5, 2), (19.5, 22), (22.5, 22))
    return together(frame, line((4, 2), (12.5, 5), (12.5, 22.6), (4, 22)), dot(9.4, 13.4))


def attention() -> QPainterPath:
    """A triangle with an exclamation mark."""
    return together(
        line((12, 3), (22, 20.5), (2, 20.5), (12, 3)), line((12, 9.6), (12, 13.6)), dot(12, 17)
    )


def cross() -> QPainterPath:
    """A cross: not in order."""
    return together(line((5.5, 5.5), (18.5, 18.5)), line((18.5, 5.5), (5.5, 18.5)))
