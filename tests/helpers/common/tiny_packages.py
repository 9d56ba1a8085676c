"""Tiny real packages: wheels for pip, tarballs and a loopback registry for npm."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    members: Mapping[str, bytes],
    needs: Sequence[str] = (),
) -> Path:
    """A wheel that any Python on any machine can use."""
    info = f"{name}-{version}.dist-info"
    about = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: more\n"]
    about += [f"Requires-Dist: {need}\n" for need in needs]
    meta = {
        f"{info}/METADATA": "".join(about),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "".join(f"{member},,\n" for member in members),
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for member, data in members.items():
            wheel.writestr(member, data)
        for member, text in meta.items():
            wheel.writestr(member, text)
    return path


def tarball(members: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """A gzipped tarball of regular files and symbolic links."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for member, target in (links or {}).items():
            entry = tarfile.TarInfo(member)
            entry.type = tarfile.SYMTYPE
            entry.linkname = target
            archive.addfile(entry)
        for member, data in members.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def npm_tarball(name: str, version: str, members: Mapping[str, bytes]) -> bytes:
    """What the npm registry would hold of a package."""
    package = json.dumps({"name": name, "version": version}).encode()
    return tarball({"package/package.json": package, **members})


class NpmRegistry(ThreadingHTTPServer):
    """The few routes of an npm registry that `npm pack` asks for.

    With `hold`, a tarball is begun and never ended; `held` is set then, and `gone` once the client
    has hung up.
    """

    def __init__(self) -> None:
        self.tarballs: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        self.hold = False
        self.held = threading.Event()
        self.gone = threading.Event()
        super().__init__(("127.0.0.1", 0), _Route)

    def add(self, name: str, version: str, members: Mapping[str, bytes]) -> None:
        """Publish a package."""
        self.tarballs[name] = (version, npm_tarball(name, version, members))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def packument(self, name: str) -> bytes:
        version, data = self.tarballs[name]
        digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
        dist = {"tarball": f"{self.url}{name}/-/{version}.tgz", "integrity": f"sha512-{digest}"}
        entry = {"name": name, "version": version, "dist": dist}
        tags = {"latest": version}
        return json.dumps({"name": name, "dist-tags": tags, "versions": {version: entry}}).encode()


class _Route(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        registry = cast("NpmRegistry", self.server)
        registry.asked.append(self.path)
        name, _, rest = self.path.strip("/").partition("/")
        if name not in registry.tarballs:
            self._answer(404, b"{}")
        elif not rest:
            self._answer(200, registry.packument(name))
        elif registry.hold:
            self._hold(registry)
        else:
            self._answer(200, registry.tarballs[name][1])

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hold(self, registry: NpmRegistry) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"begun")
        self.wfile.flush()
        registry.held.set()
        self.connection.settimeout(60)
        with contextlib.suppress(TimeoutError):
            with contextlib.suppress(ConnectionError):
                self.connection.recv(1)
            registry.gone.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def npm_registry() -> Iterator[NpmRegistry]:
    """A running registry."""
    registry = NpmRegistry()
    thread = threading.Thread(target=lambda: registry.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield registry
    finally:
        registry.shutdown()
        thread.join()
        registry.server_close()
