"""Identity documents held to the camera: where the card is, how well it is seen, what it says."""
