"""What a device reports to its fleet, assembled from its parts."""
