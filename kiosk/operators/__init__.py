"""Operator service: judges, executes and answers orders; sends alarms and help calls."""
