"""Calendars: each description brings its own class."""

from homeassistant.const import Platform

from .platform_setup import platform_setup

PARALLEL_UPDATES = 0

async_setup_entry = platform_setup(Platform.CALENDAR)
