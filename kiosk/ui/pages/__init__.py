"""The pages of the window, one per file or folder."""
