"""GPIO chips that are not there, below libgpiod's own Python: only its C extension is stood for.

The rules are the kernel's: a line has one holder, an unknown name is ENOENT, a held line EBUSY, a
chip that was unplugged ENODEV; what is asked for is first shown to the real extension. Levels are
those at the pin. Everything else, names, offsets, values, is libgpiod's own code at work.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import gpiod.chip
import gpiod.line_settings
from gpiod import _ext as real
from gpiod.line import Value


@dataclass
class FakeChip:
    """A chip and what is on its pins.

    Attributes:
        names: of its lines, by offset.
        levels: of its lines, by offset; whoever plays the street sets those of inputs.
        shorted: offsets whose level nobody can change.
        holders: who holds which line.
        raised: how often each output was made active.
        gone: it was unplugged.
    """

    names: list[str]
    levels: dict[int, bool] = field(default_factory=dict)
    shorted: set[int] = field(default_factory=set)
    holders: dict[int, object] = field(default_factory=dict)
    raised: dict[int, int] = field(default_factory=dict)
    gone: bool = False

    def reach(self) -> None:
        """See that it is there."""
        if self.gone:
            raise _error(errno.ENODEV)

    def unplug(self) -> None:
        """Its lines float, and what pulls them down does."""
        self.gone = True
        self.levels = dict.fromkeys(self.levels, False)
        self.holders.clear()


CHIPS: dict[str, FakeChip] = {}
"""What is plugged in, by path."""


def plug_in(path: str, names: list[str]) -> FakeChip:
    """A chip at a path of its own."""
    _install()
    CHIPS[path] = FakeChip(names, dict.fromkeys(range(len(names)), False))
    return CHIPS[path]


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class _Chip:
    def __init__(self, path: str, chip: FakeChip) -> None:
        self.path, self._chip = path, chip

    def get_info(self) -> SimpleNamespace:
        return SimpleNamespace(name="fake", label="fake", num_lines=len(self._chip.names))

    def line_offset_from_id(self, name: str) -> int:
        if name not in self._chip.names:
            raise _error(errno.ENOENT)
        return self._chip.names.index(name)

    def get_line_name(self, offset: int) -> str:
        return self._chip.names[offset]

    def request_lines(
        self, config: _LineConfig, consumer: str | None, event_buffer_size: int | None
    ) -> _Request:
        assert consumer == "lintel"
        assert event_buffer_size is None
        self._chip.reach()
        if any(offset in self._chip.holders for offset in config.lines):
            raise _error(errno.EBUSY)
        return _Request(self._chip, config.lines)

    def close(self) -> None:
        """Nothing to let go."""


class _LineConfig:
    def __init__(self) -> None:
        self.lines: dict[int, dict[str, Any]] = {}

    def add_line_settings(self, offsets: list[int], settings: dict[str, Any]) -> None:
        self.lines.update(dict.fromkeys(offsets, settings))


class _Request:
    chip_name = "fake"
    fd = -1

    def __init__(self, chip: FakeChip, lines: dict[int, dict[str, Any]]) -> None:
        self._chip, self._lines = chip, lines
        self.offsets = list(lines)
        chip.holders.update(dict.fromkeys(lines, self))
        for offset, settings in lines.items():
            if settings["direction"] == real.DIRECTION_OUTPUT:
                self._drive(offset, active=settings["output_value"] == real.VALUE_ACTIVE)

    def set_values(self, values: dict[int, Value]) -> None:
        self._chip.reach()
        for offset, value in values.items():
            if self._lines[offset]["direction"] != real.DIRECTION_OUTPUT:
                raise _error(errno.EPERM)
            if value is Value.ACTIVE:
                self._chip.raised[offset] = self._chip.raised.get(offset, 0) + 1
            self._drive(offset, active=value is Value.ACTIVE)

    def get_values(self, offsets: list[int], values: list[Value]) -> None:
        self._chip.reach()
        for place, offset in enumerate(offsets):
            active = self._chip.levels[offset] != self._lines[offset]["active_low"]
            values[place] = Value.ACTIVE if active else Value.INACTIVE

    def release(self) -> None:
        """The kernel lets the lines go; this chip's keep their level."""
        for offset in self.offsets:
            self._chip.holders.pop(offset, None)

    def _drive(self, offset: int, *, active: bool) -> None:
        if offset not in self._chip.shorted:
            self._chip.levels[offset] = active != self._lines[offset]["active_low"]


def _opened(path: str) -> object:
    if path not in CHIPS:
        return real.Chip(path)
    CHIPS[path].reach()
    return _Chip(path, CHIPS[path])


def _checked_settings(**settings: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever is asked for
    real.LineSettings(**settings)
    return settings


def _install() -> None:
    fake: Any = SimpleNamespace(Chip=_opened, LineConfig=_LineConfig)
    gpiod.chip._ext = fake  # type: ignore[attr-defined] # its C extension
    settings: Any = SimpleNamespace(LineSettings=_checked_settings)
    gpiod.line_settings._ext = settings  # type: ignore[attr-defined] # its C extension
