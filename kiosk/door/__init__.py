"""The door subsystem: authorization, the door controller, and the carrying out of effects."""
