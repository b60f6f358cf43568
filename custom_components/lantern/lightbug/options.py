"""The options of an account, and what they mean for its trackers' places."""

from collections.abc import Mapping
from typing import Any

from .client.points import FixFilter

CONF_FAST = "fast_while_moving"
CONF_IGNORE_CELL = "ignore_cell"
CONF_IGNORE_WIFI = "ignore_wifi"
CONF_MAX_ACCURACY = "max_accuracy"
_IGNORED = (("gsm", CONF_IGNORE_CELL), ("wifi", CONF_IGNORE_WIFI))


def make_fix_filter(options: Mapping[str, Any]) -> FixFilter:
    """Return which places an entry's options let be shown."""
    ignored = {source for source, name in _IGNORED if options.get(name)}
    return FixFilter(
        max_accuracy=options.get(CONF_MAX_ACCURACY), ignored=frozenset(ignored)
    )
