"""The account's geofences: circles and polygons, and what they hold."""

from collections.abc import Iterable
import itertools
from typing import Any, NamedTuple

from ...transport import parsing
from .distance import kilometres
from .models import Fix, Row, within

type Corner = tuple[float, float]


class Geofence(NamedTuple):
    """An area: a polygon (degrees), else a circle (degrees, m).

    Longitudes of an outline go on over the date line, beyond 180 degrees.
    `device_id` is the only tracker that it is for, None if it is for all.
    """

    name: str
    device_id: int | None
    outline: tuple[Corner, ...] = ()
    center: Corner | None = None
    radius: float = 0.0

    def contains(self, latitude: float, longitude: float) -> bool:
        """Return True if a place is inside."""
        if self.outline:
            return _is_inside(self.outline, latitude, longitude)
        if self.center is None:
            return False
        distance = kilometres(*self.center, latitude, longitude)
        return distance * 1000 <= self.radius


def names_around(
    geofences: Iterable[Geofence] | None, fix: Fix, device_id: int
) -> tuple[str, ...] | None:
    """Return the names of the geofences that hold a fix, each once.

    None if that is unknown.
    """
    latitude, longitude = fix.latitude, fix.longitude
    if geofences is None or latitude is None or longitude is None:
        return None
    names = (
        fence.name
        for fence in geofences
        if fence.device_id in (None, device_id) and fence.contains(latitude, longitude)
    )
    return tuple(dict.fromkeys(names))


def _is_inside(outline: tuple[Corner, ...], latitude: float, longitude: float) -> bool:
    """Return True if an odd number of a polygon's edges lies east of a place."""
    edges = list(itertools.pairwise([*outline, outline[0]]))
    # The outline may be on any turn around the globe.
    return any(
        sum(
            east + (latitude - lat) / (next_lat - lat) * (next_east - east) > place
            for (lat, east), (next_lat, next_east) in edges
            if (lat > latitude) != (next_lat > latitude)
        )
        % 2
        for place in (longitude - 360, longitude, longitude + 360)
    )


def _unrolled(outline: list[Corner]) -> tuple[Corner, ...]:
    """Return corners whose longitudes go on over the date line, the shorter way.

    An outline that goes around the globe holds the pole that is nearer to it.
    """
    latitudes, longitudes = zip(*outline, strict=True)
    steps = itertools.pairwise([*longitudes, longitudes[0]])
    easts = list(
        itertools.accumulate(
            (_wrapped(after - before) for before, after in steps),
            initial=longitudes[0],
        )
    )
    end = easts.pop()
    corners = list(zip(latitudes, easts, strict=True))
    if abs(end - easts[0]) > 1:
        pole = 90.0 if sum(latitudes) > 0 else -90.0
        corners += [(latitudes[0], end), (pole, end), (pole, easts[0])]
    return tuple(corners)


def _wrapped(longitude: float) -> float:
    """Return a difference of longitudes between -180 and 180 degrees."""
    return (longitude + 180) % 360 - 180


def _corner(row: Row) -> dict[str, float | None]:
    return {
        "latitude": within(row.get("lat"), -90, 90),
        "longitude": within(row.get("lng"), -180, 180),
    }


def parse_geofence(row: Row) -> dict[str, Any]:
    """Return a geofence: a polygon by its `outline`, else a circle (radius in m)."""
    outline = [_corner(corner) for corner in parsing.iter_dicts(row.get("outline"))]
    fence: dict[str, Any] = {
        "id": parsing.as_int(row.get("id")),
        "name": parsing.as_name(row.get("name")),
    }
    if outline:
        # The radius of a polygon is to be ignored (v2's `Geofence`).
        return fence | {"outline": outline}
    center = _corner(parsing.as_dict(row.get("center")))
    return fence | center | {"radius": within(row.get("radius"), 0, 1e8)}


def make_geofence(row: Row) -> Geofence | None:
    """Return the area of a geofence; None of one without a name or a whole area."""
    fence = parse_geofence(row)
    device_id = parsing.as_int(row.get("deviceId"))
    if (name := fence["name"]) is None:
        return None
    if "outline" in fence:
        corners = [(c["latitude"], c["longitude"]) for c in fence["outline"]]
        if len(corners) < 3 or any(None in corner for corner in corners):
            return None
        return Geofence(name, device_id, _unrolled(corners))
    center, radius = (fence["latitude"], fence["longitude"]), fence["radius"]
    if None in center or radius is None:
        return None
    return Geofence(name, device_id, center=center, radius=radius)
