"""The quality measures of a face in a frame: sharpness, noise, occlusion."""
