"""Self-enrolment: a session of its own, in which nobody is decided on and no door is released."""
