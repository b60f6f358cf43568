"""Tests of API v2 of the simulated Hue bridge."""
