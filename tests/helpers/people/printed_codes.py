"""QR codes as a camera sees them: held into the picture, and then made worse."""

from __future__ import annotations

import cv2
import numpy as np
import segno

from kiosk.domain.vision.frame import Frame, Instant, Pixels

WIDTH, HEIGHT = 640, 480
BADGE = "LINTEL1:s-1001:0123456789abcdef:00112233445566778899aabbccddeeff"


def held(text: str | bytes, side_px: int = 240, left_px: int = 200) -> Pixels:
    """(480, 640, 3) uint8: a white card with a code, before a grey wall."""
    code = segno.make_qr(text, error="m")
    rows = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(border=4)]
    card = cv2.resize(np.array(rows, np.uint8), (side_px, side_px), interpolation=cv2.INTER_NEAREST)
    picture = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    top = (HEIGHT - side_px) // 2
    picture[top : top + side_px, left_px : left_px + side_px] = card[:, :, np.newaxis]
    return picture


def seen(pixels: Pixels) -> Frame:
    """A frame of it."""
    return Frame(pixels, Instant(0.0), 0)


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def noisy(pixels: Pixels, deviation: float) -> Pixels:
    """By a poor sensor."""
    grain = np.random.default_rng(1).normal(0.0, deviation, pixels.shape)
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def lit(pixels: Pixels, gain: float, offset: float = 0.0) -> Pixels:
    """In other light."""
    return np.clip(pixels * gain + offset, 0, 255).astype(np.uint8)


def tilted(pixels: Pixels, share: float) -> Pixels:
    """Held at a slant: the right side is nearer by that share."""
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    moved = corners.copy()
    moved[0, 1] += HEIGHT * share / 2
    moved[3, 1] -= HEIGHT * share / 2
    moved[:, 0] = [WIDTH * share, WIDTH, WIDTH, WIDTH * share]
    return np.asarray(_warped(pixels, cv2.getPerspectiveTransform(corners, moved)), np.uint8)


def turned(pixels: Pixels, degrees: float) -> Pixels:
    """Turned in the hand."""
    about = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1.0)
    return np.asarray(_warped(pixels, np.vstack([about, [0, 0, 1]])), np.uint8)


def _warped(pixels: Pixels, matrix: np.ndarray) -> np.ndarray:
    return cv2.warpPerspective(
        pixels, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_CONSTANT, borderValue=(110,) * 3
    )
