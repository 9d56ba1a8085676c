"""What goes wrong on the wire ends in time, with an error that says so, and recovers by itself."""

from __future__ import annotations

import logging
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from cloud_client import FAR, CloudClient, client_of, client_with, plain_environment
from rekognition_peer import PeerInTest, peer

from kiosk.cloud.client.observing import CallGroup, Outcome
from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.cloud.peer.signature import PeerKey, new_key
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import CloudRefused, CloudUnavailable, LintelError

SECONDS = 0.7
ADA = CloudId("a" * 32)
FAST = {each.value: 1000.0 for each in Operation}


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer() as made:
        yield made


@pytest.fixture
def client(there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CloudClient:
    made = client_of(there, monkeypatch, tmp_path, tps=FAST)
    made.faces.create_collection("c", seconds=FAR)
    return made


def searched(client: CloudClient, there: PeerInTest, seconds: float = SECONDS) -> object:
    return client.faces.search("c", there.faces.of("ada"), 99.0, seconds=seconds)


# -- what may pass -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        (FaultRule(PeerFault.BLACK_HOLE), Outcome.LATE),
        (FaultRule(PeerFault.LOST), Outcome.LATE),
        (FaultRule(PeerFault.REFUSED, name="InternalServerError"), Outcome.FAILED),
        (FaultRule(PeerFault.FAILED, name="InternalServerError"), Outcome.FAILED),
        (FaultRule(PeerFault.REFUSED, name="ThrottlingException"), Outcome.THROTTLED),
        (
            FaultRule(PeerFault.REFUSED, name="ProvisionedThroughputExceededException"),
            Outcome.THROTTLED,
        ),
        (FaultRule(PeerFault.CLOSED), Outcome.UNREACHABLE),
        (FaultRule(PeerFault.SHORT), Outcome.UNREACHABLE),
        (FaultRule(PeerFault.NO_JSON), Outcome.FAILED),
    ],
    ids=lambda value: f"{value.fault.value} {value.name}" if isinstance(value, FaultRule) else "",
)
def test_a_fault_ends_in_time_and_the_next_call_works(
    client: CloudClient, there: PeerInTest, rule: FaultRule, outcome: Outcome
) -> None:
    there.server.faults.add(rule)
    with pytest.raises(CloudUnavailable, match="Rekognition gives no answer now"):
        searched(client, there)
    assert client.heard.outcome in {outcome, Outcome.LATE}
    there.server.faults.lift()
    searched(client, there, FAR)
    assert client.heard.outcome is Outcome.ANSWERED


@pytest.mark.parametrize("fault", [PeerFault.CLOSED, PeerFault.SHORT, PeerFault.NO_JSON])
def test_an_answer_that_is_cut_off_is_asked_for_again(
    client: CloudClient, there: PeerInTest, fault: PeerFault
) -> None:
    there.server.faults.add(FaultRule(fault, times=2))
    searched(client, there, FAR)
    assert client.heard.last.attempts == 3


def test_a_service_that_is_slower_by_400_ms_is_waited_for(
    client: CloudClient, there: PeerInTest
) -> None:
    there.server.faults.slow(0.4)
    searched(client, there, FAR)
    assert client.heard.last.attempts == 1
    assert client.heard.last.seconds >= 0.4


def test_after_a_throttled_attempt_calls_are_fewer(client: CloudClient, there: PeerInTest) -> None:
    name = "ProvisionedThroughputExceededException"
    there.server.faults.add(FaultRule(PeerFault.REFUSED, times=1, name=name))
    searched(client, there, FAR)
    assert (client.heard.last.attempts, client.heard.last.throttled) == (2, 1)


