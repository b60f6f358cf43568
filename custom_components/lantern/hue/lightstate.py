"""What a lamp or a room can do, and what it does now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Self

from ..transport import parsing

BRIGHTEST = 254
COLORLOOP = "colorloop"
_USUAL_CT = (153, 500)
# Some makers' lamps tell 0 or 65535.
_WIDEST_CT = (50, 1000)


def _bri(value: object) -> int | None:
    """Return a brightness; some lamps go to 255."""
    found = _within(value, 0, BRIGHTEST + 1)
    return None if found is None else min(found, BRIGHTEST)


def _within(value: object, low: int, high: int) -> int | None:
    """Return a whole number if it is within its range."""
    found = parsing.as_int(value)
    return found if found is not None and low <= found <= high else None


def _xy(value: object) -> tuple[float, float] | None:
    """Return a colour's CIE coordinates."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = parsing.as_float(value[0]), parsing.as_float(value[1])
    if x is None or y is None or not (0 <= x <= 1 and 0 <= y <= 1):
        return None
    return x, y


@dataclass(frozen=True, slots=True)
class Abilities:
    """What can be set: brightness, colour, effects; `ct` is its range in mired."""

    dims: bool = False
    ct: tuple[int, int] | None = None
    colour: bool = False
    effects: bool = False

    @classmethod
    def of_all(cls, parts: Iterable[Self]) -> Self:
        """Return what a room can do: whatever one of its lamps can."""
        parts = tuple(parts)
        ranges = [one.ct for one in parts if one.ct is not None]
        widest = (
            (min(low for low, _ in ranges), max(high for _, high in ranges))
            if ranges
            else None
        )
        return cls(
            dims=any(one.dims for one in parts),
            ct=widest,
            colour=any(one.colour for one in parts),
            effects=any(one.effects for one in parts),
        )


_BY_TYPE = {
    "on/off light": Abilities(),
    "on/off plug-in unit": Abilities(),
    "dimmable light": Abilities(dims=True),
    "dimmable plug-in unit": Abilities(dims=True),
    "color temperature light": Abilities(dims=True, ct=_USUAL_CT),
    "color light": Abilities(dims=True, colour=True),
    "extended color light": Abilities(dims=True, colour=True, ct=_USUAL_CT),
}


def read_abilities(light: Mapping[str, Any]) -> Abilities:
    """Return a lamp's abilities, of its type; an unknown type's, of its state."""
    state = parsing.as_dict(light.get("state"))
    kind = parsing.as_str(light.get("type")) or ""
    found = _BY_TYPE.get(kind.lower()) or Abilities(
        dims="bri" in state,
        ct=_USUAL_CT if "ct" in state else None,
        colour="xy" in state,
    )
    control = parsing.as_dict(parsing.as_dict(light.get("capabilities")).get("control"))
    told = parsing.as_dict(control.get("ct"))
    low = _within(told.get("min"), *_WIDEST_CT)
    high = _within(told.get("max"), *_WIDEST_CT)
    if found.ct and low and high and low < high:
        found = replace(found, ct=(low, high))
    return replace(found, effects="effect" in state)


@dataclass(frozen=True, slots=True)
class LightState:
    """What is lit how: `bri` 0 to 254, `ct` in mired, `mode` ct, xy or hs."""

    on: bool | None = None
    bri: int | None = None
    ct: int | None = None
    xy: tuple[float, float] | None = None
    mode: str | None = None
    effect: str | None = None

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Self:
        """Return a v1 `state` or `action`."""
        return cls(
            on=parsing.as_bool(state.get("on")),
            bri=_bri(state.get("bri")),
            ct=_within(state.get("ct"), 1, 65535),
            xy=_xy(state.get("xy")),
            mode=parsing.as_str(state.get("colormode")),
            effect=parsing.as_str(state.get("effect")),
        )

    def after(self, changes: Mapping[str, Any], can: Abilities) -> LightState:
        """Return the state once a bridge confirmed changes, as far as it can."""
        told = LightState.read(changes)
        state = self if told.on is None else replace(self, on=told.on)
        if can.dims and told.bri is not None:
            state = replace(state, bri=told.bri)
        if can.effects and told.effect is not None:
            state = replace(state, effect=told.effect)
        if can.ct and told.ct is not None:
            low, high = can.ct
            state = replace(state, ct=max(low, min(high, told.ct)), mode="ct")
        if can.colour and told.xy is not None:
            # Of two colours in one command, the bridge takes xy.
            state = replace(state, xy=told.xy, mode="xy")
        return state

    @classmethod
    def mean(cls, lit: Iterable[Self], on: bool | None) -> Self:
        """Return what a room shows: the mean of its lit lamps, the mode of most.

        What some of them cannot do is of those that can.
        """
        lit = tuple(lit)
        colours = [one for one in lit if one.xy is not None or one.ct is not None]
        whites = [one for one in colours if one.mode == "ct" or one.xy is None]
        is_white = 2 * len(whites) > len(colours) or whites == colours
        bris = [one.bri for one in lit if one.bri is not None]
        cts = [one.ct for one in whites if one.ct is not None]
        xys = [one.xy for one in colours if one.xy is not None]
        effects = {one.effect for one in lit if one.effect is not None}
        return cls(
            on=on,
            bri=round(fmean(bris)) if bris else None,
            ct=round(fmean(cts)) if cts else None,
            xy=(fmean(x for x, _ in xys), fmean(y for _, y in xys)) if xys else None,
            mode=("ct" if is_white else "xy") if colours else None,
            effect=effects.pop() if len(effects) == 1 else None,
        )
