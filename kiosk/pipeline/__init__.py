"""The loops between camera, decision and door. They own the threads; they contain no decisions."""
