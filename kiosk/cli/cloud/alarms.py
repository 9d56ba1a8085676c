"""`kiosk cloud alarms`: the alarms over the metrics in CloudWatch, as CloudFormation reads them."""

from __future__ import annotations

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, known_home


def alarms(home: HomeOption = None, config: ConfigOption = None) -> int:
    """Print the alarms' template of CloudFormation as JSON, for the settings. AWS is not asked."""
    from config.settings import load
    from kiosk.cloud.monitoring.alarms import template

    settings = load(known_home(home), config).cloud
    print_json(template(settings.search, settings.dead_letters))
    return 0
