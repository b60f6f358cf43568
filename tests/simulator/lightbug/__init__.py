"""Tests of the simulated Lightbug."""
