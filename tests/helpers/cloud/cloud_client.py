"""The adapter to Rekognition in tests: real boto3, a real connection, and what is told of calls."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rekognition_peer import PeerInTest

from config.sections.cloud import CloudSettings
from kiosk.cloud.client.calling import Caller
from kiosk.cloud.client.observing import CallGroup, CallReport, Outcome
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.wiring.cloud.client import call_parts

SHUT_SECONDS = 0.05
FAR = 60.0
"""A deadline that no test reaches."""


class Heard:
    """A `CallObserver` that keeps what it is told."""

    def __init__(self) -> None:
        self.reports: list[CallReport] = []
        self.circuits: list[tuple[CallGroup, bool]] = []

    def called(self, report: CallReport) -> None:
        self.reports.append(report)

    def circuit(self, group: CallGroup, *, shut: bool) -> None:
        self.circuits.append((group, shut))

    @property
    def last(self) -> CallReport:
        return self.reports[-1]

    @property
    def outcome(self) -> Outcome:
        return self.last.outcome


@dataclass(frozen=True)
class CloudClient:
    """The adapter, and what it told."""

    faces: RekognitionFaces
    heard: Heard


def plain_environment(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No settings of this machine's for AWS, and a home without any."""
    for name in list(os.environ):
        if name.upper().startswith("AWS_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "BOTO_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))


def client_of(
    there: PeerInTest,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
    failures: int = 1000,
    shut_seconds: float = SHUT_SECONDS,
    **settings: object,
) -> CloudClient:
    """The adapter for a peer, with its credentials in an environment that holds nothing else.

    Args:
        there: the peer.
        monkeypatch: of the test.
        home: the kiosk's.
        failures: until its circuit shuts.
        shut_seconds: until it is tried again.
        settings: of `CloudSettings`.
    """
    plain_environment(monkeypatch, home)
    for name, value in there.environment.items():
        monkeypatch.setenv(name, value)
    return client_with(there.settings(**settings), home, failures, shut_seconds)


def client_with(
    settings: dict[str, object],
    home: Path,
    failures: int = 1000,
    shut_seconds: float = SHUT_SECONDS,
) -> CloudClient:
    """The adapter for settings, in the environment as it is."""
    heard = Heard()
    chosen = CloudSettings.model_validate(settings)
    parts = call_parts(chosen, home, heard)
    parts = replace(parts, failures=failures, shut_seconds=shut_seconds)
    return CloudClient(RekognitionFaces(Caller(parts), chosen.search), heard)
