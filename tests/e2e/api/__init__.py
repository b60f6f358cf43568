"""Lantern as the user interface drives it: over Home Assistant's own HTTP API."""
