"""The wires that a door can hang on, one section a driver."""
