"""A relay with the Shelly Gen2 RPC. Its output is on while the lock is released.

The relay's own timer ends a release (`toggle_after`), and the timer state is read back: a relay
that would stay on is switched off again and not used. No order is sent before the relay has asked
for the password, so a relay without a password never switches a lock. A release order is signed and
sent once: a harmless request is sent first, so that the challenge is fresh.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from hardware.door.http.answer import NOT_FOUND, OK, UNAUTHORISED, gibberish, parsed, unexpected
from hardware.door.http.call import Ask, Call, HttpAnswer, May
from hardware.door.http.config import ShellyConfig, password
from hardware.door.http.digest import Digest, Once
from kiosk.domain.door.protocol import DoorReading, Lock, ReleaseOrder
from kiosk.domain.errors import DoorTimeout, DoorUnusable

NAME = "The relay of door.http.url"
_NO_SUCH_ID = -105
_EARLY_SECONDS = 0.05
"""Tolerance: a timer may end this much earlier than set."""

Status = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Switch:
    """The reported state of one output."""

    on: bool
    timed: bool


class Shelly:
    """Translates the verbs of the port into RPC calls.

    Args:
        config: the settings.

    Raises:
        SettingsError: the password cannot be used.
    """

    setting = "door.http.url"

    def __init__(self, config: ShellyConfig) -> None:
        self._config = config
        secret = password(config)
        self._releasing, self._securing, self._asking = (Digest(secret) for _ in range(3))

    def release(self, call: Call, order: ReleaseOrder, may: May) -> None:
        """Switch the output on for a time, and check that it is on and its timer runs."""
        with call.alone(self._releasing.lock):
            talk = _Talk(call, self._config, self._releasing)
            talk.get_challenged(anew=True)
            left = call.seconds_left()
            talk.switch(self._config.output, {"on": True, "toggle_after": order.seconds}, may)
            if order.push_seconds and self._config.operator_output is not None:
                pulse = {"on": True, "toggle_after": order.push_seconds}
                talk.switch(self._config.operator_output, pulse, may)
            seen = _switch(talk.status(), self._config.output)
            if not seen.on and left - call.seconds_left() >= order.seconds - _EARLY_SECONDS:
                return  # the release was so short that it is over
            self._hold_to_its_word(talk, seen)

    def secure(self, call: Call) -> None:
        """Switch the output off, and check that it is off with no timer pending."""
        with call.alone(self._securing.lock):
            talk = _Talk(call, self._config, self._securing)
            talk.get_challenged()
            talk.switch(self._config.output, {"on": False})
            seen = _switch(self._read_back(call, talk), self._config.output)
            if seen.on:
                raise self._liar("says that it switched off, and is on")
            if seen.timed:
                raise self._liar("would switch itself on again")

    def status(self, call: Call) -> DoorReading:
        """Read output and inputs in one request."""
        with call.alone(self._asking.lock):
            talk = _Talk(call, self._config, self._asking)
            talk.get_challenged()
            status = talk.status()
        lock = Lock.RELEASED if _switch(status, self._config.output).on else Lock.SECURED
        if self._config.operator_output is not None:
            _switch(status, self._config.operator_output, "door.http.operator_output")
        fitted = self._config.contacts.fitted()
        closed = {c.place: _input(status, c.place, name) for name, c in fitted.items()}
        return self._config.contacts.reading(lock, closed)

    def _read_back(self, call: Call, talk: _Talk) -> Status:
        """Read the status; signed with the release counter if no release is in progress.

        This makes a recorded release request invalid once the door is secured.
        """
        if not self._releasing.lock.acquire(blocking=False):
            return talk.status()
        try:
            return _Talk(call, self._config, self._releasing).status()
        finally:
            self._releasing.lock.release()

    def _hold_to_its_word(self, talk: _Talk, seen: _Switch) -> None:
        if not seen.on:
            raise self._liar("says that it switched on, and is off")
        if not seen.timed:
            talk.switch(self._config.output, {"on": False})
            raise self._liar("keeps no time: it was switched off again")

    def _liar(self, what: str) -> DoorUnusable:
        return DoorUnusable(
            f"Output {self._config.output} of the relay {what}.",
            "Check door.http.output, and the relay's own settings: no inversion, no auto-on, no "
            "input that moves the output.",
        )


class _Talk:
    """The RPC calls within one call of the port."""

    def __init__(self, call: Call, config: ShellyConfig, digest: Digest) -> None:
        self._call = call
        self._url = config.url.rstrip("/") + "/rpc"
        self._digest = digest

    def get_challenged(self, *, anew: bool = False) -> None:
        """Send a harmless request before the first order, so that no unsigned order goes out.

        Args:
            anew: also check that the relay still accepts the known challenge.
        """
        if self._digest.challenged and not anew:
            return
        self.status()
        if not self._digest.challenged:
            raise DoorUnusable(
                f"{NAME} obeys everybody: it asks for no password.",
                "Set a password on it, and put the same into the file of door.http.password_file.",
            )

    def switch(self, output: int, how: Mapping[str, object], may: May | None = None) -> None:
        """Switch an output; with ``may``, send the order once and only if it allows."""
        self._ask("Switch.Set", {"id": output, **how}, may)

    def status(self) -> Status:
        """The relay's full status."""
        return self._ask("Shelly.GetStatus", {}, None)

    def _ask(self, method: str, params: Mapping[str, object], may: May | None) -> Status:
        number = secrets.randbelow(2**31)
        said = json.dumps({"id": number, "src": "lintel", "method": method, "params": params})
        headers = {"Content-Type": "application/json"}
        auth = self._digest if may is None else Once(self._digest)
        answer = self._call.ask(Ask(self._url, Shelly.setting, said.encode(), headers, auth, may))
        if may is not None and answer.status == UNAUTHORISED:
            raise _used_up()
        return _result(answer, number, method)


