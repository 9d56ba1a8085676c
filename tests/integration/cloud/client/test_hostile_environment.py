"""No byte goes where the environment or a file of the AWS tools says; only where settings say."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import botocore
import pytest
from cloud_client import FAR, client_with, plain_environment
from scripted_service import ScriptedService, scripted_service

from config.sections.cloud import CloudSettings
from kiosk.aws.access import AwsAccess, client, offered
from kiosk.domain.errors import CloudRefused, CloudUnavailable, SettingsError
from kiosk.wiring.cloud.client import access_of, cloud_faces

DESCRIBED = json.dumps({"FaceModelVersion": "7.0", "FaceCount": 0, "UserCount": 0}).encode()


class Hostile:
    """Whoever connects, or sends a datagram, is heard; nobody should."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        port = self.listening.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", port))
        self.heard: list[str] = []
        self.url, self.port = f"http://127.0.0.1:{port}", port
        for listen in (self._connections, self._datagrams):
            threading.Thread(target=listen, daemon=True).start()

    def close(self) -> None:
        for each in (self.listening, self.datagrams):
            each.shutdown(socket.SHUT_RDWR) if each is self.listening else None
            each.close()

    def _connections(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                self.heard.append(repr(connection.recv(200)))

    def _datagrams(self) -> None:
        while True:
            try:
                self.heard.append(repr(self.datagrams.recv(200)))
            except OSError:
                return


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    made = Hostile()
    yield made
    made.close()


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with scripted_service() as made:
        made.body = DESCRIBED
        yield made


def set_all(monkeypatch: pytest.MonkeyPatch, home: Path, hostile: Hostile) -> None:
    """Name another server in every way that botocore knows of."""
    plain_environment(monkeypatch, home)
    url = hostile.url
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, url)
        monkeypatch.setenv(name.lower(), url)
    for name in ("", "_REKOGNITION", "_STS", "_SSO", "_SIGNIN"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL{name}", url)
    wrong_ca = home / "wrong.pem"
    wrong_ca.write_text("")
    more = {
        "AWS_CA_BUNDLE": str(wrong_ca),
        "REQUESTS_CA_BUNDLE": str(wrong_ca),
        "CURL_CA_BUNDLE": str(wrong_ca),
        "AWS_REGION": "cn-north-1",
        "AWS_DEFAULT_REGION": "cn-north-1",
        "AWS_RETRY_MODE": "adaptive",
        "AWS_MAX_ATTEMPTS": "50",
        "AWS_DEFAULTS_MODE": "auto",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/credentials",
        "AWS_CSM_ENABLED": "true",
        "AWS_CSM_HOST": "127.0.0.1",
        "AWS_CSM_PORT": str(hostile.port),
        "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
        "AWS_AUTH_SCHEME_PREFERENCE": "noAuth",
        "AWS_SDK_UA_APP_ID": "alice",
        "AWS_DATA_PATH": str(models_of(home / "models", hostile)),
    }
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    folder = home / ".aws"
    folder.mkdir()
    models_of(folder / "models", hostile)
    (folder / "config").write_text(
        f"""[default]
region = cn-north-1
endpoint_url = {url}
services = other
ca_bundle = {wrong_ca}
retry_mode = adaptive
max_attempts = 50
defaults_mode = auto
use_fips_endpoint = true
use_dualstack_endpoint = true
ec2_metadata_service_endpoint = {url}
csm_enabled = true
csm_host = 127.0.0.1
csm_port = {hostile.port}
[services other]
rekognition =
  endpoint_url = {url}
sts =
  endpoint_url = {url}
"""
    )


def models_of(folder: Path, hostile: Hostile) -> Path:
    """A description of Rekognition whose endpoint is another one."""
    theirs = Path(botocore.__file__).parent / "data" / "rekognition" / "2016-06-27"
    made = folder / "rekognition" / "2016-06-27"
    made.mkdir(parents=True)
    for file in theirs.iterdir():
        (made / file.name).write_bytes(file.read_bytes())
    for file in made.glob("endpoint-rule-set-1.json*"):
        file.unlink()
    rule = {"conditions": [], "endpoint": {"url": hostile.url}, "type": "endpoint"}
    rules = {"version": "1.0", "parameters": {}, "rules": [rule]}
    (made / "endpoint-rule-set-1.json").write_text(json.dumps(rules))
    return folder


def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "B")


