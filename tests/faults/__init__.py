"""Every route on every bad day, and what Lantern does about it."""
