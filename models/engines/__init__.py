"""The two engines that run the networks, and the proof that they are equal (ADR 0029).

The engine `reference` is MediaPipe with the networks as published. The engine `litert` runs the
same face networks directly, and the rewritten files of a pack.
"""
