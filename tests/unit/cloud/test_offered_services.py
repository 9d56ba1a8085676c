"""Where AWS offers the services that a kiosk asks, by botocore's own table."""

from __future__ import annotations

import pytest
from botocore.session import Session

from kiosk.aws import access
from kiosk.aws.access import offered

ASKED = ("cloudwatch", "dynamodb", "organizations", "rekognition", "sqs", "textract")


@pytest.mark.parametrize("service", ASKED)
def test_each_service_that_is_asked_is_offered_somewhere_and_not_just_anywhere(
    service: str,
) -> None:
    for fips in (False, True):
        assert offered(service, "us-east-1", fips=fips)
        assert not offered(service, "eu-west-9", fips=fips)
    assert offered(service, "eu-west-1", fips=False) is (service != "organizations")


@pytest.mark.parametrize("service", ASKED)
def test_each_is_looked_up_by_its_name_in_the_table(service: str) -> None:
    prefix = Session().get_service_model(service).endpoint_prefix
    assert access._NAMED_IN_REGIONS.get(service, service) == prefix
