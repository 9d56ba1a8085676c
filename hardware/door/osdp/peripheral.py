"""OSDP with the kiosk as a reader of a panel: the panel decides, and controls the lock.

A grant is the person's credential number, sent once. The panel's next action is the answer; no
answer counts as no grant. This driver can neither secure nor release the door; a system that needs
that must ask the panel.
"""

from __future__ import annotations

import threading
import time
from typing import cast

from hardware.door.driver import DoorDriver, Permit
from hardware.door.osdp.frames import Way
from hardware.door.osdp.key import read_key
from hardware.door.osdp.line import SerialLine
from hardware.door.osdp.peripheral_config import Card, OsdpPdConfig, card
from hardware.door.osdp.reader import Reader, denies, permits
from hardware.door.osdp.worker import LineJob, Worker
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable, SettingsError
from kiosk.domain.ports import Clock
from kiosk.domain.remedies import NextStep, Remedy

SECTION = "door.osdp_pd"
_IDLE_SECONDS = 0.01
_SLACK_SECONDS = 0.2


class CardJob(LineJob):
    """A card to present to the panel, and the result.

    Args:
        shown: the card.
        until: deadline for the panel to fetch it.
        seconds: maximum time that a grant is valid.
        permit: checked until the panel has fetched the card; an error from it withdraws the card.
    """

    def __init__(self, shown: Card, until: float, seconds: float, permit: Permit) -> None:
        super().__init__((), check=permit.check)
        self.shown, self.until, self.seconds, self.permit = shown, until, seconds, permit
        self.reason: Reason | None = Reason.PANEL_SILENT


