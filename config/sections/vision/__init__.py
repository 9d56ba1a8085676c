"""The sections about finding, judging and matching a face."""
