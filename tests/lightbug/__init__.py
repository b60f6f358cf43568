"""Tests of the lightbug room, against the simulated service."""
