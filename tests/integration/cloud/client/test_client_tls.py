"""Certificates are checked and old TLS is refused, whatever the settings say."""

from __future__ import annotations

import json
import ssl
import warnings
from pathlib import Path

import certificates
import pytest
from cloud_client import FAR, client_with, plain_environment
from scripted_service import scripted_service

from kiosk.aws import access
from kiosk.domain.errors import CloudRefused, LintelError, SettingsError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "B")


def asked(folder: Path, tls: ssl.SSLContext, ca_file: Path | None) -> list[str]:
    """What a server with this TLS heard."""
    with scripted_service(tls) as service:
        service.body = json.dumps({"CollectionIds": [], "FaceModelVersions": []}).encode()
        settings = {"endpoint": service.endpoint, "region": "eu-west-1", "ca_file": ca_file}
        try:
            client_with(settings, folder).faces.collections(seconds=FAR)
        finally:
            heard = service.heard
        return heard


def test_a_certificate_of_the_settings_authority_is_trusted(tmp_path: Path) -> None:
    shown = certificates.good(tmp_path / "tls")
    assert len(asked(tmp_path, shown.context(), shown.ca_file)) == 1


@pytest.mark.parametrize("kind", [*certificates.BAD, "self-signed"])
def test_another_certificate_is_not(tmp_path: Path, kind: str) -> None:
    if kind == "self-signed":
        shown, ca_file = certificates.good(tmp_path / "tls"), None
    else:
        shown = certificates.bad(tmp_path / "tls", kind)
        ca_file = shown.ca_file
    with pytest.raises(CloudRefused, match="certificate is not trusted"):
        asked(tmp_path, shown.context(), ca_file)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_tls_below_1_2_is_refused(tmp_path: Path, version: ssl.TLSVersion) -> None:
    shown = certificates.good(tmp_path / "tls")
    tls = shown.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version = tls.maximum_version = version
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(LintelError):
        asked(tmp_path, tls, shown.ca_file)


def test_a_python_with_older_tls_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        minimum_version = ssl.TLSVersion.TLSv1

    monkeypatch.setattr(access.ssl, "SSLContext", lambda _: Old())
    with pytest.raises(SettingsError, match=r"older than 1\.2"):
        access.client("rekognition", access.AwsAccess("eu-west-1"))
