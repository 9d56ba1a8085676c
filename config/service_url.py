"""URLs of services, as settings name them."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit


def refuse_bad_url(name: str, url: str | None, *, plain: bool = False) -> None:
    """Check the URL of a service; None is none.

    Args:
        name: of the setting.
        url: what it is set to.
        plain: whether `http` is allowed to any host; else to this machine alone.

    Raises:
        ValueError: it is none, or holds more than scheme, host, port and path.
    """
    if url is None:
        return
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not _is_host(parts.hostname):
        raise ValueError(f"{name} is no URL that begins with https://")
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise ValueError(f"{name} holds more than scheme, host, port and path")
    if parts.scheme == "http" and not plain and not is_loopback(url):
        raise ValueError(f"{name} begins with http://, which only 127.0.0.1 may: use https://")


def is_loopback(url: str | None) -> bool:
    """True if a URL names this machine; False for none."""
    parts = _split(url or "")
    host = (parts.hostname or "") if parts is not None else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any(each.is_loopback or each.is_unspecified for each in (mapped, address) if each)


def _is_host(host: str | None) -> bool:
    """True for a name or an address, written in full: `127.1` is read as one elsewhere."""
    if not host:
        return False
    last = host.rstrip(".").rpartition(".")[2]
    if ":" not in host and not last[:1].isdigit():
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = url.isascii() and url.isprintable() and " " not in url and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def host_and_port(text: str) -> tuple[str, int]:
    """The parts of `HOST:PORT`, which something is to listen on.

    Raises:
        ValueError: it is none, or names no one address: `0.0.0.0` would be all of them.
    """
    parts = _split(f"http://{text}")
    bare = parts is not None and parts.netloc == text and "@" not in text
    if parts is None or not bare or not _is_host(parts.hostname) or parts.port is None:
        raise ValueError("no address of this machine such as 127.0.0.1:9464")
    host = parts.hostname or ""
    if _is_unspecified(host):
        raise ValueError("all addresses of this machine: name one, such as 127.0.0.1:9464")
    return host, parts.port


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_unspecified
    except ValueError:
        return False
