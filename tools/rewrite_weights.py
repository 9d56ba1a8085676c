"""Rewrite weights as the installation does, and print sizes and hashes for the manifest.

`.venv/bin/python tools/rewrite_weights.py DIR` takes the originals from DIR, or DIR/PACK. `--into`
leaves the rewritten files in a folder. The exit code is 1 if one is not as pinned.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from kiosk.domain.errors import ModelError
from models.packs.installed import load_manifest
from models.packs.manifest import PackFile
from models.rewriting.rewrites import rewritten


def main(arguments: list[str] | None = None) -> int:
    """Print one line for each rewritten file of the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the originals are")
    parser.add_argument("--into", type=Path, help="leave the rewritten files here")
    given = parser.parse_args(arguments)
    return max([_show(file, given.folder, given.into) for file in _files()], default=0)


def _files() -> Iterator[PackFile]:
    """Every rewritten file once, also where several packs have it."""
    packs = load_manifest().packs.values()
    yield from dict.fromkeys(f for p in packs for f in p.files if f.rewrite and f.pack == p.name)


def _show(file: PackFile, folder: Path, into: Path | None) -> int:
    try:
        data = _made(file, folder)
    except (ModelError, OSError) as error:
        print(f"{file.pack}/{file.name}: {error}", file=sys.stderr)
        return 1
    digest = hashlib.sha256(data).hexdigest()
    pinned = (len(data), digest) == (file.bytes, file.sha256)
    print(f"{file.pack}/{file.name}, {'as' if pinned else 'NOT as'} pinned")
    print(f'bytes = {len(data)}\nsha256 = "{digest}"')
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        (into / file.name).write_bytes(data)
    return 0 if pinned else 1


def _made(file: PackFile, folder: Path) -> bytes:
    place = folder / file.pack / file.made_from
    original = place if place.is_file() else folder / file.made_from
    return rewritten(str(file.rewrite), original.read_bytes(), file.made_from)


if __name__ == "__main__":
    sys.exit(main())
