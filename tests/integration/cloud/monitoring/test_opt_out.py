"""The doctor asks AWS Organizations whether pictures may be kept there (R61): over the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cloud_client import plain_environment
from scripted_service import ScriptedService, scripted_service

from config.sections.cloud import CloudSettings
from config.settings import Settings
from kiosk.aws.access import AwsAccess
from kiosk.diagnostics.cloud import _opt_out
from kiosk.domain.finding import Finding, Health
from kiosk.wiring.cloud import client

OUT = '{"services": {"default": {"opt_out_policy": "optOut"}}}'
IN = OUT.replace("optOut", "optIn")


@pytest.fixture
def organizations(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ScriptedService]:
    """A server that stands for AWS Organizations; no setting could name it."""
    plain_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "B")
    real = client.access_of
    with scripted_service() as service:

        def access_of(settings: CloudSettings, name: str) -> AwsAccess:
            return replace(real(settings, name), endpoint=service.endpoint)

        monkeypatch.setattr(client, "access_of", access_of)
        yield service


def found(region: str = "us-east-1") -> Finding:
    cloud = CloudSettings.model_validate({"mode": "cloud", "region": region})
    (finding,) = _opt_out(Settings(cloud=cloud))
    return finding


@pytest.mark.parametrize(("policy", "health"), [(OUT, Health.OK), (IN, Health.WARN)])
def test_the_effective_policy_is_asked_for(
    organizations: ScriptedService, policy: str, health: Health
) -> None:
    kind = "AISERVICES_OPT_OUT_POLICY"
    said = {"PolicyContent": policy, "PolicyType": kind, "TargetId": "1" * 12}
    organizations.body = json.dumps({"EffectivePolicy": said}).encode()
    assert found().health is health
    assert organizations.heard == ["AWSOrganizationsV20161128.DescribeEffectivePolicy"]
    assert json.loads(organizations.bodies[-1]) == {"PolicyType": kind}


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (400, {"__type": "EffectivePolicyNotFoundException"}, "AWS may keep what"),
        (400, {"__type": "AccessDeniedException"}, "it is not known"),
        (200, {}, "it is not known"),
        (200, {"EffectivePolicy": None}, "it is not known"),
        (200, {"EffectivePolicy": {"PolicyContent": "no JSON"}}, "it is not known"),
    ],
)
def test_nothing_is_taken_for_an_opt_out_that_is_none(
    organizations: ScriptedService, status: int, body: object, says: str
) -> None:
    organizations.status, organizations.body = status, json.dumps(body).encode()
    finding = found()
    assert finding.health is Health.WARN
    assert finding.text.startswith(says)
    assert "optOut" in str(finding.remedy)


def test_where_organizations_is_not_offered_nobody_is_asked(
    organizations: ScriptedService,
) -> None:
    assert "not known" in found("eu-west-1").text
    assert organizations.heard == []