def _used_up() -> DoorTimeout:
    return DoorTimeout(
        f"{NAME} refused an order whose signature it had asked for.",
        "If it was not just restarted, somebody listens on that line and plays orders again: use "
        "https in door.http.url, or a line of its own.",
    )


def _first_generation() -> DoorUnusable:
    return DoorUnusable(
        f"{NAME} knows no /rpc (HTTP 404): it is a Shelly of the first generation, or something "
        "else.",
        "Use one of the second generation or later (Plus, Pro, Gen3, Gen4); if it is one, correct "
        "door.http.url.",
    )


def _result(answer: HttpAnswer, number: int, method: str) -> Status:
    if answer.status == UNAUTHORISED:
        raise DoorUnusable(
            f"{NAME} refuses the password of door.http.password_file.",
            "Put the relay's own password into that file.",
        )
    if answer.status == NOT_FOUND:
        raise _first_generation()
    if answer.status != OK:
        raise unexpected(NAME, answer.status, Shelly.setting)
    said = parsed(answer.body, NAME)
    if said.get("id") != number:
        raise gibberish(NAME)
    error, result = said.get("error"), said.get("result")
    if isinstance(error, dict):
        raise _refusal(error.get("code"), method)
    if not isinstance(result, dict):
        raise gibberish(NAME)
    return result


def _refusal(code: object, method: str) -> DoorUnusable:
    setting = "door.http.output or door.http.operator_output"
    if code == _NO_SUCH_ID:
        return _lacks("an output", setting)
    return DoorUnusable(
        f"{NAME} refuses {method}.", f"Check that it is a Gen2 relay, and {setting}."
    )


def _switch(status: Status, output: int, setting: str = "door.http.output") -> _Switch:
    found = status.get(f"switch:{output}")
    if found is None:
        raise _lacks(f"output {output}", setting)
    if not isinstance(found, dict) or not isinstance(found.get("output"), bool):
        raise gibberish(NAME)
    return _Switch(found["output"], "timer_duration" in found)


def _input(status: Status, place: int, name: str) -> bool:
    """True if the contact is closed."""
    setting = f"door.http.{name}"
    found = status.get(f"input:{place}")
    if found is None:
        raise _lacks(f"input {place}", setting)
    if not isinstance(found, dict):
        raise gibberish(NAME)
    state = found.get("state")
    if not isinstance(state, bool):
        raise DoorUnusable(
            f"Input {place} of the relay, named by {setting}, is set up as a button.",
            "Set its type to switch, and its mode to detached, in the relay's own settings.",
        )
    return state


def _lacks(what: str, setting: str) -> DoorUnusable:
    return DoorUnusable(
        f"{NAME} lacks {what}, which {setting} names.", f"Correct {setting}; they count from 0."
    )
