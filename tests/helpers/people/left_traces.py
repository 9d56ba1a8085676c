"""What somebody's face leaves behind, looked for byte by byte: pictures, features, names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kiosk.domain.vision.frame import Pixels

PICTURES = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"\xff\xd8\xff\xdb\x00C\x00",
    b"Exif\x00\x00",
    b"\x89PNG\r\n\x1a\n",
    b"WEBPVP8",
)
"""How pictures begin; long enough that no ciphertext has one by chance."""
PIECE, ROWS = 24, range(100, 400, 20)
"""So many bytes of these rows of a frame are no accident, where they are not all alike."""
FORMS = ("<f4", ">f4", "<f8", "<f2")
"""Numbers as a file could hold them."""
WINDOW = 16


@dataclass
class Traces:
    """What is looked for.

    Attributes:
        frames: what the camera saw.
        vectors: every template that was made.
        names: words that stand nowhere in the clear.
    """

    frames: Sequence[Pixels] = ()
    vectors: Sequence[np.ndarray] = ()
    names: Sequence[bytes] = ()
    _pieces: set[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._pieces = {*pieces_of(self.frames), *self._numbers(), *self.names, *PICTURES}

    def within(self, folders: Iterable[Path]) -> list[Path]:
        """The files in which any of it stands."""
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        assert files
        return [path for path in files if self.stand_in(path.read_bytes())]

    def stand_in(self, content: bytes) -> bool:
        """Whether any of it stands in there."""
        return any(piece in content for piece in self._pieces)

    def _numbers(self) -> Iterator[bytes]:
        for vector in self.vectors:
            for form in FORMS:
                numbers = vector.astype(form).tobytes()
                yield from (numbers[a : a + WINDOW] for a in range(0, len(numbers) - WINDOW, 64))


def pieces_of(frames: Sequence[Pixels]) -> set[bytes]:
    """Pieces of rows of frames, in each order of the colours, and of one colour."""
    views = [view for pixels in frames for view in (pixels, pixels[:, :, ::-1], pixels[:, :, 1])]
    rows = [np.ascontiguousarray(view[row, 280:304]).tobytes() for view in views for row in ROWS]
    return {row[:PIECE] for row in rows if len(set(row[:PIECE])) > PIECE // 3}
