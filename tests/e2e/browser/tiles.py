"""A made-up town for Home Assistant's map, drawn here: nothing is loaded for it."""

from collections.abc import Iterable, Sequence

from playwright.async_api import Route

_EXTENT = 4096
_POLYGON, _LINE = 3, 2
_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 7
_BLOCK = _EXTENT // 8

type Points = Sequence[tuple[int, int]]


def _number(value: int) -> bytes:
    """Return a number in the variable length of protocol buffers."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def _field(number: int, content: bytes | int) -> bytes:
    """Return a field of a message."""
    if isinstance(content, int):
        return _number(number << 3) + _number(content)
    return _number(number << 3 | 2) + _number(len(content)) + content


def _feature(kind: int, *paths: Points) -> bytes:
    """Return a feature whose one attribute has the layer's one value."""
    numbers: list[int] = []
    at = (0, 0)
    for path in paths:
        for index, point in enumerate(path):
            if index < 2:
                numbers.append(
                    (len(path) - 1) << 3 | _LINE_TO if index else 8 | _MOVE_TO
                )
            for now, before in zip(point, at, strict=True):
                step = now - before
                numbers.append(step << 1 if step >= 0 else -step * 2 - 1)
            at = point
        if kind == _POLYGON:
            numbers.append(8 | _CLOSE)
    geometry = b"".join(map(_number, numbers))
    tags = bytes([0, 0])
    return _field(2, tags) + _field(3, kind) + _field(4, geometry)


def _layer(name: str, kind: str, features: Iterable[bytes]) -> bytes:
    """Return a layer whose features are all of one kind."""
    return _field(
        3,
        _field(15, 2)
        + _field(1, name.encode())
        + b"".join(_field(2, feature) for feature in features)
        + _field(3, b"kind")
        + _field(4, _field(1, kind.encode()))
        + _field(5, _EXTENT),
    )


def _tile() -> bytes:
    """Return one tile of a town that goes on for ever: streets, and a park."""
    park = ((0, 0), (_BLOCK * 2, 0), (_BLOCK * 2, _BLOCK * 3), (0, _BLOCK * 3))
    streets = [
        line
        for at in range(0, _EXTENT, _BLOCK)
        for line in (((at, 0), (at, _EXTENT)), ((0, at), (_EXTENT, at)))
    ]
    return _layer("land", "park", [_feature(_POLYGON, park)]) + _layer(
        "streets", "primary", [_feature(_LINE, *streets)]
    )


_TILEJSON = {
    "tilejson": "3.0.0",
    "tiles": ["/api/map_tiles/vector/{z}/{x}/{y}.mvt"],
    "vector_layers": [],
    "minzoom": 0,
    "maxzoom": 14,
    "attribution": "Made-up streets",
}


async def draw(route: Route) -> None:
    """Answer what the map asks for."""
    url = route.request.url
    if "tilejson" in url:
        await route.fulfill(json=_TILEJSON)
    elif "/vector/" in url:
        await route.fulfill(
            body=_tile(), content_type="application/vnd.mapbox-vector-tile"
        )
    else:
        await route.fulfill(status=404)