def test_only_the_endpoint_of_the_settings_is_asked(
    service: ScriptedService, hostile: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_all(monkeypatch, tmp_path, hostile)
    keys(monkeypatch)
    made = client_with({"endpoint": service.endpoint, "region": "eu-west-1"}, tmp_path)
    assert made.faces.describe_collection("c", seconds=FAR) is not None
    assert service.heard == ["RekognitionService.DescribeCollection"]
    service.status = 500
    with pytest.raises(CloudUnavailable):
        made.faces.describe_collection("c", seconds=0.5)
    assert hostile.heard == []


def test_aws_itself_is_asked_through_the_proxy_of_the_settings(
    service: ScriptedService, hostile: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_all(monkeypatch, tmp_path, hostile)
    keys(monkeypatch)
    for number, (settings, host) in enumerate(
        (
            ({}, "rekognition.eu-west-1.amazonaws.com:443"),
            ({"fips": True, "region": "us-east-1"}, "rekognition-fips.us-east-1.amazonaws.com:443"),
            ({"endpoint": "https://vpce.example"}, "vpce.example:443"),
        )
    ):
        chosen = {"region": "eu-west-1", "proxy": service.endpoint, **settings}
        with pytest.raises((CloudUnavailable, CloudRefused)):
            client_with(chosen, tmp_path).faces.collections(seconds=0.7)
        assert set(service.heard) == {host}, number
        service.heard.clear()
    assert hostile.heard == []


def test_a_token_for_credentials_goes_where_the_settings_say_too(
    service: ScriptedService, hostile: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_all(monkeypatch, tmp_path, hostile)
    (tmp_path / "token").write_text("a-token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/door")
    made = client_with({"region": "eu-west-1", "proxy": service.endpoint}, tmp_path)
    with pytest.raises((CloudUnavailable, CloudRefused)):
        made.faces.collections(seconds=0.7)
    assert set(service.heard) == {"sts.eu-west-1.amazonaws.com:443"}
    assert hostile.heard == []


def test_without_credentials_the_metadata_service_is_not_asked(
    service: ScriptedService, hostile: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_all(monkeypatch, tmp_path, hostile)
    settings = {"endpoint": service.endpoint, "region": "eu-west-1"}
    with pytest.raises(CloudRefused, match="no credentials") as caught:
        client_with(settings, tmp_path).faces.collections(seconds=FAR)
    assert "cloud.instance_metadata" in caught.value.remedy
    assert hostile.heard == service.heard == []


@pytest.mark.parametrize("source", ["Ec2InstanceMetadata", "EcsContainer"])
def test_a_profile_may_not_ask_it_either(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str
) -> None:
    set_all(monkeypatch, tmp_path, hostile)
    page = "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = other\n"
    page += "[profile other]\nrole_arn = arn:aws:iam::123456789012:role/b\n"
    page += f"credential_source = {source}\n"
    (tmp_path / ".aws" / "config").write_text(page)
    with pytest.raises(SettingsError, match=f"profile other .* from {source}"):
        client("rekognition", AwsAccess("eu-west-1"))
    made = client_with({"region": "eu-west-1", "endpoint": "http://127.0.0.1:1"}, tmp_path)
    with pytest.raises(CloudRefused, match="configuration of AWS"):
        made.faces.collections(seconds=FAR)
    assert hostile.heard == []


def test_a_proxy_of_the_environment_never_sees_the_machines_credentials(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_all(monkeypatch, tmp_path, hostile)
    with pytest.raises(SettingsError, match="proxy of the environment"):
        client("rekognition", AwsAccess("eu-west-1", left_out=()))
    assert hostile.heard == []


def test_a_process_gives_credentials(
    service: ScriptedService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """IAM Roles Anywhere's helper is such a process."""
    plain_environment(monkeypatch, tmp_path)
    given = {"Version": 1, "AccessKeyId": "FROMPROCESS", "SecretAccessKey": "B"}
    (tmp_path / "given.json").write_text(json.dumps(given))
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        f"[default]\ncredential_process = cat {tmp_path / 'given.json'}\n"
    )
    made = client_with({"endpoint": service.endpoint, "region": "eu-west-1"}, tmp_path)
    assert made.faces.describe_collection("c", seconds=FAR) is not None


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "cloud.region is not set"),
        ({"region": "eu-nowhere-9"}, "not offered in cloud.region eu-nowhere-9"),
        ({"region": "eu-west-1", "fips": True}, "not offered with FIPS endpoints"),
    ],
)
def test_where_it_is_not_offered_nothing_starts(
    tmp_path: Path, settings: dict[str, object], why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        cloud_faces(CloudSettings.model_validate(settings), tmp_path)


def test_what_is_offered() -> None:
    assert offered("rekognition", "eu-west-1", fips=False)
    assert offered("rekognition", "us-east-1", fips=True)
    assert offered("dynamodb", "eu-north-1", fips=False)
    assert not offered("rekognition", "eu-nowhere-9", fips=False)


def test_an_access_shows_no_key() -> None:
    access = AwsAccess("eu-west-1", keys=("AKEY", "a-secret"))
    assert "a-secret" not in repr(access)
    settings = CloudSettings.model_validate(
        {"region": "eu-west-1", "endpoint": "https://e.example"}
    )
    assert access_of(settings, "dynamodb").endpoint is None
