"""What goes from a fleet's store by itself, once its time is over."""
