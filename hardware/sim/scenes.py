"""The scenes of the demonstration and the benchmark."""

from __future__ import annotations

from hardware.sim.scene import Figure, Portrait, Ramp, Scene, Sheet, still

FAR = 0.14
NEAR = 0.42


def approach(name: str, portrait: Portrait) -> Scene:
    """A person walks up and stands in front of the camera."""
    walker = Figure(portrait=portrait, size=Ramp(FAR, NEAR), x=Ramp(0.42, 0.5))
    return Scene(name=name, figures=(walker,))


def too_far(portrait: Portrait) -> Scene:
    """A person waits at a distance."""
    waiting = Figure(portrait=portrait, size=Ramp(0.12, 0.175), x=Ramp(0.4, 0.5))
    return Scene(name="too far", figures=(waiting,))


def too_dark(portrait: Portrait) -> Scene:
    """A person walks up with the light off."""
    dark = Figure(portrait=portrait, size=Ramp(FAR, NEAR))
    return Scene(name="too dark", figures=(dark,), light=still(0.15), noise=3.0)


def turned_away(portrait: Portrait) -> Scene:
    """A person stands in front of the camera and looks aside.

    The face finder measures 46 degrees on the astronaut's portrait; on Grace Hopper's, with glasses
    and cap, it no longer finds a face.
    """
    aside = Figure(portrait=portrait, size=Ramp(FAR, NEAR), turn_degrees=-45.0)
    return Scene(name="turned away", figures=(aside,))


def two_at_once(left: Portrait, right: Portrait) -> Scene:
    """Two people walk up side by side."""
    pair = (
        Figure(portrait=left, size=Ramp(FAR, 0.28), x=Ramp(0.42, 0.35), reach=0.65),
        Figure(portrait=right, size=Ramp(FAR, 0.28), x=Ramp(0.58, 0.65), reach=0.65),
    )
    return Scene(name="two at once", figures=pair)


def covered(portrait: Portrait) -> Scene:
    """The lens is taped over."""
    unseen = Figure(portrait=portrait, size=still(NEAR))
    return Scene(name="camera covered", figures=(unseen,), light=still(0.0), flicker=0.0, noise=0.0)


def flat_print(portrait: Portrait) -> Scene:
    """A person holds up a print of the portrait."""
    sheet = Figure(portrait=portrait, size=Ramp(0.2, 0.32), sheet=Sheet())
    return Scene(name="flat print", figures=(sheet,), noise=3.0)
