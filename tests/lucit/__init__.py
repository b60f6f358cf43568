"""Tests of the lucit room, against the simulated service."""
