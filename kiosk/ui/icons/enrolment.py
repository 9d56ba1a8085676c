"""Icons for self-enrolment and for what is kept about a person."""

from __future__ import annotations

from PyQt6.QtGui import QPainterPath

from kiosk.ui.icons.strokes import (
    Point,
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


def _face(x: float, y: float, size: float) -> QPainterPath:
    eyes = (dot(x - 2.2 * size, y - 1.2 * size), dot(x + 2.2 * size, y - 1.2 * size))
    smile = line((x - 1.8 * size, y + 3.4 * size), (x + 1.8 * size, y + 3.4 * size))
    return together(ellipse(x, y, 5 * size, 7 * size), *eyes, smile)


def _tick(x: float, y: float, size: float) -> QPainterPath:
    return line((x - size, y), (x - size / 4, y + 0.75 * size), (x + size, y - 0.75 * size))


def _cross(x: float, y: float, size: float) -> QPainterPath:
    falling = line((x - size, y - size), (x + size, y + size))
    return together(falling, line((x + size, y - size), (x - size, y + size)))


def _asked(x: float, y: float) -> QPainterPath:
    return together(
        curve((x - 2.6, y - 3), (x - 2.6, y - 7.4), (x + 4.4, y - 6.4), (x, y - 0.4)),
        dot(x, y + 3),
    )


def greeting() -> QPainterPath:
    """A face and a speech bubble: welcome."""
    return together(_face(8, 14, 1.0), curve((14, 9), (14, 1), (23, 1), (22, 7)), dot(18, 6.4))


def numbers() -> QPainterPath:
    """A face, and the numbers that are made of it."""
    digits = (line((x, y), (x + 3.4, y)) for x in (15, 19.4) for y in (6, 12, 18))
    return together(_face(7, 12, 1.0), *digits)


def door_of_face() -> QPainterPath:
    """A face in a door."""
    frame = line((2.5, 22), (2.5, 2), (21.5, 2), (21.5, 22))
    return together(frame, _face(12, 12.6, 0.9))


def choice() -> QPainterPath:
    """Two answers of equal size."""
    boxes = (rounded(x, 6, 9.4, 12, 2) for x in (1.6, 13))
    return together(*boxes, _cross(6.3, 12, 1.8), _tick(17.7, 12, 2.4))


def face_in_cloud() -> QPainterPath:
    """A face below a cloud."""
    cloud = together(
        curve((5.5, 10.5), (0.5, 10.5), (1.5, 4), (6.5, 5)),
        curve((6.5, 5), (8, 0.5), (15.5, 0.5), (16.5, 5)),
        curve((16.5, 5), (22.5, 4), (23.5, 10.5), (18.5, 10.5)),
    )
    return together(cloud, _face(12, 15.6, 0.9))


def picture_locked() -> QPainterPath:
    """A picture with a padlock."""
    lock = together(rounded(12.5, 14.5, 9, 7, 1.4), arc(17, 14.5, 2.6, 0, 180))
    return together(line((10, 20), (2, 20), (2, 3), (20, 3), (20, 9)), _face(9, 11, 0.6), lock)


def yes() -> QPainterPath:
    """A nodding head."""
    way = together(line((19, 5), (19, 19)), line((16.4, 8), (19, 5), (21.6, 8)))
    return together(_face(8.5, 12, 1.1), way, line((16.4, 16), (19, 19), (21.6, 16)))


def no() -> QPainterPath:
    """A head that is shaken."""
    way = together(line((4, 20.4), (20, 20.4)), line((6.6, 18), (4, 20.4), (6.6, 22.8)))
    return together(_face(12, 8.8, 1.0), way, line((17.4, 18), (20, 20.4), (17.4, 22.8)))


def hand() -> QPainterPath:
    """A face with a stroke below: thank you, nothing is kept."""
    return together(_face(12, 9, 0.95), line((4, 20), (20, 20)), line((8, 22.4), (16, 22.4)))


def into_oval() -> QPainterPath:
    """An oval with arrows into it."""
    arrow = together(line((12, 1.6), (12, 6)), line((9.8, 4), (12, 6), (14.2, 4)))
    ways = (turned(arrow, angle) for angle in (0, 90, 180, 270))
    return together(ellipse(12, 12, 4.4, 5.2), *ways)


def _turning(degrees: float, *eyes: Point) -> QPainterPath:
    head = line((18.4, 6), (21.6, 12), (18.4, 18))
    looks = (dot(x, y) for x, y in eyes)
    return together(ellipse(12, 12, 4.6, 6.6), *looks, turned(head, degrees))


def turned_left() -> QPainterPath:
    """A face turned to the subject's left, which the mirrored picture shows at the left."""
    return _turning(180, (8.8, 11), (11.4, 11))


def turned_right() -> QPainterPath:
    """A face turned to the subject's right."""
    return _turning(0, (12.6, 11), (15.2, 11))


def turned_up() -> QPainterPath:
    """A face that looks up."""
    return _turning(270, (10.2, 8), (13.8, 8))


def turned_down() -> QPainterPath:
    """A face that looks down."""
    return _turning(90, (10.2, 14.4), (13.8, 14.4))


def taken() -> QPainterPath:
    """A ring with a tick: this view is taken."""
    return together(arc(12, 12, 9.4, 60, 300), _tick(12, 12, 4.2))


def passed() -> QPainterPath:
    """A ring and an arrow onwards."""
    arrow = together(line((7.6, 12), (16.4, 12)), line((13, 8.6), (16.4, 12), (13, 15.4)))
    return together(arc(12, 12, 9.4, 30, 300), arrow)


def _card() -> QPainterPath:
    return rounded(1.6, 4.6, 20.8, 14.8, 2.2)


def _portrait() -> QPainterPath:
    return together(circle(7, 10, 1.9), arc(7, 16.4, 3, 20, 140))


def card() -> QPainterPath:
    """An identity card with its portrait."""
    return together(_card(), _portrait(), line((13, 9.6), (19, 9.6)), line((13, 14), (17, 14)))


def card_shaken() -> QPainterPath:
    """A card that moves."""
    moved = (line((x, 8), (x, 16)) for x in (1.6, 22.4))
    return together(rounded(5, 6, 14, 12, 2), _tick(12, 12, 0.4), circle(9.6, 11, 1.6), *moved)


def card_glare() -> QPainterPath:
    """A card with a shining spot."""
    rays = (turned(line((12, 6.6), (12, 9)), 45 * ray) for ray in range(8))
    return together(_card(), *rays)


def card_faceless() -> QPainterPath:
    """A card and an arrow that turns it over."""
    lines = (line((6, y), (18, y)) for y in (9, 12))
    return together(_card(), *lines, line((14, 15.4), (18, 15.4), (16.4, 13.9)))


def card_crossed() -> QPainterPath:
    """A card that has run out."""
    return together(_card(), _portrait(), _cross(16, 12, 2.6))


def card_unknown() -> QPainterPath:
    """A card with a question mark."""
    return together(_card(), _portrait(), _asked(15.4, 13))


def card_turned() -> QPainterPath:
    """The back of a card, with rows of letters."""
    rows = (line((x, y), (x + 1.4, y)) for y in (12.6, 15.4) for x in (5.4, 9.1, 12.8, 16.5))
    return together(_card(), line((2, 8.6), (22, 8.6)), *rows)


def card_lines() -> QPainterPath:
    """The lines of a card, to confirm."""
    lines = (line((5.6, y), (18.4, y)) for y in (8.6, 12, 15.4))
    return together(_card(), *lines)


def card_ticked() -> QPainterPath:
    """A card that fits."""
    return together(_card(), _portrait(), _tick(16, 12, 3))


def desk() -> QPainterPath:
    """A person behind a desk."""
    person = together(circle(12, 5.4, 3.4), arc(12, 15, 6, 10, 160))
    return together(person, line((2, 15), (22, 15), (22, 22), (2, 22), (2, 15)))


def face_ticked() -> QPainterPath:
    """A face with a tick."""
    return together(_face(9, 12, 1.2), _tick(19, 18, 3))


def _code() -> QPainterPath:
    squares = (rounded(x, y, 6, 6, 0.8) for x, y in ((2, 2), (16, 2), (2, 16)))
    return together(*squares, dot(12, 5), dot(5, 12), dot(12, 12))


def code_ticked() -> QPainterPath:
    """A code that is used up."""
    return together(_code(), _tick(18, 18, 3.4))


def code_clock() -> QPainterPath:
    """A code that has run out."""
    return together(_code(), circle(18, 18, 4), line((18, 15.8), (18, 18), (19.8, 19)))


def code_away() -> QPainterPath:
    """A code of another building."""
    arrow = together(line((14, 18), (22, 18)), line((18.8, 14.8), (22, 18), (18.8, 21.2)))
    return together(_code(), arrow)


def code_crossed() -> QPainterPath:
    """A code that cannot be used."""
    return together(_code(), _cross(18, 18, 3))


def code_listed() -> QPainterPath:
    """A code that leads to a list."""
    return together(_code(), *(line((15, y), (22, y)) for y in (15, 18.4, 21.8)))


def code_paused() -> QPainterPath:
    """A code, and a pause."""
    return together(_code(), line((16, 15), (16, 21)), line((20, 15), (20, 21)))


def person_asked() -> QPainterPath:
    """A person and a question mark."""
    person = together(circle(8, 8, 4), arc(8, 21, 6.4, 10, 160))
    return together(person, _asked(18, 12))


def stop() -> QPainterPath:
    """The stop sign."""
    corners = ((8, 2.4), (16, 2.4), (21.6, 8), (21.6, 16), (16, 21.6), (8, 21.6), (2.4, 16))
    return together(line(*corners, (2.4, 8), (8, 2.4)), line((7, 12), (17, 12)))


def list_of_facts() -> QPainterPath:
    """A list."""
    lines = (line((9, y), (21, y)) for y in (5, 12, 19))
    return together(*lines, *(spot(4, y) for y in (5, 12, 19)))


def _bin() -> QPainterPath:
    body = line((5, 6), (6.4, 22), (17.6, 22), (19, 6))
    return together(body, line((2.6, 6), (21.4, 6)), line((9, 6), (9, 2.4), (15, 2.4), (15, 6)))


def bin_asked() -> QPainterPath:
    """A bin with a question mark."""
    return together(_bin(), _asked(12, 15.4))


def bin_ticked() -> QPainterPath:
    """A bin with a tick."""
    return together(_bin(), _tick(12, 14, 3))


def renewed() -> QPainterPath:
    """A face, and arrows round it."""
    ring = together(arc(12, 12, 10, 20, 140), arc(12, 12, 10, 200, 140))
    return together(_face(12, 12, 0.75), ring, line((2, 5.6), (2.6, 9), (6, 8.4)))


def letter() -> QPainterPath:
    """A letter."""
    return together(rounded(2, 4.4, 20, 15.2, 2), line((2.6, 6), (12, 13.4), (21.4, 6)))
