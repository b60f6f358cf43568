"""Lucit signage players: code pairing, the player and its screens."""
