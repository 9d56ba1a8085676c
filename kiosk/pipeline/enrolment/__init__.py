"""Frames of a self-enrolment: what is seen of them, the session, and when it has the frame."""
