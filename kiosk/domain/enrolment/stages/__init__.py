"""The stages of an enrolment session, which the machine goes through."""
