"""The gallery of a running kiosk: who is compared, and who is left out."""
