"""OSDP with the kiosk as controller: the device times each release and acknowledges it.

A release is a timed output command over the secure channel. It counts as acknowledged when the
device has accepted it, not when it was queued. Whatever the state of the line, it is sent right
after the freshness check of its evidence, or not at all.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress

from osdp import Capability, Command, StatusReportType

from hardware.door.driver import DoorDriver, Permit
from hardware.door.osdp.config import OsdpConfig
from hardware.door.osdp.frames import Way
from hardware.door.osdp.key import read_key
from hardware.door.osdp.line import SerialLine
from hardware.door.osdp.panel import LONGEST_SECONDS, CommandOutcome, Panel, output_command
from hardware.door.osdp.reports import Report, reading
from hardware.door.osdp.signals import known, signals
from hardware.door.osdp.worker import LineJob, Step, Steps, Worker
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable, SettingsError
from kiosk.domain.ports import Clock
from kiosk.domain.remedies import NextStep, Remedy

SECTION = "door.osdp"
_COMMAND_SECONDS = 0.6  # shorter than the library's own resend time
_IDLE_SECONDS = 0.01
_REFUSED_SECONDS = 1.0
"""Pause after the device refused the key, before the next session; doubled each time."""
_MOST_DOUBLINGS = 4
_BACK_OFF_STEP_SECONDS = 0.1
_PUSHED = 64


class OsdpDoor(DoorDriver):
    """Implements the `Door` port through an output of an OSDP device, whose timer ends a release.

    Args:
        config: the connection settings.
        rules: checks that every order must pass.
        clock: the kiosk's time source.
        answer_seconds: acknowledgement timeout of a command.

    Raises:
        SettingsError: the key file is missing or unreadable, contains no key, or the public one.
    """

    def __init__(
        self, config: OsdpConfig, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        super().__init__(rules, clock, answer_seconds)
        self._config = config
        self._key = _key(config)
        self._line = SerialLine(config.port, config.baud, config.address, Way.REPLIES, SECTION)
        self._pushed: deque[Report] = deque(maxlen=_PUSHED)
        self._why: DoorError = self._no_answer()
        self._refusals = 0
        self._worker = Worker("osdp", self._run, self._line.wake)
        self._worker.start()

    def _release(self, order: ReleaseOrder, permit: Permit) -> Reason | None:
        _refuse_unfitting(order)
        steps = [output_command(self._config.output, order.seconds)]
        if order.push_seconds and self._config.operator_output is not None:
            steps.append(output_command(self._config.operator_output, order.push_seconds))
        shown = signals(self._config, order.seconds)
        self._ask(LineJob(tuple(steps), signals=shown, check=permit.check))
        return None

    def _secure(self) -> None:
        """Switch the outputs off, which ends a timed release at once."""
        outputs = (self._config.output, self._config.operator_output)
        steps = [output_command(number, 0) for number in outputs if number is not None]
        self._ask(LineJob(tuple(steps), signals=signals(self._config, 0), urgent=True))

    def status(self) -> DoorReading:
        """Read output, inputs and housing from the device.

        Unsolicited reports since the last answer are included, so that a short press of a button is
        not missed.

        Raises:
            DoorTimeout: no answer came.
            DoorUnusable: the device has another key, or lacks an output or input.
        """
        kinds = [StatusReportType.Output]
        kinds += [StatusReportType.Input] if self._config.contacts.fitted() else []
        kinds += [StatusReportType.Local] if self._config.housing else []
        job = LineJob(tuple({"command": Command.Status, "type": kind} for kind in kinds))
        self._ask(job)
        return reading(self._config, job.reports, self._drained())

    def _close_device(self) -> None:
        if self._worker.stop(self._answer_seconds + 1.0):
            self._line.close_bell()

    # -- the callers' side -----------------------------------------------------------------------

    def _ask(self, job: LineJob) -> None:
        if not self._worker.submit(job):
            raise DoorTimeout("The OSDP connection is closed.", "Start the kiosk again.")
        if not job.wait(self._answer_seconds):
            self._worker.withdraw(job)
            raise type(self._why)(self._why.problem, self._why.remedy)

    def _drained(self) -> list[Report]:
        """Unsolicited reports of the device; each is returned once."""
        drained: list[Report] = []
        with suppress(IndexError):
            while True:
                drained.append(self._pushed.popleft())
        return drained

    # -- the thread's side -----------------------------------------------------------------------

    def _run(self) -> None:
        """Run sessions, one after the other."""
        self._line.keep(self._session, self._lost, lambda: self._worker.stopping)

    def _lost(self, error: DoorTimeout) -> None:
        self._why = error

    def _session(self) -> None:
        """Run one session, until it is over or the kiosk stops."""
        panel = Panel(self._line, self._config.address, self._key)
        try:
            while not panel.over and not self._worker.stopping:
                self._line.wait(_IDLE_SECONDS)
                panel.turn()
                self._hear(panel)
                if panel.online:
                    self._serve(panel)
            refused = panel.refused
            self._why = self._refusal() if refused else self._no_answer()
        finally:
            panel.close()
        self._refusals = self._refusals + 1 if refused else 0
        if refused:
            self._back_off()

    def _back_off(self) -> None:
        """Pause after a refused key, which would be refused again; devices may block retries."""
        end = time.monotonic() + pause_after(self._refusals)
        while not self._worker.stopping and (left := end - time.monotonic()) > 0.0:
            time.sleep(min(left, _BACK_OFF_STEP_SECONDS))  # not on the line, which may be noisy

    def _serve(self, panel: Panel) -> None:
        """Run the callers' jobs while the line is free, so that allowed commands go out at once."""
        lack = self._lack(panel)
        self._why = lack or self._no_answer()
        while lack is None and panel.online and not self._line.asking:
            job = self._worker.next_job()
            if job is None:
                return
            error = job.refusal() or self._carry_out(panel, job, job.steps)
            job.finish(error)
            if error is None:
                self._carry_out(panel, job, known(panel, job.signals))

    def _carry_out(self, panel: Panel, job: LineJob, steps: Steps) -> DoorError | None:
        """Run the given steps; returns the error that ended them, or None."""
        for step in steps:
            until = time.monotonic() + min(self._answer_seconds, _COMMAND_SECONDS)
            panel.submit(step)
            while panel.outcome is CommandOutcome.PENDING and time.monotonic() < until:
                self._line.wait(_IDLE_SECONDS)
                panel.turn()
            self._hear(panel, job, step)
            untold = step["command"] == Command.Status and step["type"] not in job.reports
            if panel.outcome is CommandOutcome.REFUSED or (
                panel.outcome is CommandOutcome.DONE and untold
            ):
                return _not_obeyed()
            if panel.outcome is not CommandOutcome.DONE:
                panel.abandon()
                return self._no_answer()
        return None

    def _hear(self, panel: Panel, job: LineJob | None = None, step: Step | None = None) -> None:
        """Sort reports: those requested go to the job, all others count as unsolicited."""
        asked = step.get("type") if step is not None else None
        while panel.reports:
            kind, report = panel.reports.pop(0)
            if job is not None and kind == asked:
                job.reports[kind] = report
            else:
                self._pushed.append((kind, report))

    def _lack(self, panel: Panel) -> DoorUnusable | None:
        """An error if the device lacks an output or input that is named in the settings."""
        config = self._config
        outputs = {"output": config.output, "operator_output": config.operator_output}
        inputs = {name: contact.place for name, contact in config.contacts.fitted().items()}
        for capability, what, numbers in (
            (Capability.OutputControl, "outputs", outputs),
            (Capability.ContactStatusMonitoring, "inputs", inputs),
        ):
            count = panel.count(capability)
            for name, number in numbers.items():
                if number is not None and number >= count:
                    return DoorUnusable(
                        f"The OSDP device has {count} {what}, the first is 0; "
                        f"{SECTION}.{name} names number {number}.",
                        f"Correct {SECTION}.{name}.",
                    )
        return None

    def _no_answer(self) -> DoorTimeout:
        return DoorTimeout(
            f"The OSDP device {self._config.address} on {self._config.port} does not answer.",
            f"Check its power, the line, and {SECTION}.port, .baud and .address.",
        )

    def _refusal(self) -> DoorUnusable:
        return DoorUnusable(
            f"The OSDP device {self._config.address} answers, and does not take the key "
            f"of {SECTION}.key_file.",
            Remedy("Put the device's own key there, or make a new one.", NextStep.LEARN_DOOR_KEY),
        )


