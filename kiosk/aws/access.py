"""Clients of AWS's services. The only module that knows boto3.

No byte goes to an address that the settings do not name: whatever botocore would take from its
configuration file or the environment is set here, but for the chain in which it finds credentials.
That chain asks no metadata service unless it is told to.
"""

from __future__ import annotations

import functools
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES as VARIABLES
from botocore.loaders import Loader
from botocore.regions import EndpointResolver
from botocore.utils import get_environ_proxies

from kiosk.domain.errors import SettingsError

METADATA_SOURCES: Final = ("iam-role", "container-role")
"""Sources of credentials that ask a service of the machine or its container."""
METADATA_HOST: Final = "http://169.254.169.254"
_OF_THE_CHAIN: Final = {"profile", "config_file", "credentials_file"}
"""Variables of botocore's that say where credentials are found."""
_NAMED_SOURCES: Final = {
    "Ec2InstanceMetadata": METADATA_SOURCES[0],
    "EcsContainer": METADATA_SOURCES[1],
}
"""Sources as a profile names them."""
_USER_AGENT: Final = "lintel"
"""What a request says of its sender, instead of the machine's system and versions."""
_NAMED_IN_REGIONS: Final = {"cloudwatch": "monitoring"}
"""Services that botocore's table of regions has under another name than its clients."""
_FIPS = "use_fips_endpoint"
_WORDY: Final = ("boto3", "botocore", "urllib3")


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """How a service of AWS is reached.

    Attributes:
        region: that requests are signed for.
        endpoint: the server's URL; None is AWS's own in the region.
        proxy: URL of the proxy; None for none.
        ca_file: PEM of the authorities that are trusted; None for the usual ones.
        fips: whether the endpoints validated for FIPS 140 are used.
        seconds: how long a connection may take, and each part of an answer.
        attempts: of each request.
        connections: that are kept open.
        keys: access key and secret key; None leaves them to botocore's own chain.
        left_out: sources of credentials in that chain that are not asked.
        from_environment: botocore's names of what its configuration and the environment may set.
        more: further values of botocore's `Config`.
    """

    region: str
    endpoint: str | None = None
    proxy: str | None = None
    ca_file: Path | None = None
    fips: bool = False
    seconds: tuple[float, float] = (1.0, 2.0)
    attempts: int = 1
    connections: int = 10
    keys: tuple[str, str] | None = field(default=None, repr=False)
    left_out: tuple[str, ...] = METADATA_SOURCES
    from_environment: frozenset[str] = frozenset()
    more: Mapping[str, Any] = field(default_factory=dict)


def client(service: str, access: AwsAccess) -> BaseClient:
    """A client of boto3 for a service; raises what botocore raises.

    Credentials are looked for now; nothing is sent to the service.

    Raises:
        SettingsError: this machine's TLS or its profiles of AWS are not used.
    """
    _be_silent()
    _refuse_old_tls()
    session = _session(access)
    _refuse_hidden_sources(session, access)
    access_key, secret_key = access.keys or (None, None)
    return boto3.session.Session(botocore_session=session).client(
        service,
        endpoint_url=access.endpoint,
        region_name=access.region,
        verify=None if "ca_bundle" in access.from_environment else _trusted(access),
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=_config(access).merge(Config(**access.more)),
    )


def environment_region() -> str | None:
    """The region that botocore's configuration or the environment names."""
    region: str | None = botocore.session.get_session().get_config_variable("region")
    return region


def offered(service: str, region: str, *, fips: bool) -> bool:
    """True if a service is offered in a region, as far as this version of botocore knows.

    One that has a single region for all, such as AWS Organizations, is offered in that one.
    """
    named = _NAMED_IN_REGIONS.get(service, service)
    resolver = EndpointResolver(_loader().load_data("endpoints"))
    tags = ["fips"] if fips else None
    if any(
        region in resolver.get_available_endpoints(named, each, endpoint_variant_tags=tags)
        for each in resolver.get_available_partitions()
    ):
        return True
    found = resolver.construct_endpoint(named, region, use_fips_endpoint=fips) or {}
    return bool(found.get("credentialScope", {}).get("region") == region)


def _session(access: AwsAccess) -> botocore.session.Session:
    session = botocore.session.Session()
    session.register_component("data_loader", _loader())
    variables = session.get_component("config_store")
    own = {"region": access.region, "ca_bundle": _trusted(access)}
    for name, (_, _, default, _) in VARIABLES.items():
        if name not in _OF_THE_CHAIN | access.from_environment:
            variables.set_config_variable(name, own.get(name, default))
    # Clients that the chain makes for itself, such as of STS, are reached in the same way.
    session.set_default_client_config(_config(access))
    chain = session.get_component("credential_provider")
    for name in access.left_out:
        chain.remove(name)
    return session


@functools.cache
def _loader() -> Loader:
    """The description of the API, which takes longest to read, once for all clients.

    It is botocore's own: another one, of the environment, could name other servers.
    """
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def _config(access: AwsAccess) -> Config:
    """Settings of botocore that the environment cannot override."""
    connect_seconds, read_seconds = access.seconds
    proxy = {"http": access.proxy, "https": access.proxy} if access.proxy else {}
    return Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": access.attempts},
        max_pool_connections=access.connections,
        proxies=proxy,
        use_fips_endpoint=None if _FIPS in access.from_environment else access.fips,
        use_dualstack_endpoint=False,
        defaults_mode="legacy",  # another one may ask the metadata service for a region
        ignore_configured_endpoint_urls=True,
        request_checksum_calculation="when_required",  # readers verify; few servers know them
        response_checksum_validation="when_required",
        account_id_endpoint_mode="disabled",
        user_agent=_USER_AGENT,
    )


def _trusted(access: AwsAccess) -> str | bool:
    return True if access.ca_file is None else str(access.ca_file)


def _be_silent() -> None:
    """Keep requests with their pictures and signatures out of every log."""
    for name in _WORDY:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _refuse_old_tls() -> None:
    if ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).minimum_version < ssl.TLSVersion.TLSv1_2:
        raise SettingsError(
            "This machine's Python makes connections with TLS older than 1.2.",
            "Use a Python whose OpenSSL begins with TLS 1.2.",
        )


def _refuse_hidden_sources(session: botocore.session.Session, access: AwsAccess) -> None:
    """Refuse the metadata services where a profile asks them, or a proxy would hear their answer.

    Raises:
        SettingsError: one or the other.
    """
    if METADATA_SOURCES[0] not in access.left_out and get_environ_proxies(METADATA_HOST):
        raise SettingsError(
            "A proxy of the environment would be sent this machine's credentials.",
            "Unset HTTP_PROXY, or name 169.254.169.254 in NO_PROXY.",
        )
    profiles = session.full_config.get("profiles", {})
    name, seen = session.get_config_variable("profile") or "default", set[str]()
    while name in profiles and name not in seen:
        seen.add(name)
        source = profiles[name].get("credential_source", "")
        if _NAMED_SOURCES.get(source) in access.left_out:
            raise SettingsError(
                f"The profile {name} of the AWS tools takes credentials from {source}.",
                "Allow the machine's metadata service in the settings, or use another profile.",
            )
        name = profiles[name].get("source_profile", "")
