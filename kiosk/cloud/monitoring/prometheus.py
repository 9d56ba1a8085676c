"""The metrics as Prometheus reads them, over HTTP on an address of the settings."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import Any, Final, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import make_wsgi_app

from kiosk.cloud.monitoring.metrics import METRICS, Metric, MetricKind
from kiosk.domain.errors import SettingsError

PATIENCE_SECONDS: Final = 5.0
"""How long a reader may take for its request, and for each part of the answer."""


class PrometheusSink:
    """Keeps the values of all metrics; a `MetricSink`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._made: dict[str, Any] = {each.name: self._make(each) for each in METRICS}

    def add(self, metric: Metric, value: float = 1.0, **labels: str) -> None:
        """Count a counter up, or observe a value of a histogram."""
        kept = self._kept(metric, labels)
        if metric.kind is MetricKind.HISTOGRAM:
            kept.observe(value)
        else:
            kept.inc(value)

    def level(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._kept(metric, labels).set(value)

    def text(self) -> str:
        """All values, in Prometheus's text format."""
        return generate_latest(self.registry).decode()

    def _kept(self, metric: Metric, labels: dict[str, str]) -> Any:  # noqa: ANN401 - one of three classes that share no base
        made = self._made[metric.name]
        return made.labels(**labels) if metric.labels else made

    def _make(self, metric: Metric) -> Any:  # noqa: ANN401 - same
        name, says, labels = metric.name, metric.says, metric.labels
        if metric.kind is MetricKind.HISTOGRAM:
            return Histogram(name, says, labels, registry=self.registry, buckets=metric.buckets)
        kind = Counter if metric.kind is MetricKind.COUNTER else Gauge
        return kind(name, says, labels, registry=self.registry)


class MetricsServer:
    """Answers those who read the metrics; a context manager.

    Args:
        sink: what is read.
        host: the address to listen on, or a name of this machine.
        port: 0 for any.
        before: called before each reading; what it takes is the reader's time.

    Raises:
        SettingsError: it cannot listen there.
    """

    def __init__(
        self, sink: PrometheusSink, host: str, port: int, before: Callable[[], None]
    ) -> None:
        read = make_wsgi_app(sink.registry)

        def app(environ: Any, start: Any) -> Any:  # noqa: ANN401 - WSGI's own
            before()
            return read(environ, start)

        self._server = _listening(host, port)
        self._server.set_app(app)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with ExitStack() as stack:
            stack.callback(self._server.server_close)
            self._server.shutdown()
            self._thread.join(PATIENCE_SECONDS)


def try_to_listen(host: str, port: int) -> None:
    """Listen where the metrics are to be read, for a moment. Raises as `MetricsServer`."""
    _listening(host, port).server_close()


def listens(host: str, port: int) -> bool:
    """True if somebody listens there."""
    try:
        socket.create_connection((host, port), PATIENCE_SECONDS).close()
    except OSError:
        return False
    return True


def _listening(host: str, port: int) -> _Server:
    try:
        return _server_class(host, port)((host, port), _Reader)
    except OSError as error:
        raise SettingsError(
            f"Nothing can listen on cloud.metrics {host}:{port}: {error.strerror}.",
            "Choose another port there, and an address of this machine.",
        ) from None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 8

    def server_bind(self) -> None:
        """Bind, without asking anybody for this machine's name as `HTTPServer` does."""
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), int(port)
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own
        """Say nothing of a reader that went away."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _server_class(host: str, port: int) -> type[_Server]:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return _Server6 if family == socket.AF_INET6 else _Server


class _Reader(WSGIRequestHandler):
    timeout = PATIENCE_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own
        """Log nothing: each reading would be a line."""
