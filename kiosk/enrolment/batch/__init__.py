"""References from many people's photographs."""
