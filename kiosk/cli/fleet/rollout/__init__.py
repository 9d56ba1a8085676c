"""`kiosk fleet rollout`, `halt` and `ring`: settings and models, ring by ring."""
