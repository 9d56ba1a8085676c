"""A Modbus device, one request at a time. pymodbus builds the frames; this module does the I/O.

pymodbus's own client may wait twice its configured timeout, hides why a port could not be opened,
and accepts an answer without a transaction number for any request. Here an answer has to match, the
connection is dropped after a missing answer, and no request is ever repeated.

Serial frames carry no transaction number, so a late answer could pass for the next one. After an
unanswered request the line is left silent for a while, and bytes that arrive then are discarded.
"""

from __future__ import annotations

import errno
import itertools
import logging
import secrets
import struct
import time
from collections.abc import Callable

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU

from hardware.door.modbus.config import ModbusConfig
from hardware.door.modbus.line import ModbusLine, RtuLine, TcpLine
from hardware.door.modbus.questions import Question, SingleCoil
from kiosk.domain.errors import DoorTimeout, DoorUnusable

SILENCE_SECONDS = 0.6
"""Silence on a serial line after an unanswered request."""

logging.getLogger("pymodbus").addHandler(
    logging.NullHandler()
)  # otherwise it prints every garbled frame

_MAX_UNREAD = 1024
_GARBLED = (ModbusException, ValueError, IndexError, KeyError, struct.error)


class ModbusDevice:
    """Sends requests to a device. To be used by one thread at a time.

    Args:
        config: location of the device.
        send_seconds: send timeout.
    """

    def __init__(self, config: ModbusConfig, send_seconds: float) -> None:
        self._config = config
        self._line, self._framer = _line_of(config, send_seconds)
        self._numbers = itertools.count(secrets.randbelow(0xFFFF))
        self._silent_until = 0.0
        self._spoke_into_silence = False
        self._other_unit: int | None = None

    def ask(
        self, question: Question, until: float, last_look: Callable[[], None] = lambda: None
    ) -> ModbusPDU:
        """Send a request once and wait for the answer.

        Args:
            question: the request.
            until: deadline for the answer in monotonic seconds.
            last_look: called right before the bytes are sent; may raise to cancel the request.

        Raises:
            DoorTimeout: no answer came, or none that matches.
            DoorUnusable: the device does not support the request.
        """
        number = self._next_number()
        question.request.dev_id, question.request.transaction_id = self._config.unit, number
        frame = self._framer.buildFrame(question.request)
        self._other_unit = None
        self._respect_silence(question, frame, until)
        self._open(until)
        last_look()
        try:
            self._line.send(frame)
            answer = self._answer(question, number, until)
        except (OSError, *_GARBLED) as error:
            raise self._lost("garbled its answer, or hung up") from error
        if answer is None:
            raise self._unanswered()
        self._spoke_into_silence = False
        if isinstance(answer, ExceptionResponse):
            raise _exception(self._config, question, answer.exception_code)
        return answer

    def close(self) -> None:
        """Close the line."""
        self._line.close()

    def _next_number(self) -> int:
        """Transaction number of a request on TCP; 0 on a serial line, which has none."""
        return 0 if self._config.serial_port else next(self._numbers) % 0xFFFF + 1

    def _open(self, until: float) -> None:
        try:
            self._line.open(until)
        except OSError as error:
            self._line.close()
            raise DoorTimeout(*_not_opened(self._config, error)) from error

    def _answer(self, question: Question, number: int, until: float) -> ModbusPDU | None:
        """The first message that answers the request; others are skipped."""
        unread = b""
        while (chunk := self._line.receive(until)) and len(unread) <= _MAX_UNREAD:
            unread += chunk
            while True:
                used, message = self._framer.handleFrame(unread, 0, 0)
                unread = unread[used:]
                if message is None:
                    break
                if self._is_answer(question, number, message):
                    return message
                self._note_other(number, message)
        return None

    def _note_other(self, number: int, message: ModbusPDU) -> None:
        """Record a message from another unit; on TCP its number can prove that it is the answer.

        Raises:
            DoorUnusable: it does.
        """
        if message.dev_id == self._config.unit:
            return
        self._other_unit = message.dev_id
        if self._config.serial_port is None and message.transaction_id == number:
            self._line.close()
            raise _another_unit(self._config, message.dev_id)

    def _is_answer(self, question: Question, number: int, message: ModbusPDU) -> bool:
        if (message.dev_id, message.transaction_id) != (self._config.unit, number):
            return False
        code = question.request.function_code
        if isinstance(message, ExceptionResponse):
            return message.function_code == code | 0x80
        return message.function_code == code and question.fits(message)

    def _unanswered(self) -> DoorTimeout | DoorUnusable:
        """The error for no answer, or for one from another unit where answers carry no number."""
        lost = self._lost("did not answer in time")
        return lost if self._other_unit is None else _another_unit(self._config, self._other_unit)

    def _lost(self, how: str) -> DoorTimeout:
        """Drop the line, so that a late answer is never read."""
        self._line.close()
        self._silent_until = time.monotonic() + SILENCE_SECONDS
        return DoorTimeout(
            f"{self._config.where} {how}.",
            f"Check its power and its cable, {self._config.where_setting} and door.modbus.unit.",
        )

    def _respect_silence(self, question: Question, frame: bytes, until: float) -> None:
        """Refuse requests while answers may be late; only one lock command is sent, unread."""
        if self._config.serial_port is None or time.monotonic() >= self._silent_until:
            return
        if question.locks and not self._spoke_into_silence:
            self._spoke_into_silence = True
            self._open(until)
            try:
                self._line.send(frame)
            except OSError as error:
                raise self._lost("hung up") from error
            raise self._lost("was told to lock while late answers were waited out")
        raise DoorTimeout(
            f"{self._config.where} did not answer, and late answers are being waited out.",
            f"Check its power and its cable, {self._config.where_setting} and door.modbus.unit.",
        )


