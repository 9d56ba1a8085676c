"""A TPM2 in software (swtpm) on loopback, and credentials that systemd-creds seals to it.

What a service is handed is what `systemd-creds decrypt` writes: systemd itself does the same into
the folder that it names in CREDENTIALS_DIRECTORY.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

PATIENCE_SECONDS = 30.0


class SoftwareTpm:
    """A TPM with a state of its own; another folder is another machine. A context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        self._port = _free_port()
        control = self._port + 1
        at = f"type=tcp,bindaddr=127.0.0.1,port={self._port}"
        self._process = subprocess.Popen(
            [
                shutil.which("swtpm") or "swtpm",
                *("socket", "--tpm2", "--tpmstate", f"dir={self._folder}"),
                *("--server", at, "--ctrl", f"type=tcp,bindaddr=127.0.0.1,port={control}"),
                *("--flags", "not-need-init,startup-clear"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_for(control)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def seal(self, secret: Path, credential: Path, name: str) -> None:
        """Seal a secret to this TPM, as an admin does."""
        self._creds("encrypt", "--with-key=tpm2", f"--name={name}", str(secret), str(credential))

    def hand_over(self, credential: Path, folder: Path, name: str) -> bool:
        """Decrypt a credential into a service's folder, as systemd does; False if it cannot."""
        folder.mkdir(mode=0o500, exist_ok=True)
        folder.chmod(0o700)
        try:
            self._creds("decrypt", f"--name={name}", str(credential), str(folder / name))
        except subprocess.CalledProcessError:
            return False
        (folder / name).chmod(0o400)
        return True

    def _creds(self, verb: str, *arguments: str) -> None:
        device = f"--tpm2-device=swtpm:host=127.0.0.1,port={self._port}"
        command = [shutil.which("systemd-creds") or "systemd-creds", verb, device, *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_SECONDS)


def missing() -> str | None:
    """The program that is not installed here; None where all are."""
    return next((each for each in ("swtpm", "systemd-creds") if shutil.which(each) is None), None)


def _free_port() -> int:
    """A port with a free one after it: that is where a client looks for the TPM's control."""
    while True:
        with contextlib.ExitStack() as sockets, contextlib.suppress(OSError):
            first, second = (sockets.enter_context(socket.socket()) for _ in range(2))
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            second.bind(("127.0.0.1", port + 1))
            return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError("swtpm does not answer")
