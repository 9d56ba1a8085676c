"""Loading the models starts no other program, says nothing of its own, and leaves a core free."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from installed_engines import BOTH_ENGINES

from models.packs.installed import State, inspect, load_manifest, weights_directory

LOAD = """
import sys
from pathlib import Path
started = []
sys.addaudithook(
    lambda event, _: started.append(event)
    if event in ("subprocess.Popen", "os.posix_spawn", "os.system", "os.exec", "socket.connect")
    else None
)
from models.landmarks import FrameKind
from models.loading import attack_detector, extractor, face_finder
from models.packs.installed import load_manifest, verified, weights_directory
pack = load_manifest().pack("standard").for_engine(sys.argv[1])
files = verified(pack, weights_directory(None, Path("nowhere"), pack))
finder = face_finder(pack, files, FrameKind.STILLS)
attack_detector(pack, files)
extractor(pack, files)
finder.close()
import cv2
print(started, cv2.getNumThreads())
"""


@pytest.mark.weights
@pytest.mark.parametrize("engine", BOTH_ENGINES)
def test_loading_the_models_starts_no_program_and_takes_one_core(engine: str) -> None:
    pack = load_manifest().pack("standard")
    states = inspect(pack, weights_directory(None, Path("nowhere"), pack))
    if any(state.state is not State.OK for state in states):
        pytest.skip("the standard pack is not installed; run `make setup`")
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", LOAD, engine],
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.strip() == "[] 1"
    assert loaded.stderr == ""
