"""The published schema of GPX 1.1 as a table: what may follow what, and of which type."""

from collections.abc import Callable
from datetime import datetime
import re
from xml.etree import ElementTree as ET

NAMESPACE = "{http://www.topografix.com/GPX/1/1}"
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_DATE_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def _is_text(_: str) -> bool:
    return True


def _is_decimal(text: str) -> bool:
    return _DECIMAL.fullmatch(text.strip()) is not None


def _is_latitude(text: str) -> bool:
    return _is_decimal(text) and -90 <= float(text) <= 90


def _is_longitude(text: str) -> bool:
    return _is_decimal(text) and -180 <= float(text) < 180


def _is_degrees(text: str) -> bool:
    return _is_decimal(text) and 0 <= float(text) < 360


def _is_count(text: str) -> bool:
    return text.strip().isdecimal()


def _is_time(text: str) -> bool:
    if not _DATE_TIME.fullmatch(text.strip()):
        return False
    datetime.fromisoformat(text.strip())
    return True


def _is_fix(text: str) -> bool:
    return text in ("none", "2d", "3d", "dgps", "pps")


def _is_station(text: str) -> bool:
    return _is_count(text) and int(text) <= 1023


type Simple = Callable[[str], bool]
# The elements of each type in the order of the schema: of a simple type, or of the
# type of that name; "*" stands behind those that may be there several times.
SEQUENCES: dict[str, dict[str, Simple | str]] = {
    "gpxType": {"trk*": "trkType"},
    "trkType": {
        **dict.fromkeys(("name", "cmt", "desc", "src"), _is_text),
        "number": _is_count,
        "type": _is_text,
        "trkseg*": "trksegType",
    },
    "trksegType": {"trkpt*": "wptType"},
    "wptType": {
        "ele": _is_decimal,
        "time": _is_time,
        "magvar": _is_degrees,
        "geoidheight": _is_decimal,
        **dict.fromkeys(("name", "cmt", "desc", "src", "sym", "type"), _is_text),
        "fix": _is_fix,
        "sat": _is_count,
        **dict.fromkeys(("hdop", "vdop", "pdop", "ageofdgpsdata"), _is_decimal),
        "dgpsid": _is_station,
    },
}
ATTRIBUTES: dict[str, dict[str, Simple]] = {
    "gpxType": {"version": "1.1".__eq__, "creator": _is_text},
    "wptType": {"lat": _is_latitude, "lon": _is_longitude},
}


def _check(element: ET.Element, kind: str) -> None:
    attributes = ATTRIBUTES.get(kind, {})
    assert set(element.attrib) == set(attributes), element.attrib
    for name, is_valid in attributes.items():
        assert is_valid(element.attrib[name]), (name, element.attrib[name])
    assert not (element.text or "").strip()
    sequence = SEQUENCES[kind]
    order = [name.removesuffix("*") for name in sequence]
    last = -1
    for child in element:
        name = child.tag.removeprefix(NAMESPACE)
        assert child.tag == f"{NAMESPACE}{name}", child.tag
        assert name in order, f"{name} in a {kind}"
        place = order.index(name)
        assert place > last or (place == last and f"{name}*" in sequence), name
        last = place
        below = sequence.get(name) or sequence[f"{name}*"]
        if isinstance(below, str):
            _check(child, below)
        else:
            assert not len(child)
            assert not child.attrib
            assert below(child.text or ""), (name, child.text)
        assert not (child.tail or "").strip()


def check(document: str) -> ET.Element:
    """Return a document's root; fail where the schema forbids what is there."""
    root = ET.fromstring(document.encode())  # noqa: S314  # our own document
    assert root.tag == f"{NAMESPACE}gpx"
    _check(root, "gpxType")
    return root
