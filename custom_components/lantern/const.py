"""What the whole of Lantern agrees on."""

import logging

DOMAIN = "lantern"
LOGGER = logging.getLogger(__package__)

CONF_VENDOR = "vendor"
CONF_BASE_URL = "base_url"

GRACE = 2
"""How many failed polls in a row keep the last good data."""
