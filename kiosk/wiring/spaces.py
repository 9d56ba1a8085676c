"""References of another embedding space than the chosen models make: who keeps them usable."""

from __future__ import annotations

from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SpaceId
from kiosk.store.people.references import References
from models.packs.installed import load_manifest
from models.packs.manifest import Pack


def refuse_other_space(references: References | None, pack: Pack) -> None:
    """Check that a pack can be used with the people who are enrolled.

    Args:
        references: theirs; None if there are none yet.
        pack: the chosen pack.

    Raises:
        SpaceMismatch: they were enrolled with other models; says with which.
    """
    subjects, space = references.of_other_space(pack.space) if references else (0, pack.space)
    if subjects:
        raise SpaceMismatch(
            f"{subjects} of the people enrolled have references of the space {space}; the model "
            f"pack {pack.name} compares only those of {pack.space}. Nothing is lost.",
            _remedy(space),
        )


def _remedy(space: SpaceId) -> str:
    """Keep the pack that made the references, or make them anew."""
    anew = "enrol everybody anew, in a new home or after erasing them here"
    for name in load_manifest().packs_of(space):
        return Remedy(
            f'Either go on with the pack that made them: set models.pack = "{name}", and install '
            f"it. Or {anew}.",
            NextStep.INSTALL_MODELS,
            pack=name,
        )
    return f"No pack of this version makes that space: go back to the version that did, or {anew}."
