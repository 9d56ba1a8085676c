"""`python -m kiosk` and the `kiosk` command."""

from __future__ import annotations

import os

# Before anything can import onnxruntime: it would write a device id and connect out.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from kiosk.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
