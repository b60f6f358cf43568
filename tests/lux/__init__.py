"""Tests of the lux room, against the simulated service."""
