"""The adapter to Amazon Rekognition: its limits, its faults, and checks of what it answers."""
