"""The account's geofences: circles and polygons."""

from typing import Any

from ...transport import parsing
from .models import Row, within


def _corner(row: Row) -> dict[str, float | None]:
    return {
        "latitude": within(row.get("lat"), -90, 90),
        "longitude": within(row.get("lng"), -180, 180),
    }


def parse_geofence(row: Row) -> dict[str, Any]:
    """Return a geofence: a polygon by its `outline`, else a circle (radius in m)."""
    outline = [_corner(one) for one in parsing.iter_dicts(row.get("outline"))]
    told: dict[str, Any] = {
        "id": parsing.as_int(row.get("id")),
        "name": parsing.as_name(row.get("name")),
    }
    if outline:
        # The radius of a polygon is to be ignored (v2's `Geofence`).
        return told | {"outline": outline}
    center = _corner(parsing.as_dict(row.get("center")))
    return told | center | {"radius": within(row.get("radius"), 0, 1e8)}
