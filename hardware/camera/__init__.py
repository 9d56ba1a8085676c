"""Camera adapters. Each delivers frames with their time of capture."""
