"""`kiosk audit`: verify the journal, show and export its entries, look a receipt up in it."""

from __future__ import annotations

from kiosk.cli.audit.commands import app
from kiosk.cli.audit.receipt import receipt
from kiosk.cli.common import guarded

__all__ = ["app"]

app.command()(guarded(receipt))
