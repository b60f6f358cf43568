"""Philips Hue bridges: link-button registration, lights, rooms, accessories."""