def _line_of(config: ModbusConfig, send_seconds: float) -> tuple[ModbusLine, FramerBase]:
    decoder = DecodePDU(is_server=False)
    decoder.register(SingleCoil)
    if config.serial_port is not None:
        line = RtuLine(
            config.serial_port, config.baud, config.parity, config.stop_bits, send_seconds
        )
        return line, FramerRTU(decoder)
    return TcpLine(config.host or "", config.port), FramerSocket(decoder)


def _not_opened(config: ModbusConfig, error: OSError) -> tuple[str, str]:
    place = config.serial_port or f"{config.host}:{config.port}"
    if error.errno in {errno.EAGAIN, errno.EBUSY} and config.serial_port:
        return (
            f"The serial port {place} is in use by another program.",
            "End that program, or name another port in door.modbus.serial_port.",
        )
    if error.errno == errno.EACCES:
        return (
            f"The serial port {place} may not be opened by this user.",
            "Put the kiosk's user into the port's group, often dialout (door.modbus.serial_port).",
        )
    if config.serial_port:
        return (
            f"The serial port {place} is absent.",
            "Plug its adapter in, or correct door.modbus.serial_port.",
        )
    return (
        f"{config.where} cannot be reached.",
        "Check its power and its cable, door.modbus.host and door.modbus.port.",
    )


def _another_unit(config: ModbusConfig, unit: int) -> DoorUnusable:
    return DoorUnusable(
        f"{config.where} answers as unit {unit}.",
        f"Set door.modbus.unit to the number that it has, {unit} by what it says; a gateway must "
        "hand on the number that it was asked for.",
    )


def _exception(config: ModbusConfig, question: Question, code: int) -> DoorTimeout | DoorUnusable:
    """The error for an exception response (Modbus application protocol 1.1b3, section 7)."""
    if code in {1, 2, 3}:
        lacks = ("function", "address", "value")[code - 1]
        return DoorUnusable(
            f"{config.where} does not know that {lacks}, by {question.setting}.",
            f"Correct {question.setting}: the device's manual has its numbers (exception {code}).",
        )
    return DoorTimeout(
        f"{config.where} is busy, or failed (exception {code}).",
        "Look at the device and at the line behind it; door.modbus.unit must be its number.",
    )
