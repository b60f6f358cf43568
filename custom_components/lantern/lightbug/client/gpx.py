"""A tracker's history as GPX 1.1, the format that maps and route planners read."""

from collections.abc import Iterable, Iterator, Mapping
import re
from typing import Any
from xml.sax.saxutils import escape

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="Lantern">
"""
_DECIMALS = 7  # a centimetre
# The characters that XML 1.0 lets in.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _element(name: str, text: str | None) -> str:
    """Return an element of text, nothing without one."""
    clean = escape(_NO_XML.sub("", text)) if text else ""
    return f"<{name}>{clean}</{name}>" if clean else ""


def _decimal(value: float) -> str:
    """Return a number as `xsd:decimal`, which has no exponent."""
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def _point(point: Mapping[str, Any]) -> str:
    """Return a track point; the schema fixes the order of its elements."""
    longitude = round(point["longitude"], _DECIMALS)
    if longitude >= 180:  # the schema ends just below it
        longitude -= 360
    altitude = point["altitude"]
    return (
        f'<trkpt lat="{_decimal(point["latitude"])}" lon="{_decimal(longitude)}">'
        f"{'' if altitude is None else f'<ele>{_decimal(altitude)}</ele>'}"
        f"<time>{point['time'].replace('+00:00', 'Z')}</time>"
        f"{_element('desc', point['address'])}{_element('src', point['source'])}"
        "</trkpt>\n"
    )


def to_gpx(name: str | None, points: Iterable[Mapping[str, Any]]) -> str:
    """Return one track of the points of a `History`.

    Without those that only repeat an older place: the tracker was not seen there.
    """

    def lines() -> Iterator[str]:
        yield f"{_HEAD}<trk>{_element('name', name)}<trkseg>\n"
        yield from (_point(point) for point in points if not point["stale"])
        yield "</trkseg></trk>\n</gpx>\n"

    return "".join(lines())
