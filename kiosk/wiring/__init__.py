"""The composition root: builds adapters from settings, and a kiosk from adapters.

The only package that names concrete classes. It contains no decision logic.
"""
