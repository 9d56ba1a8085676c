"""Addresses of network cameras. A password in one is never shown, however it was written.

The displayed form is built from the parts that contain no secret, not by removing secrets from the
whole: a password with a slash in it could be mistaken for a path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from hardware.secret_file import read_secret
from kiosk.domain.errors import SettingsError, SourceError

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
SCHEMES = tuple(PORTS)
ENCRYPTED = frozenset({"rtsps", "https"})
CREDENTIALS = "camera.credentials_file"
HIDDEN = "***"
HINT = (
    "In a user's name or password write %2F for /, %23 for #, %3F for ?, %40 for @ and %3A for a "
    f"colon; or put both into a file and name it in {CREDENTIALS}."
)
_VALUE = re.compile(r"=[^&;/]*")
_HOST = re.compile(r"([A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]*\])(:[0-9]{1,5})?")
_BARE = {
    True: re.compile(r"[A-Za-z0-9._-]*").fullmatch,
    False: re.compile(r"[0-9]{0,3}").fullmatch,
}
"""Patterns for text that may be shown after a colon without slashes: after one of `SCHEMES`, and
after any other word, which may be a user name."""


@dataclass(frozen=True, slots=True)
class Login:
    """A camera's user and password; never shown.

    Attributes:
        name: of the user.
        password: may be empty.
    """

    name: str
    password: str = field(repr=False)

    def __repr__(self) -> str:
        return f"Login({HIDDEN})"


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a network camera.

    Attributes:
        scheme: one of `SCHEMES`.
        host: a name, or an IP address without brackets.
        port: TCP.
        target: path and query, as they are sent.
        login: None if none is known.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    login: Login | None = None

    @property
    def encrypted(self) -> bool:
        """True if TLS protects it."""
        return self.scheme in ENCRYPTED

    @property
    def plain(self) -> str:
        """The whole address without the login. Its query may contain secrets: never shown."""
        return f"{self.scheme}://{self._place}{self.target}"

    @property
    def _place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def on_this_machine(self, port: int) -> str:
        """The address of the same stream through a local relay. Contains the login: never shown."""
        login = ""
        if self.login is not None:
            name, password = quote(self.login.name, ""), quote(self.login.password, "")
            login = f"{name}:{password}@"
        return f"rtsp://{login}127.0.0.1:{port}{self.target}"

    def __str__(self) -> str:
        path = _VALUE.sub(f"={HIDDEN}", self.target.partition("?")[0])
        return f"{self.scheme}://{self._place}{path}"


def understand(spec: str) -> Address:
    """Parse a network camera's address.

    Raises:
        SourceError: shows only the parts of the address that contain no secret, and the correct
            form.
    """
    if not spec.isascii() or not spec.isprintable() or " " in spec:
        raise _wrong(
            spec, "has blanks or letters beyond ASCII", "Write them as %20, %C3%A9 and so on."
        )
    try:
        parts = urlsplit(spec)
        port = parts.port
    except ValueError:
        parts, port = None, None
    if parts is None or "#" in spec or _astray(parts):
        raise _wrong(spec, "cannot be taken apart", HINT)
    if not parts.hostname or port == 0:
        raise _wrong(spec, "names no host", "Write rtsp://host/path.")
    scheme = parts.scheme.lower()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(scheme, parts.hostname, port or PORTS[scheme], target, _login(parts))


def with_credentials(address: Address, path: Path | None) -> Address:
    """The address with the login from a file: one line, user and password separated by a colon.

    Args:
        address: of the camera.
        path: the file; None if there is none.

    Raises:
        SettingsError: the file cannot be read, other users can read it, it has another form, or the
            address contains a login too.
    """
    if path is None:
        return address
    if address.login is not None:
        raise SettingsError(
            f"The camera's address holds a login, and {CREDENTIALS} another.",
            "Take the user and the password out of the address.",
        )
    try:
        name, colon, password = read_secret(path, CREDENTIALS).decode().partition(":")
    except UnicodeDecodeError:
        name, colon, password = "", "", ""
    if not name or not colon or not (name + password).isprintable():
        raise SettingsError(
            f"The file of {CREDENTIALS} holds no login.",
            "Write one line of UTF-8 text into it: the user, a colon, the password.",
        )
    return Address(
        address.scheme, address.host, address.port, address.target, Login(name, password)
    )


def shown(spec: str) -> str:
    """A source that could not be parsed, in quotes, without parts that may be secret."""
    scheme, colon, rest = spec.strip().partition(":")
    kind = scheme.lower() if colon else ""
    if rest.startswith("//"):
        return f"'{_name(scheme)}//{_behind(rest[2:])}'"
    bare = "@" not in spec and (not colon or kind == "device" or _BARE[kind in SCHEMES](rest))
    if bare or kind in {"file", "images"}:
        return f"'{spec}'"
    return f"'{_name(scheme) if colon else ''}{HIDDEN}'"


def _name(scheme: str) -> str:
    return f"{scheme}:" if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,11}", scheme) else f"{HIDDEN}:"


def _behind(rest: str) -> str:
    """Host and path after the slashes; without login, query, fragment and values."""
    before, at, behind = rest.rpartition("@")
    host, slash, path = re.split(r"[?#]", behind, maxsplit=1)[0].partition("/")
    if "?" in before or "#" in before or not _HOST.fullmatch(host):
        return HIDDEN
    return f"{HIDDEN + at if at else ''}{host}{slash}{_VALUE.sub(f'={HIDDEN}', path)}"


def _astray(parts: SplitResult) -> bool:
    """True if an @ stands where a password that was not encoded would leave it."""
    user = parts.netloc.rpartition("@")[0]
    return "@" in parts.path + parts.query or "@" in user or user.count(":") > 1


def _login(parts: SplitResult) -> Login | None:
    if parts.username is None:
        return None
    return Login(unquote(parts.username), unquote(parts.password or ""))


def _wrong(spec: str, what: str, remedy: str) -> SourceError:
    return SourceError(f"The camera source {shown(spec)} {what}.", remedy)
