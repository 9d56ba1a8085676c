"""Measurement: statistics in the terms of ISO/IEC 19795 and 30107-3, and the loops that feed them.

It decides nothing and stores no picture; every adapter is passed in.
"""