class Trickling(Thread):
    """A server that sends one byte at a time, and never ends: no read ever times out."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.over = False

    def run(self) -> None:
        connection, _ = self.socket.accept()
        connection.recv(1 << 20)
        with connection:
            while not self.over:
                try:
                    connection.sendall(b"H" if self.over else b" ")
                except OSError:
                    return
                time.sleep(0.02)


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = Trickling()
    server.start()
    plain_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "B")
    endpoint = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    client = client_with({"endpoint": endpoint, "region": "eu-west-1"}, tmp_path)
    with pytest.raises(CloudUnavailable, match="no answer in time"):
        searched(client, there)
    server.over = True
    server.join()
    server.socket.close()


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("https://rekognition.nowhere.invalid", "does not resolve|no answer in time"),
        ("http://127.0.0.1:1", "no connection|no answer in time"),
    ],
)
def test_without_name_or_server_nothing_is_waited_for(
    there: PeerInTest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    endpoint: str,
    why: str,
) -> None:
    client = client_of(there, monkeypatch, tmp_path)
    client = client_with({"endpoint": endpoint, "region": "eu-west-1"}, tmp_path)
    with pytest.raises(CloudUnavailable, match=why) as caught:
        searched(client, there)
    assert "cloud.region" in caught.value.remedy


# -- what does not -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "why", "remedy"),
    [
        ("AccessDeniedException", "may not call SearchUsersByImage in the collection c", "policy"),
        ("ExpiredTokenException", "have expired", "Renew"),
        ("UnrecognizedClientException", "does not accept the credentials", "access key"),
        ("ResourceNotFoundException", "no collection c", "cloud.collection"),
        ("InvalidParameterException", "does not accept a value", "threshold"),
        ("ImageTooLargeException", "too large", "5 MB"),
        ("InvalidImageFormatException", "none that SearchUsersByImage reads", "JPEG"),
        ("SomethingNewException", "SomethingNewException", "cloud.region"),
    ],
)
def test_a_refusal_names_the_thing_and_is_not_repeated(
    client: CloudClient, there: PeerInTest, name: str, why: str, remedy: str
) -> None:
    there.server.faults.add(FaultRule(PeerFault.REFUSED, name=name))
    with pytest.raises(CloudRefused, match=why) as caught:
        searched(client, there, FAR)
    assert remedy in caught.value.remedy
    assert client.heard.last.attempts == 1
    declined = name == "InvalidParameterException"  # a picture without a face is answered so too
    assert client.heard.outcome is (Outcome.DECLINED if declined else Outcome.REFUSED)
    there.server.faults.lift()
    searched(client, there, FAR)


def test_a_quota_of_the_account_may_pass_and_is_not_repeated(
    client: CloudClient, there: PeerInTest
) -> None:
    there.server.faults.add(FaultRule(PeerFault.REFUSED, name="ServiceQuotaExceededException"))
    with pytest.raises(CloudUnavailable, match="quota of the account") as caught:
        client.faces.index_face("c", there.faces.of("ada"), ADA, seconds=FAR)
    assert "Ask AWS" in caught.value.remedy
    assert client.heard.last.attempts == 1


@pytest.mark.parametrize(("hours", "side"), [(1, "behind"), (-1, "ahead of")])
def test_a_clock_that_is_wrong_is_named(
    client: CloudClient, there: PeerInTest, hours: int, side: str
) -> None:
    there.clock.ahead = hours * 3600.0
    with pytest.raises(CloudRefused, match=rf"clock is 3[56]\d\d seconds {side} AWS's") as caught:
        searched(client, there, FAR)
    assert "Set the clock" in caught.value.remedy
    there.clock.ahead = 0.0
    assert client.faces.collections(seconds=FAR) == [("c", "7.0")]


def test_credentials_that_are_renewed_are_used(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file of credentials, as IAM Roles Anywhere keeps one, that expires and is written anew."""
    plain_environment(monkeypatch, tmp_path)
    kept = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(kept))
    client = client_with(there.settings(tps=FAST), tmp_path)
    with pytest.raises(CloudRefused, match="no credentials"):
        client.faces.collections(seconds=FAR)
    for key in (there.server.key, there.server.add_key(new_key())):
        kept.write_text(
            f"[default]\naws_access_key_id = {key.access_key}\n"
            f"aws_secret_access_key = {key.secret}\n"
        )
        assert client.faces.collections(seconds=FAR) == []
        there.server.remove_key(key)
        with pytest.raises(CloudRefused, match="does not accept the credentials"):
            client.faces.collections(seconds=FAR)


# -- answers that lie ----------------------------------------------------------------------------

USES: dict[str, tuple[Callable[[CloudClient, PeerInTest], object], str]] = {
    "search": (searched, "UserMatches"),
    "search of no model": (searched, "FaceModelVersion"),
    "detect": (
        lambda client, there: client.faces.detect_faces(there.faces.of("ada"), seconds=FAR),
        "FaceDetails",
    ),
    "compare": (
        lambda client, there: client.faces.compare_faces(
            there.faces.of("ada"), there.faces.of("ada"), 90.0, seconds=FAR
        ),
        "FaceMatches",
    ),
    "index": (
        lambda client, there: client.faces.index_face("c", there.faces.of("ada"), ADA, seconds=FAR),
        "FaceRecords",
    ),
    "describe": (
        lambda client, _: client.faces.describe_collection("c", seconds=FAR),
        "FaceCount",
    ),
    "collections": (lambda client, _: client.faces.collections(seconds=FAR), "FaceModelVersions"),
    "faces": (lambda client, _: list(client.faces.faces("c", seconds=FAR)), "Faces"),
    "users": (lambda client, _: list(client.faces.users("c", seconds=FAR)), "Users"),
    "text": (
        lambda client, there: client.faces.detect_text(there.faces.of("ada"), seconds=FAR),
        "TextDetections",
    ),
}


