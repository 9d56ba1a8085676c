"""What each operation of the peer does."""
