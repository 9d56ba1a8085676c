"""Parsing of the manifest's TOML tables into the values of `models.packs.manifest`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kiosk.domain.access.policy import OperatingPoint
from models.packs.manifest import Denoising, Manifest, ModelInput, Pack, PackFile
from models.packs.origins import HttpsSource, NpmSource, PypiSource, Source
from models.packs.provenance import Provenance
from models.packs.refusal import broken, require

SCHEMA = 1


def parse(tables: Mapping[str, Any]) -> Manifest:
    """Parse the manifest's TOML tables.

    Raises:
        ModelError: a key is missing or unknown, or a value is invalid.
    """
    try:
        require(tables["schema"] == SCHEMA, f"schema {tables['schema']} is not {SCHEMA}")
        own = {name: _pack(name, table) for name, table in tables["packs"].items()}
        bases = {name: table.get("base", "") for name, table in tables["packs"].items()}
        packs = {name: _based(pack, own, bases[name]) for name, pack in own.items()}
        return Manifest(packs, dict(tables.get("replaced", {})))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise broken(f"it is not understood ({error})") from error


def _pack(name: str, table: Mapping[str, Any]) -> Pack:
    values = {key: value for key, value in table.items() if key not in ("base", "files")}
    files = tuple(each for file in table["files"] for each in _files(name, file))
    return Pack(name=name, files=files, **values)


def _based(pack: Pack, packs: Mapping[str, Pack], base: str) -> Pack:
    """The pack with the files of its base for the roles that it lacks."""
    if not base:
        return pack
    own = {file.role for file in pack.files}
    return replace(
        pack, files=pack.files + tuple(f for f in packs[base].files if f.role not in own)
    )


def _files(pack: str, table: Mapping[str, Any]) -> tuple[PackFile, ...]:
    """A file, and the rewritten one, if there is one."""
    values = dict(table)
    rewritten = values.pop("rewritten", None)
    original = _file(pack, values)
    return (original,) if rewritten is None else (original, _rewritten(original, rewritten))


def _rewritten(original: PackFile, table: Mapping[str, Any]) -> PackFile:
    """The rewritten file: what its table says, and for the rest what its original says."""
    known = {"name", "rewrite", "bytes", "sha256", "runtime", "layout"}
    require(table.keys() == known, f"the table rewritten of {original.name} has other keys")
    if original.input is None:
        raise broken(f"{original.name} is rewritten, and does not say how it is fed")
    values = {key: value for key, value in table.items() if key != "layout"}
    return replace(
        original,
        made_from=original.name,
        sources=(),
        input=replace(original.input, layout=table["layout"]),
        **values,
    )


def _file(pack: str, table: Mapping[str, Any]) -> PackFile:
    values = dict(table)
    sources = tuple(_source(source) for source in values.pop("sources"))
    points = tuple(OperatingPoint(**point) for point in values.pop("calibration", ()))
    given, origin = values.pop("input", None), values.pop("provenance", None)
    return PackFile(
        pack=pack,
        sources=sources,
        points=points,
        provenance=Provenance(**origin) if origin else None,
        input=_input(given) if given else None,
        **values,
    )


def _input(table: Mapping[str, Any]) -> ModelInput:
    values = dict(table)
    denoise = values.pop("denoise", None)
    return ModelInput(denoise=Denoising(**denoise) if denoise else None, **values)


def _source(table: Mapping[str, Any]) -> Source:
    kinds: Mapping[str, type[Source]] = {
        "https": HttpsSource,
        "pypi": PypiSource,
        "npm": NpmSource,
    }
    values = dict(table)
    return kinds[values.pop("kind")](**values)
