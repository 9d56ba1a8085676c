"""Face detection with LiteRT alone: the three networks of `face_landmarker.task`, run directly.

The same networks as MediaPipe's FaceLandmarker, the reference (`models.landmarks`), without its
graph: an engine for machines that MediaPipe has no wheel for, and a faster one elsewhere.
"""
