"""The door service: authorisation, the door controller, and how effects are carried out."""
