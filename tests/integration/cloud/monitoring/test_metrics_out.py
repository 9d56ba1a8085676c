"""Metrics on their way out: read by Prometheus over HTTP, and sent to CloudWatch over boto3."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from cloud_client import FAR, plain_environment
from moto_peer import KEYS, MotoPeer
from prometheus_client.parser import text_string_to_metric_families
from rekognition_peer import PeerInTest, peer

from config.sections.cloud import CloudSettings
from kiosk.aws.access import AwsAccess
from kiosk.aws.wire import AwsWire
from kiosk.cloud.client.observing import CallGroup, CallReport, Outcome
from kiosk.cloud.monitoring import metrics
from kiosk.cloud.monitoring.cloudwatch import CloudWatchSink
from kiosk.cloud.monitoring.prometheus import MetricsServer
from kiosk.cloud.monitoring.watch import CloudWatchers, Watch
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import JournalUnwritable, SettingsError
from kiosk.journal.events.cloud import CloudCircuitChanged
from kiosk.journal.events.event import JournalEvent
from kiosk.wiring.cloud.shared import shared_faces, shared_watchers

SEARCH = Operation.SEARCH_USERS
ADA = CloudId("a" * 32)


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoPeer]:
    made = MotoPeer()
    yield made
    made.close()


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer() as made:
        made.client().create_collection(CollectionId="c-0")
        yield made


def read(port: int, path: str = "/metrics") -> tuple[int, str]:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10.0)
    try:
        asked.request("GET", path)
        answer = asked.getresponse()
        return answer.status, answer.read().decode()
    finally:
        asked.close()


def sink_of(endpoint: str, seconds: float = 10.0, most_kept: int = 5_000) -> CloudWatchSink:
    access = AwsAccess("eu-west-1", endpoint, keys=KEYS, seconds=(seconds, seconds))
    return CloudWatchSink(AwsWire("cloudwatch", access), most_kept)


def called(seconds: float, outcome: Outcome = Outcome.ANSWERED) -> CallReport:
    return CallReport(SEARCH, seconds, 1, 0, outcome, None)


# -- Prometheus ------------------------------------------------------------------------------------


def test_real_calls_are_read_as_prometheus_reads_them(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain_environment(monkeypatch, tmp_path)
    for name, value in there.environment.items():
        monkeypatch.setenv(name, value)
    settings = CloudSettings.model_validate(there.settings())
    faces, watchers = shared_faces(settings, tmp_path), shared_watchers(settings, tmp_path)
    assert shared_faces(settings, tmp_path) is faces
    picture = there.faces.of("ada")
    made = faces.index_face("c-0", picture, ADA, seconds=FAR)
    assert made is not None
    faces.create_user("c-0", ADA, "t-1", seconds=FAR)
    faces.associate_faces("c-0", ADA, [made[0]], "t-2", seconds=FAR)
    faces.search("c-0", picture, 99.0, seconds=FAR)
    faces.search("c-0", there.faces.nobody(), 99.0, seconds=FAR)
    faces.detect_faces(picture, seconds=FAR)
    faces.compare_faces(picture, there.faces.of("bob"), 99.0, seconds=FAR)
    faces.describe_collection("c-0", seconds=FAR)
    faces.disassociate_faces("c-0", ADA, [made[0]], "t-3", seconds=FAR)
    faces.delete_faces("c-0", [made[0]], seconds=FAR)
    with MetricsServer(watchers.kept, "127.0.0.1", 0, lambda: None) as server:
        status, page = read(server.port)
    assert status == 200
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    name = SEARCH.value
    assert found["lintel_cloud_calls_total", name, "answered"] == 1.0
    assert found["lintel_cloud_calls_total", name, "declined"] == 1.0  # nobody was on it
    assert found["lintel_cloud_call_seconds_count", name] == 2.0
    assert found["lintel_cloud_search_top_total", ">=99.5"] == 1.0
    assert found["lintel_cloud_search_top_total", "nobody"] == 1.0
    assert found["lintel_cloud_compared_total", "different"] == 1.0
    assert found["lintel_cloud_picture_faces_count", "DetectFaces"] == 1.0
    assert found["lintel_cloud_faces_changed_total", "indexed"] == 1.0
    assert found["lintel_cloud_faces_changed_total", "deleted"] == 1.0
    assert found["lintel_cloud_fill_share", "c-0"] == pytest.approx(1 / 20_000_000)
    assert ADA not in page
    assert not [name for name, *_ in found if name.startswith("lintel_cloud_errors")]


def test_a_reader_that_says_nothing_keeps_no_other_from_reading() -> None:
    watchers = CloudWatchers()
    with (
        MetricsServer(watchers.kept, "127.0.0.1", 0, lambda: None) as server,
        socket.create_connection(("127.0.0.1", server.port)),
    ):
        assert read(server.port)[0] == 200


def test_nothing_is_looked_up_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """`HTTPServer` would ask the network's name server for the name of this machine."""

    def refuse(*_: object) -> str:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getfqdn", refuse)
    monkeypatch.setattr(socket, "gethostbyaddr", refuse)
    with MetricsServer(CloudWatchers().kept, "127.0.0.1", 0, lambda: None) as server:
        assert read(server.port)[0] == 200


