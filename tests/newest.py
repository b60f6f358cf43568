"""Lets the test plugin run on a Home Assistant that is newer than itself.

Loaded with `-p tests.newest`, before the plugin.
"""

# Home Assistant puts httpx2 in the place of httpx, which it cannot once the plugin
# has imported that: it comes first.
from homeassistant.components import logger

# The plugin imports a name that has moved; what uses it there Lantern does not use.
logger._clear_logger_overwrites = logger.helpers._clear_logger_overwrites  # type: ignore[attr-defined]  # noqa: SLF001
