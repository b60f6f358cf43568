"""The demo: a real Home Assistant with Lantern, and a simulated world to live in."""
