"""Lightbug GPS trackers: login or token, positions and status."""
