"""The metrics that the alarms need, sent to CloudWatch by whoever has time for it.

Values are kept up to a bound and sent in batches. What CloudWatch does not take is gone: it is
counted, and holds up nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, Protocol

from kiosk.aws.faults import AwsFault
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.monitoring.metrics import NAMESPACE, Metric, MetricKind

MOST_VALUES: Final = 150
"""Different values of one datum, as CloudWatch takes them."""
MOST_DATA: Final = 100
"""In one request: far below CloudWatch's 1,000 and its megabyte."""
MOST_KEPT: Final = 5_000
"""Different values that are kept between two batches; more are lost."""
READ_SECONDS: Final = 5.0

_Key = tuple[Metric, tuple[tuple[str, str], ...]]


class Sender(Protocol):
    """Sends one request to CloudWatch; see `kiosk.aws.wire.AwsWire`."""

    def ask(
        self, operation: str, request: Mapping[str, object], read_seconds: float
    ) -> AwsAnswer | AwsFault:
        """The answer, or what went wrong."""
        ...


class CloudWatchSink:
    """Keeps values until they are sent; a `MetricSink`.

    Args:
        wire: sends them.
        most_kept: different values that are kept.
    """

    def __init__(self, wire: Sender, most_kept: int = MOST_KEPT) -> None:
        self._wire, self._most_kept = wire, most_kept
        self._lock = threading.Lock()
        self._values: dict[_Key, Counter[float]] = {}
        self._levels: dict[_Key, float] = {}
        self._kept = self._lost = 0

    def add(self, metric: Metric, value: float = 1.0, **labels: str) -> None:
        """Count a counter up, or observe a value of a histogram."""
        if metric.sent_as is None:
            return
        shown = float(f"{value:.3g}")  # three digits: few different values, and alarms need no more
        with self._lock:
            values = self._values.setdefault(_key(metric, labels), Counter())
            if shown not in values and self._kept >= self._most_kept:
                self._lost += 1
                return
            self._kept += shown not in values
            values[shown] += 1

    def level(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        if metric.sent_as is not None:
            with self._lock:
                self._levels[_key(metric, labels)] = value

    def send(self) -> int:
        """Send what is kept, in the caller's thread; raises nothing.

        Returns:
            How many values were lost since the last time.
        """
        with self._lock:
            values, self._values, self._kept = self._values, {}, 0
            levels = dict(self._levels)
            lost, self._lost = self._lost, 0
        data = [*_of_values(values), *(_datum(key, {"Value": v}) for key, v in levels.items())]
        remaining = iter(data)
        while batch := list(islice(remaining, MOST_DATA)):
            request = {"Namespace": NAMESPACE, "MetricData": batch}
            if isinstance(self._wire.ask("PutMetricData", request, READ_SECONDS), AwsFault):
                lost += sum(int(sum(each.get("Counts", (1,)))) for each in batch)
        return lost


def _key(metric: Metric, labels: Mapping[str, str]) -> _Key:
    return metric, tuple(sorted(labels.items()))


def _of_values(values: Mapping[_Key, Counter[float]]) -> Iterator[dict[str, Any]]:
    for key, counted in values.items():
        if key[0].kind is MetricKind.COUNTER:
            total = sum(value * times for value, times in counted.items())
            yield _datum(key, {"Value": total})
            continue
        remaining = iter(counted.items())
        while part := list(islice(remaining, MOST_VALUES)):
            shown, times = zip(*part, strict=True)
            yield _datum(key, {"Values": list(shown), "Counts": [float(each) for each in times]})


def _datum(key: _Key, said: Mapping[str, Any]) -> dict[str, Any]:
    metric, labels = key
    dimensions = [{"Name": name.capitalize(), "Value": value} for name, value in labels]
    return {
        "MetricName": metric.sent_as,
        "Dimensions": dimensions,
        "Unit": metric.unit,
        **said,
    }
