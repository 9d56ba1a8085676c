"""Enrolment: from photographs to references."""
