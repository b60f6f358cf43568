"""Draws the brand images: a lantern with four rays, and its name beside it.

Everything is drawn four times as large as needed and scaled down, which makes
its edges smooth. Lengths are in units of a canvas 512 high.
"""

from collections.abc import Callable, Iterable
from math import cos, radians, sin
from pathlib import Path

from PIL import Image, ImageDraw

BRAND = Path(__file__).parent.parent / "custom_components" / "lantern" / "brand"
UNITS = 512
MIDDLE = 256
SCALE = 4
GLOW = ((255, 205, 84), (255, 138, 31))
"""The glass, from top to bottom."""
UPPER, LOWER = (255, 184, 66, 255), (255, 154, 44, 255)
"""The rays."""
FLAME = (255, 248, 225, 255)
FRAMES = {"": (38, 50, 86, 255), "dark_": (238, 232, 218, 255)}
"""The metal and the name, on a light and on a dark background."""

type Point = tuple[float, float]
type Colour = tuple[int, ...]


class Canvas:
    """A transparent picture that takes shapes with round ends and corners."""

    def __init__(self, width: float, height: float = UNITS) -> None:
        """Make an empty canvas."""
        self.image = Image.new("RGBA", (round(width * SCALE), round(height * SCALE)))
        self._draw = ImageDraw.Draw(self.image)

    def bar(self, box: tuple[float, ...], radius: float, colour: Colour) -> None:
        """Draw a rectangle with round corners."""
        scaled = [value * SCALE for value in box]
        self._draw.rounded_rectangle(scaled, radius * SCALE, colour)

    def shape(self, points: Iterable[Point], colour: Colour) -> None:
        """Fill an outline."""
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], colour)

    def stroke(self, points: Iterable[Point], width: float, colour: Colour) -> None:
        """Draw a line with round ends and joints."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        half = width * SCALE / 2
        self._draw.line(scaled, colour, round(half * 2))
        for x, y in scaled:
            self._draw.ellipse((x - half, y - half, x + half, y + half), colour)

    def glow(self, outline: Iterable[Point]) -> None:
        """Fill an outline with light, from top to bottom."""
        points = list(outline)
        top, bottom = min(y for _, y in points), max(y for _, y in points)
        mask = Canvas(self.image.width / SCALE, self.image.height / SCALE)
        mask.shape(points, (255, 255, 255, 255))
        light = Image.new("RGBA", self.image.size)
        draw = ImageDraw.Draw(light)
        for row in range(round(top * SCALE), round(bottom * SCALE) + 1):
            part = (row / SCALE - top) / (bottom - top)
            colour = [round(a + (b - a) * part) for a, b in zip(*GLOW, strict=True)]
            draw.line((0, row, light.width, row), (*colour, 255))
        self.image.paste(light, mask=mask.image.getchannel("A"))


def arc(centre: Point, radius: float, start: float, end: float) -> list[Point]:
    """Return points on a circle, by degrees clockwise from the right."""
    steps = max(2, round(abs(end - start)))
    angles = [radians(start + (end - start) * n / steps) for n in range(steps + 1)]
    return [(centre[0] + radius * cos(a), centre[1] + radius * sin(a)) for a in angles]


def curve(*points: Point) -> list[Point]:
    """Return points on the cubic Bézier curve with these four points."""
    curved = []
    for n in range(65):
        t = n / 64
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x, y = (
            sum(w * p[axis] for w, p in zip(weights, points, strict=True))
            for axis in (0, 1)
        )
        curved.append((x, y))
    return curved


def mirrored(points: list[Point]) -> list[Point]:
    """Return a left half and its mirror image, as one outline."""
    return points + [(2 * MIDDLE - x, y) for x, y in reversed(points)]


def lantern(canvas: Canvas, frame: Colour) -> None:
    """Draw the mark: handle, glass with a flame, cap and foot, four rays."""
    canvas.stroke(arc((MIDDLE, 110), 74, 180, 360), 32, frame)
    canvas.glow(
        mirrored(
            curve(
                (MIDDLE - 84, 150),
                (MIDDLE - 156, 250),
                (MIDDLE - 156, 346),
                (MIDDLE - 84, 446),
            )
        )
    )
    canvas.shape(
        mirrored(
            [
                *curve(
                    (MIDDLE, 210),
                    (MIDDLE - 14, 262),
                    (MIDDLE - 60, 288),
                    (MIDDLE - 60, 334),
                ),
                *arc((MIDDLE, 334), 60, 180, 90),
            ]
        ),
        FLAME,
    )
    canvas.bar((MIDDLE - 118, 116, MIDDLE + 118, 168), 24, frame)
    canvas.bar((MIDDLE - 130, 428, MIDDLE + 130, 480), 24, frame)
    for angle, colour in ((-22, UPPER), (22, LOWER), (158, LOWER), (202, UPPER)):
        inner, *_ = arc((MIDDLE, 298), 180, angle, angle)
        outer, *_ = arc((MIDDLE, 298), 228, angle, angle)
        canvas.stroke([inner, outer], 36, colour)


def name(canvas: Canvas, left: float, ink: Colour) -> float:
    """Write "Lantern" in strokes from there on; return where it ends."""
    foot, small, tall, r, gap = 372.0, 234.0, 166.0, 69.0, 76.0

    def write(*points: Point) -> None:
        canvas.stroke(points, 42, ink)

    write((left, tall), (left, foot), (left + 112, foot))
    x = left + 112 + gap - 6
    # a
    write(*arc((x + r, foot - r), r, 0, 360))
    write((x + 2 * r, small), (x + 2 * r, foot))
    x += 2 * r + gap
    x = _n(write, x, foot, small, r) + gap - 10
    # t
    write(
        (x + 34, tall + 6), (x + 34, foot - 40), *arc((x + 74, foot - 40), 40, 180, 90)
    )
    write((x, small), (x + 78, small))
    x += 78 + gap - 12
    # e
    write(
        (x, foot - r),
        (x + 2 * r, foot - r),
        *arc((x + r, foot - r), r, 0, -310),
    )
    x += 2 * r + gap
    # r
    write((x, small), (x, foot))
    write((x, foot - r), *arc((x + r, small + r), r, 180, 292))
    x += r + 26 + gap - 8
    return _n(write, x, foot, small, r)


def _n(
    write: Callable[..., None], x: float, foot: float, small: float, r: float
) -> float:
    """Write an n; return where it ends."""
    write((x, small), (x, foot))
    write((x, foot), *arc((x + r, small + r), r, 180, 360), (x + 2 * r, foot))
    return x + 2 * r


def trimmed(canvas: Canvas) -> Image.Image:
    """Return a picture without its empty edges."""
    return canvas.image.crop(canvas.image.getchannel("A").getbbox())


def squared(image: Image.Image) -> Image.Image:
    """Return a picture in the middle of a square that it fills one way."""
    side = max(image.size)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def save(image: Image.Image, height: int, name: str) -> None:
    """Write a picture of that height."""
    width = round(image.width * height / image.height)
    small = image.resize((width, height), Image.Resampling.BOX)
    small.save(BRAND / f"{name}.png", optimize=True)


def main() -> None:
    """Draw all eight."""
    BRAND.mkdir(exist_ok=True)
    for prefix, frame in FRAMES.items():
        mark = Canvas(UNITS)
        lantern(mark, frame)
        icon = squared(trimmed(mark))
        save(icon, 256, f"{prefix}icon")
        save(icon, 512, f"{prefix}icon@2x")
        both = Canvas(2000)
        lantern(both, frame)
        name(both, 590, frame)
        logo = trimmed(both)
        save(logo, 192, f"{prefix}logo")
        save(logo, 384, f"{prefix}logo@2x")


if __name__ == "__main__":
    main()
