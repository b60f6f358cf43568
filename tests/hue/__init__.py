"""Tests of the hue room, against the simulated service."""
