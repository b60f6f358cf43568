"""Client of the Hue bridge; it knows nothing of Home Assistant."""