@pytest.mark.parametrize("use", USES)
def test_an_answer_without_a_field_is_refused(
    client: CloudClient, there: PeerInTest, use: str
) -> None:
    ask, member = USES[use]
    there.server.faults.add(FaultRule(PeerFault.WITHOUT, name=member))
    with pytest.raises(CloudRefused, match="makes no sense"):
        ask(client, there)
    assert client.heard.outcome is Outcome.SENSELESS
    there.server.faults.lift()
    ask(client, there)


def test_an_answer_of_another_face_model_is_refused(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = client_of(there, monkeypatch, tmp_path, tps=FAST)
    client.faces.create_collection("c", seconds=FAR)
    searched(client, there, FAR)
    there.server.account.collections["c"].model = "6.0"
    with pytest.raises(CloudRefused, match=r"c is of face model 7\.0, not 6\.0"):
        searched(client, there, FAR)


# -- the circuit ---------------------------------------------------------------------------------


def test_after_failures_nothing_is_sent_until_a_trial_succeeds(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = client_of(there, monkeypatch, tmp_path, failures=3, shut_seconds=1.5, tps=FAST)
    client.faces.create_collection("c", seconds=FAR)
    there.server.faults.add(FaultRule(PeerFault.REFUSED, name="InternalServerError"))
    with pytest.raises(CloudUnavailable, match="InternalServerError"):
        searched(client, there, FAR)
    assert client.heard.last.attempts == 3
    assert client.heard.circuits == [(CallGroup.SEARCH, True)]
    with pytest.raises(CloudUnavailable, match="500 InternalServerError"):
        searched(client, there, FAR)  # not sent, and it is still said why
    there.server.faults.lift()
    client.faces.describe_collection("c", seconds=FAR)  # another group is asked all the time
    recovered = False
    while not recovered:
        try:
            searched(client, there, FAR)
        except CloudUnavailable:
            assert client.heard.outcome is Outcome.SHUT
            assert client.heard.last.attempts == 0
            time.sleep(0.05)
        else:
            recovered = True
    assert client.heard.circuits == [(CallGroup.SEARCH, True), (CallGroup.SEARCH, False)]


def test_refusals_and_throttling_shut_nothing(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = client_of(there, monkeypatch, tmp_path, failures=1, tps=FAST)
    client.faces.create_collection("c", seconds=FAR)
    there.server.faults.add(FaultRule(PeerFault.REFUSED, name="ThrottlingException", times=3))
    searched(client, there, FAR)
    assert client.heard.last.throttled == 3
    there.server.faults.add(FaultRule(PeerFault.REFUSED, name="AccessDeniedException"))
    with pytest.raises(CloudRefused):
        searched(client, there, FAR)
    assert client.heard.circuits == []


# -- what is said --------------------------------------------------------------------------------


def test_nothing_of_a_picture_a_key_or_an_answer_is_said(
    there: PeerInTest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    client = client_of(there, monkeypatch, tmp_path, tps=FAST)
    picture = there.faces.of("ada")
    key: PeerKey = there.server.key
    secrets = [b64encode(picture).decode()[:40], key.secret, key.access_key, "AWS4-HMAC", "said so"]
    for name in ("InternalServerError", "AccessDeniedException", "InvalidParameterException"):
        there.server.faults.add(FaultRule(PeerFault.REFUSED, name=name))
        with pytest.raises(LintelError) as caught:
            client.faces.search("c", picture, 99.0, seconds=SECONDS)
        there.server.faults.lift()
        error: BaseException | None = caught.value
        assert error is not None
        assert error.__context__ is None
        assert error.__cause__ is None
        for secret in secrets:
            assert secret not in repr(error)
    assert not [each for each in caplog.records if each.name.startswith(("boto", "urllib3"))]
    for secret in secrets:
        assert secret not in caplog.text
