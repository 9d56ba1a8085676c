"""The graphical user interface. PyQt6 is imported here and nowhere else."""
