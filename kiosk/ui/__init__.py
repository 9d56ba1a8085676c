"""The screen. PyQt6 is imported here and nowhere else."""
