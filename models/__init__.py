"""Face models: packs of weights and the adapters that run them."""
