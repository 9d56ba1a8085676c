"""What waits in the store to be published: taken, left waiting, or set aside."""
