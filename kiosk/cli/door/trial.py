"""`kiosk door test`: secure the door, release it, and watch the release end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.app.console import print_json, with_command
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.door.common import SecondsOption, opened_door
from kiosk.domain.errors import DoorError
from kiosk.domain.finding import Health, worst

if TYPE_CHECKING:
    from kiosk.domain.finding import Finding


def trial(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    seconds: SecondsOption = 3.0,
    json: JsonOption = False,
) -> int:
    """Secure, release and watch the release end; reports what is seen at each step."""
    from kiosk.cli.doctor import report
    from kiosk.diagnostics.door_test import try_out

    findings = []
    with opened_door(home, config, seconds) as door:
        door.hear()
        for finding in try_out(door, seconds):
            findings.append(finding)
            if not json:
                _show(finding)
    if json:
        print_json(report(findings))
    return DoorError.exit_code if worst(findings) is Health.BAD else 0


def _show(finding: Finding) -> None:
    print(f"  {finding.health.value}: {finding.name}: {finding.text}", flush=True)
    if finding.remedy:
        print(f"      {with_command(finding.remedy)}")
