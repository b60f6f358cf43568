"""The three ways in which a lamp tells its colour, kept in step."""

import colorsys

type XY = list[float]


def _gamma(part: float) -> float:
    """Return an sRGB part as linear light."""
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _ungamma(part: float) -> float:
    """Return linear light as an sRGB part."""
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def xy_of_hue(hue: int, sat: int) -> XY:
    """Return the CIE xy of a hue (0...65535) and a saturation (0...254)."""
    red, green, blue = map(_gamma, colorsys.hsv_to_rgb(hue / 65535, sat / 254, 1.0))
    x = red * 0.4124 + green * 0.3576 + blue * 0.1805
    y = red * 0.2126 + green * 0.7152 + blue * 0.0722
    z = red * 0.0193 + green * 0.1192 + blue * 0.9505
    total = x + y + z
    return [round(x / total, 4), round(y / total, 4)]


def hue_of_xy(xy: XY) -> tuple[int, int]:
    """Return hue (0...65535) and saturation (0...254) of a CIE xy."""
    x, y = xy[0], max(xy[1], 0.0001)
    big_x, big_z = x / y, (1 - x - y) / y
    linear = (
        big_x * 3.2406 - 1.5372 - big_z * 0.4986,
        -big_x * 0.9689 + 1.8758 + big_z * 0.0415,
        big_x * 0.0557 - 0.2040 + big_z * 1.0570,
    )
    most = max(*linear, 0.0001)
    red, green, blue = (_ungamma(max(part, 0.0) / most) for part in linear)
    hue, sat, _ = colorsys.rgb_to_hsv(red, green, blue)
    return round(hue * 65535), round(sat * 254)


def xy_of_ct(mired: int) -> XY:
    """Return the CIE xy of a colour temperature on the Planckian locus."""
    t = 1_000_000 / mired
    if t <= 4000:
        x = -0.2661239e9 / t**3 - 0.2343589e6 / t**2 + 0.8776956e3 / t + 0.179910
    else:
        x = -3.0258469e9 / t**3 + 2.1070379e6 / t**2 + 0.2226347e3 / t + 0.240390
    if t <= 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif t <= 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return [round(x, 4), round(y, 4)]
