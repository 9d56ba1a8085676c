"""A relay that is switched over HTTP."""