def _refuse_unfitting(order: ReleaseOrder) -> None:
    if max(order.seconds, order.push_seconds) > LONGEST_SECONDS:
        raise DoorRefused(
            f"A release of {order.seconds:g} s was asked for; "
            f"over OSDP a device times {LONGEST_SECONDS:g} s at most.",
            f"Set door.release_seconds and door.push_seconds to {LONGEST_SECONDS:g} or less.",
        )


def pause_after(refusals: int) -> float:
    """Seconds until the next session, after so many consecutive refusals of the key."""
    doublings = min(refusals, _MOST_DOUBLINGS) - 1
    return _REFUSED_SECONDS * float(2**doublings)


def _key(config: OsdpConfig) -> bytes | None:
    if config.key_file is not None:
        return read_key(config.key_file, f"{SECTION}.key_file")
    if config.allow_insecure:
        return None
    raise SettingsError(
        f"{SECTION}.key_file is not set, so anybody on the line could open the door.",
        Remedy(f"Make a key for the device, and set {SECTION}.key_file.", NextStep.LEARN_DOOR_KEY),
    )


def _not_obeyed() -> DoorUnusable:
    return DoorUnusable(
        "The OSDP device refused a command.",
        f"Compare {SECTION}.output, the inputs and `housing` with what the device can do.",
    )
