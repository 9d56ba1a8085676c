"""What a kiosk keeps: references, keys and the audit journal."""
