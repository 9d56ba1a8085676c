"""`kiosk cloud policy`: what the credentials of each role may do, as IAM reads it."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, known_home
from kiosk.cloud.policies import CloudRole, cloud_policy


def policy(
    role: Annotated[CloudRole, typer.Argument(help="Who has the credentials.")],
    account: Annotated[str, typer.Option(help="The account of AWS: twelve digits.")],
    home: HomeOption = None,
    config: ConfigOption = None,
) -> int:
    """Print a policy of IAM as JSON, for the collections of the settings. AWS is not asked."""
    from config.settings import load
    from kiosk.wiring.cloud.policies import policy_scope

    settings = load(known_home(home), config).cloud
    print_json(cloud_policy(role, policy_scope(settings, account)))
    return 0
