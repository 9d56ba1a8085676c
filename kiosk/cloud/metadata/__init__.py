"""Who has which faces in which collection: in the kiosk's home, or in a table of the site's."""
