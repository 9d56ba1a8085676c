"""Operators: their orders, how these are encoded, and which of them count."""
