"""The loops between camera, decision and door. Threads live here; decisions do not."""
