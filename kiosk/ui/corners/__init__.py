"""What stands in the corners, beside the pages: feedback about a result."""
