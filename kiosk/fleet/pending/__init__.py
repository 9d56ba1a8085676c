"""Changes that one admin has signed, and that wait in the store for the others."""
