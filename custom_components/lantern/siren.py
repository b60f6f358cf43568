"""Sirens of all vendors: only Hue's chimes."""

from homeassistant.const import Platform

from .entity_loader import make_setup_entry

PARALLEL_UPDATES = 0

async_setup_entry = make_setup_entry(Platform.SIREN)
