"""A Modbus relay, over TCP or a serial line."""

from __future__ import annotations

from config.sections.common import Section


class ModbusSettings(Section):
    """A Modbus relay, over TCP or a serial line."""
