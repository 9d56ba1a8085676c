"""The kiosk's storage: references, keys and the audit journal."""
