"""The mirrored camera picture, dimmed outside the oval, and the oval's outline.

The text above has its own band: the picture begins below it, and the oval lies completely within
the picture's area.

While a badge is asked for, a square with a caption replaces the oval.

The parts that are the same in every frame (dimming, outline) are drawn once into a pixmap; a frame
costs one scaled picture and one blend.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import (
    QColor,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QTransform,
)
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Tone
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.oval import Oval
from kiosk.ui.geometry import Laid, PictureArea, lay, oval
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight
from kiosk.ui.widgets.finder import CAPTION_SHARE, draw_corners, path_of_square, square_in
from kiosk.ui.widgets.images import image_of
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.outline import draw_outline, draw_progress, path_of, widest
from kiosk.ui.widgets.worded import Worded, Wording

AIR_SHARE = 0.014
"""Between the oval's outline and the edges of its area, as a share of the stage's shorter side."""

FADE_SHARE = 0.12
"""The length over which the picture fades out at an empty strip, as a share of its width."""

MAX_SMOOTH_PIXELS = 4_000_000
"""On a larger stage the picture is scaled coarsely: smooth scaling would cost too much."""


class Stage(QWidget, Worded):
    """The picture and the oval.

    Args:
        parent: the window.
        lane: its ellipse is the oval.
        wording: the name for screen readers.
    """

    def __init__(self, parent: QWidget, lane: Lane, wording: Wording) -> None:
        super().__init__(parent)
        self._lane = lane
        self._wording = wording
        self._frame: Frame | None = None
        self.tone = Tone.WAITING
        self._progress = 0.0
        self._veil: QPixmap | None = None
        self._words_height = 0
        self._corner_width = 0
        self._around = 0.0
        self.caption = LineLabel(self, "sentence", Weight.STRONG)
        self.caption.hide()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.retranslate()

    def retranslate(self) -> None:
        """Look the name up again."""
        self.setAccessibleName(self._wording())

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture."""
        if self._frame is None or _size(frame) != _size(self._frame):
            self._veil = None
        self._frame = frame
        self.update()

    def forget(self) -> None:
        """Discard the picture."""
        self._frame = None
        self._veil = None

    def show_tone(self, tone: Tone, progress: float) -> None:
        """Change the outline; the tone must be one that does not fill the screen."""
        if tone is not self.tone:
            self.redraw()
        self.tone = tone
        self._progress = progress
        self.update()

    def ask_for_code(self, caption: Wording | None) -> None:
        """Show the target for a badge with that caption; no caption restores the oval."""
        asked = caption is not None
        if asked is self.caption.isHidden():
            self._veil = None
        self.caption.say(caption or str)
        self.caption.setVisible(asked)
        self._place_caption()

    def square(self) -> QRectF:
        """The target for a badge, in the stage's pixels."""
        return square_in(self.width(), self.height(), self._words_height)

    @property
    def side(self) -> int:
        """The shorter side, which all thicknesses are shares of."""
        return min(self.width(), self.height())

    def redraw(self) -> None:
        """Draw the constant parts again, before the next frame."""
        self._veil = None
        self.update()

    def keep_free(self, words: int, corner: int = 0, around: float = 0.0) -> None:
        """Reserve pixels for the text above, a button in each lower corner, and round the oval.

        Args:
            words: height of the text.
            corner: width of a button.
            around: what is drawn round the oval, as a share of the shorter side.
        """
        self._words_height, self._corner_width, self._around = words, corner, around
        self._veil = None
        self._place_caption()
        self.update()

    def room(self) -> PictureArea:
        """The area of the picture, in the stage's pixels."""
        edge = widest(self.side) / 2 + self.side * (AIR_SHARE + self._around)
        top = min(self._words_height, self.height() - 1)
        high = self.height() - top
        return PictureArea(0, top, self.width(), high, self._corner_width + edge, edge)

    def laid(self) -> Laid | None:
        """The placement of the picture on the stage; None if there is no picture."""
        if self._frame is None or self.width() < 1 or self.height() < 1:
            return None
        return self.lay((self._frame.width, self._frame.height))

    def lay(self, size: tuple[int, int]) -> Laid:
        """The placement of a picture of that width and height: its oval is seen completely."""
        return lay(size, self.room(), self._lane)

    def oval(self) -> Oval | None:
        """The oval in the stage's pixels; None if there is no picture."""
        laid = self.laid()
        return None if laid is None else oval(self._lane, laid)

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Discard the overlay: it fits one size only."""
        self._veil = None
        self._place_caption()

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the picture, the overlay, and the filled part of the ring."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(palette.GROUND))
        laid = self.laid()
        if self._frame is not None and laid is not None:
            self._draw_picture(painter, self._frame, laid)
            self._draw_veil(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.caption.isHidden():
                self.draw_live(painter, oval(self._lane, laid))
        painter.end()

    def draw_target(self, painter: QPainter, place: Oval) -> None:
        """Draw what is constant during a tone: the picture dimmed outside the oval, its outline."""
        painter.fillPath(self.outside(path_of(place)), ground(palette.DIM_ALPHA))
        draw_outline(painter, place, self.tone, self.side)

    def draw_live(self, painter: QPainter, place: Oval) -> None:
        """Draw what changes: the part of the ring that is filled."""
        draw_progress(painter, place, self.tone, self.side, self._progress)

    def _draw_picture(self, painter: QPainter, frame: Frame, laid: Laid) -> None:
        image = image_of(frame).convertToFormat(QImage.Format.Format_RGB32)
        smooth = self.width() * self.height() <= MAX_SMOOTH_PIXELS
        painter.setClipRect(_rect(self.room()))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.setTransform(QTransform(-laid.scale, 0, 0, laid.scale, laid.right, laid.top))
        painter.drawImage(0, 0, image)
        painter.resetTransform()
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setClipping(False)

    def _draw_veil(self, painter: QPainter) -> None:
        if self._veil is None:
            self._veil = self._make_veil()
        painter.drawPixmap(0, 0, self._veil)

    def _make_veil(self) -> QPixmap:
        veil = self._canvas()
        painter = QPainter(veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place, laid = self.oval(), self.laid()
        if laid is not None:
            self._fade(painter, laid)
        if not self.caption.isHidden():
            painter.fillPath(self.outside(path_of_square(self.square())), ground(palette.DIM_ALPHA))
            draw_corners(painter, self.square(), self.tone)
        elif place is not None:
            self.draw_target(painter, place)
        painter.end()
        return veil

    def _fade(self, painter: QPainter, laid: Laid) -> None:
        """Fade the picture into the background at an empty strip beside it."""
        reach = (laid.right - laid.left) * FADE_SHARE
        for edge, inner in ((laid.left, laid.left + reach), (laid.right, laid.right - reach)):
            if 0 < edge < self.width():
                gradient = QLinearGradient(QPointF(edge, 0), QPointF(inner, 0))
                gradient.setColorAt(0.0, ground(1.0))
                gradient.setColorAt(1.0, ground(0.0))
                left = min(edge, inner) - 1
                painter.fillRect(QRectF(left, 0, reach + 2, self.height()), gradient)

    def _place_caption(self) -> None:
        square = self.square()
        height = square.width() * CAPTION_SHARE
        box = QRectF(square.left(), square.bottom() + height * 0.3, square.width(), height)
        self.caption.setGeometry(box.toRect())
        self.caption.set_pixels(height * 0.6)

    def _canvas(self) -> QPixmap:
        """A transparent pixmap of the stage's size, at the screen's resolution."""
        ratio = self.devicePixelRatioF()
        wide, high = round(self.width() * ratio), round(self.height() * ratio)
        canvas = QPixmap(max(1, wide), max(1, high))
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(Qt.GlobalColor.transparent)
        return canvas

    def outside(self, clear: QPainterPath) -> QPainterPath:
        """The picture's area without that part of it."""
        whole = QPainterPath()
        whole.addRect(_rect(self.room()))
        return whole.subtracted(clear)


def ground(alpha: float) -> QColor:
    """The background colour with that opacity."""
    colour = QColor(palette.GROUND)
    colour.setAlphaF(alpha)
    return colour


def _size(frame: Frame) -> tuple[int, int]:
    return frame.width, frame.height


def _rect(room: PictureArea) -> QRectF:
    return QRectF(room.left, room.top, room.width, room.height)