class OsdpPdDoor(DoorDriver):
    """Implements the `Door` port as a reader of a panel.

    A release is the person's credential, sent once; its answer is that the panel granted, denied
    (also if the person has no credential), or was silent. A lock that secures is the panel's
    affair: to secure cancels a credential that was not fetched yet, and leaves the lock alone.

    Attributes:
        two_stage: True, since the panel makes the final decision on a grant.

    Args:
        config: the connection settings.
        rules: checks that every order must pass.
        clock: the kiosk's time source.
        answer_seconds: time limit for the panel to fetch a credential.

    Raises:
        SettingsError: the key file is missing or unreadable, contains no key, or the public one.
    """

    two_stage = True

    def __init__(
        self, config: OsdpPdConfig, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        super().__init__(rules, clock, answer_seconds)
        self._config = config
        self._key = _key(config)
        self._line = SerialLine(config.port, config.baud, config.address, Way.COMMANDS, SECTION)
        self._why: DoorError = self._silence()
        self._online = threading.Event()
        self._free_until = 0.0
        self._worker = Worker("osdp-pd", self._run, self._line.wake)
        self._worker.start()

    def _release(self, order: ReleaseOrder, permit: Permit) -> Reason | None:
        """Send the credential to the panel, and wait for its reaction."""
        if order.credential is None:
            return Reason.PANEL_DENIED
        shown = card(self._config, order.credential)
        if shown is None:
            raise DoorRefused(
                f"A credential number does not fit into {self._config.card_format}.",
                Remedy(
                    f"Give that person another card number, or correct {SECTION}.card_format.",
                    NextStep.GIVE_CARD_NUMBER,
                ),
            )
        until = time.monotonic() + self._answer_seconds
        job = CardJob(shown, until, order.seconds, permit)
        self._ask(job)
        return job.reason

    def _secure(self) -> None:
        self._free_until = 0.0

    def status(self) -> DoorReading:
        """Report RELEASED while the panel's last grant is valid; the lock itself cannot be read.

        Raises:
            DoorTimeout: the panel does not poll the kiosk.
            DoorUnusable: the panel has another key.
        """
        self._worker.start()
        if self._worker.stopping:
            raise _close_device()
        if not self._online.wait(self._answer_seconds):
            raise self._unheard()
        free = time.monotonic() < self._free_until
        return DoorReading(lock=Lock.RELEASED if free else Lock.SECURED)

    def _close_device(self) -> None:
        if self._worker.stop(self._answer_seconds + self._config.panel_seconds):
            self._line.close_bell()

    # -- the callers' side -----------------------------------------------------------------------

    def _ask(self, job: CardJob) -> None:
        if not self._worker.submit(job):
            raise _close_device()
        if not job.wait(self._answer_seconds, self._config.panel_seconds + _SLACK_SECONDS):
            self._worker.withdraw(job)
            raise self._unheard()

    def _unheard(self) -> DoorError:
        """A new copy of the error, since it is raised in another thread than it was found in."""
        return type(self._why)(self._why.problem, self._why.remedy)

    # -- the thread's side -----------------------------------------------------------------------

    def _run(self) -> None:
        """Serve the port, reopening it whenever it is lost."""
        self._line.keep(self._serve, self._lost, lambda: self._worker.stopping)

    def _lost(self, error: DoorTimeout) -> None:
        self._why = error

    def _serve(self) -> None:
        """Answer the panel and present the callers' cards, until the port is lost."""
        reader = Reader(self._line, self._config, self._key, self._answer_seconds)
        try:
            while self._line.is_open and not self._worker.stopping:
                self._turn(reader)
                if self._is_online(reader) and (job := self._worker.next_job()) is not None:
                    job.finish(self._carry_out(reader, cast("CardJob", job)))
        finally:
            self._online.clear()
            reader.close()

    def _is_online(self, reader: Reader) -> bool:
        if reader.online:
            self._online.set()
            return True
        self._why = self._mistrust() if reader.mistrusted else self._silence()
        self._online.clear()
        return False

    def _turn(self, reader: Reader) -> list[float]:
        """Poll once; returns the panel's decisions: seconds of a grant, or 0 for a denial."""
        self._line.wait(_IDLE_SECONDS)
        reader.turn()
        answers: list[float] = []
        for said in reader.said:
            seconds = permits(self._config, said)
            if seconds == 0.0:
                self._free_until = 0.0
            if seconds or denies(self._config, said):
                answers.append(seconds or 0.0)
        reader.said.clear()
        return answers

    def _carry_out(self, reader: Reader, job: CardJob) -> DoorError | None:
        """Present a card, and wait for the decision."""
        reader.show(job.shown)
        while not reader.fetched:
            refusal = job.refusal()
            if refusal is not None or not self._goes_on(job.until):
                reader.take_back()
                return refusal or self._silence()
            self._turn(reader)
        job.reason = self._decided(reader, job)
        return None

    def _decided(self, reader: Reader, job: CardJob) -> Reason | None:
        """The panel's decision on the fetched card; its first answer counts."""
        until = time.monotonic() + self._config.panel_seconds
        while self._goes_on(until):
            for seconds in self._turn(reader):
                if not seconds:
                    return Reason.PANEL_DENIED
                if not job.permit.void:
                    self._free_until = time.monotonic() + min(seconds, job.seconds)
                return None
        return Reason.PANEL_SILENT

    def _goes_on(self, until: float) -> bool:
        """True while there is time left, the port is open and the kiosk is running."""
        return time.monotonic() < until and self._line.is_open and not self._worker.stopping

    def _silence(self) -> DoorTimeout:
        return DoorTimeout(
            f"No panel asks for the reader {self._config.address} on {self._config.port}.",
            f"Check the panel, the line, and {SECTION}.port, .baud and .address.",
        )

    def _mistrust(self) -> DoorUnusable:
        return DoorUnusable(
            f"The panel on {self._config.port} does not have the key of {SECTION}.key_file, "
            "or wants no secure channel.",
            "Put the same key into the panel and that file, and switch its secure channel on.",
        )


def _close_device() -> DoorTimeout:
    return DoorTimeout("The connection to the panel is closed.", "Start the kiosk again.")


def _key(config: OsdpPdConfig) -> bytes | None:
    if config.key_file is not None:
        return read_key(config.key_file, f"{SECTION}.key_file")
    if config.allow_insecure:
        return None
    raise SettingsError(
        f"{SECTION}.key_file is not set, so anybody on the line could play the panel.",
        f"Set {SECTION}.key_file to the key that the panel has for this reader.",
    )
