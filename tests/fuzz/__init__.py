"""What Lantern does with any input at all."""
