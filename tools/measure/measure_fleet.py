"""Measure a fleet of the benchmark over a folder and over a real S3 server on the loopback.

`tools/measure fleet [OPTION ...]` starts SeaweedFS, runs `kiosk bench --part fleet` with these
options over each, and prints the figures of both as one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from typing import Any

from moto_peer import BUCKET
from seaweedfs_server import ADMIN, SeaweedServer


def measure(store: str | None, options: list[str]) -> dict[str, Any]:
    """The figures of one kind of store; None is a folder."""
    command = [sys.executable, "-P", "-m", "kiosk", "bench", "--part", "fleet", "--json"]
    command += options if store is None else [*options, "--store", store]
    keys = {"AWS_ACCESS_KEY_ID": ADMIN[0], "AWS_SECRET_ACCESS_KEY": ADMIN[1]}
    environment = {**os.environ, **keys, "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Measure both, and print the figures."""
    options = sys.argv[1:]
    found = {"folder": measure(None, options)}
    with closing(SeaweedServer()) as server:
        found["s3"] = measure(f"s3://{BUCKET}/bench?endpoint={server.endpoint}", options)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
