"""The manifest of model packs. Each file is pinned by size and SHA-256; unknown keys are refused.

The data is in `manifest.toml`; `models.packs.parsing` reads it, and the values here refuse anything
invalid. No weight file is accessed: see `models.packs.installed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from kiosk.domain.access.policy import Calibration, Form, OperatingPoint
from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SpaceId
from models.packs.origins import Source
from models.packs.provenance import Provenance
from models.packs.refusal import PLAIN_NAME, require

Colour = Literal["RGB", "BGR"]
Layout = Literal["HWC", "NHWC", "NCHW"]
Crop = Literal["frame", "arcface-112", "box"]
Engine = Literal["reference", "litert"]
"""How the networks are run: as published, or rewritten for LiteRT where there is such a file."""

Rewrite = Literal["onnx-to-tflite", "fuse-prelu"]
"""The rewrites of `models.rewriting.rewrites`."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


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
            Unique in a pack; a rewritten file has that of its original.
        name: the file's name.
        bytes: its exact size.
        sha256: its pin, 64 lower-case hexadecimal digits.
        licence: its own licence.
        sources: where it is available, in the order in which they are tried; of a rewritten file,
            none.
        runtime: the runtime that executes it; empty for a file that is not executed.
        input: input preparation; None for a file that is not executed.
        space: of an embedding: network, version and preprocessing.
        dimensions: of an embedding.
        points: of an embedding: measured false match rates and their scores, of single pictures.
        provenance: of an embedding: where the points come from; None where there are none.
        floor: of an embedding: no decision threshold is lower.
        classes: of an attack detector: outputs of its softmax.
        bona_fide_class: of an attack detector: index of the bona fide class.
        made_from: of a rewritten file: the name of its original, in the same pack.
        rewrite: of a rewritten file: the rewrite that makes it.
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
    provenance: Provenance | None = None
    floor: float = 0.0
    classes: int = 0
    bona_fide_class: int = 0
    made_from: str = ""
    rewrite: Rewrite | None = None

    def __post_init__(self) -> None:
        require(bool(PLAIN_NAME.fullmatch(self.name)), f"{self.name!r} is no plain file name")
        require(bool(_SHA256.fullmatch(self.sha256)), f"{self.name} has no SHA-256")
        require(self.bytes > 0, f"{self.name} has no size")
        require(
            bool(self.points) == (self.provenance is not None),
            f"{self.name}: a calibration has a provenance, and a provenance a calibration",
        )
        embeds = self.role == "embedding"
        require(
            embeds == (self.space is not None) == (self.dimensions > 0),
            f"{self.name}: space and dimensions belong to an embedding, and to nothing else",
        )
        known = self.rewrite is None or self.rewrite in get_args(Rewrite)
        require(known, f"{self.name}: the rewrite {self.rewrite!r} is unknown")
        rewritten = self.rewrite is not None
        require(
            rewritten == bool(self.made_from) and not (rewritten and self.sources),
            f"{self.name}: a rewritten file has an original and no sources",
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
        files: one for each role, including those taken from the base, and after it the rewritten
            file of that role, if there is one.
        accept_first: True if its licence must be accepted before installation.
        extra: the optional dependency that its adapters need; empty for none.
        engine: the engine whose files these are; see `for_engine`.
    """

    name: str
    title: str
    licence: str
    commercial_use: bool
    notice: str
    files: tuple[PackFile, ...]
    accept_first: bool = False
    extra: str = ""
    engine: Engine = "reference"

    def __post_init__(self) -> None:
        require(bool(PLAIN_NAME.fullmatch(self.name)), f"{self.name!r} is no plain pack name")
        roles = [(file.role, file.rewrite is None) for file in self.files]
        require(len(roles) == len(set(roles)), f"{self.name} has two files of one role")
        names = [(file.pack, file.name) for file in self.files]
        require(len(names) == len(set(names)), f"{self.name} has two files of one name")
        require(
            self.commercial_use or self.accept_first,
            f"{self.name} is not for commercial use and does not ask",
        )

    def for_engine(self, engine: Engine) -> Pack:
        """The pack with only the files that this engine runs, one for each role."""
        rewritten = {file.role for file in self.files if file.rewrite is not None}
        wanted = rewritten if engine == "litert" else set()
        kept = (f for f in self.files if (f.role in wanted) == (f.rewrite is not None))
        return replace(self, files=tuple(kept), engine=engine)

    def file(self, role: str, engine: Engine | None = None) -> PackFile:
        """The file of a role.

        Args:
            role: as in the manifest.
            engine: the engine that runs it; None for the one of `for_engine`, or else the original.

        Raises:
            ModelError: the pack has none.
        """
        files = self.files if engine is None else self.for_engine(engine).files
        for file in files:
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
        return self.calibration(Form.SINGLE).space

    def calibration(self, form: Form) -> Calibration:
        """Measured points of its embedding space; without any, the policy refuses to decide.

        Args:
            form: what is compared with what.

        Raises:
            ModelError: the pack has no embedding network.
        """
        file = self.file("embedding")
        if file.space is None:  # ruled out by `PackFile`; for the type checker
            raise ModelError(f"The embedding of {self.name} names no space.")
        shift = file.provenance.mean_shift if file.provenance and form is Form.MEAN else 0.0
        points = tuple(OperatingPoint(point.fmr, point.score + shift) for point in file.points)
        return Calibration(file.space, points, file.floor)


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
        packs = self.packs.values()
        return [p.name for p in packs if any(file.space == space for file in p.files)]
