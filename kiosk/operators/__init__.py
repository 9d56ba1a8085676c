"""Operators: orders are judged, carried out and answered; alarms and calls go out."""
