"""Batch enrolment assembled: worker processes, and the import of a batch into a scope."""
