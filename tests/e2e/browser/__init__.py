"""Lantern as people see it: a real Home Assistant, clicked in a real browser."""