def test_a_port_that_is_taken_is_named() -> None:
    kept = CloudWatchers().kept
    with (
        MetricsServer(kept, "127.0.0.1", 0, lambda: None) as server,
        pytest.raises(SettingsError, match=rf"cloud.metrics 127.0.0.1:{server.port}"),
    ):
        MetricsServer(kept, "127.0.0.1", server.port, lambda: None)


# -- CloudWatch ------------------------------------------------------------------------------------


def test_values_are_sent_in_batches(moto: MotoPeer) -> None:
    sink = sink_of(moto.endpoint)
    watchers = CloudWatchers(sink)
    for step in range(200):  # more different values than one datum may hold
        watchers.called(called(0.1 + step / 1000))
    watchers.called(called(2.0, Outcome.LATE))
    watchers.circuit(CallGroup.SEARCH, shut=True)
    assert sink.send() == 0
    client = boto3.client(
        "cloudwatch",
        endpoint_url=moto.endpoint,
        region_name="eu-west-1",
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
    )
    there = {each["MetricName"] for each in client.list_metrics(Namespace="Lintel")["Metrics"]}
    assert there == {"CallSeconds", "Errors", "CircuitShut"}
    found = client.get_metric_statistics(
        Namespace="Lintel",
        MetricName="CallSeconds",
        Dimensions=[{"Name": "Operation", "Value": SEARCH.value}],
        StartTime=datetime.now(UTC) - timedelta(minutes=5),
        EndTime=datetime.now(UTC) + timedelta(minutes=5),
        Period=600,
        Statistics=["SampleCount", "Maximum"],
    )["Datapoints"]
    assert sum(each["SampleCount"] for each in found) == 201
    assert max(each["Maximum"] for each in found) == 2.0
    client.close()


def test_what_cloudwatch_does_not_take_is_counted_and_gone() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    sink = sink_of(f"http://127.0.0.1:{port}", 0.2)
    watchers = CloudWatchers(sink)
    for _ in range(3):
        watchers.called(called(0.25))
    assert sink.send() == 3
    assert sink.send() == 0


def test_what_cannot_be_kept_is_counted() -> None:
    sink = sink_of("http://127.0.0.1:9", 0.2, most_kept=2)
    for seconds in (0.1, 0.2, 0.3, 0.1):
        sink.add(metrics.CALL_SECONDS, seconds, operation=SEARCH.value)
    assert sink.send() == 1 + 3


def test_nothing_is_sent_to_cloudwatch_where_a_peer_answers(
    there: PeerInTest, tmp_path: Path
) -> None:
    settings = CloudSettings.model_validate(there.settings(cloudwatch=True))
    assert shared_watchers(settings, tmp_path).away is None
    assert urlsplit(there.endpoint).hostname == "127.0.0.1"


# -- the thread ------------------------------------------------------------------------------------


def test_changes_are_written_by_another_thread_and_the_rest_at_the_end() -> None:
    watchers, noted = CloudWatchers(), list[JournalEvent]()

    def note(event: JournalEvent) -> None:
        noted.append(event)
        if len(noted) == 1:
            raise JournalUnwritable("The disk is full.", "Make room.")

    with Watch(watchers, note):
        watchers.circuit(CallGroup.SEARCH, shut=True)
        watchers.circuit(CallGroup.SEARCH, shut=False)
    assert noted == [
        CloudCircuitChanged("search", shut=True),
        CloudCircuitChanged("search", shut=False),
    ]


def test_what_is_lost_is_counted_for_prometheus() -> None:
    watchers = CloudWatchers(sink_of("http://127.0.0.1:9", 0.2))
    with Watch(watchers, lambda _: None):
        watchers.called(called(0.25))
    assert watchers.kept.registry.get_sample_value("lintel_cloudwatch_lost_total") == 1.0
