"""Lights: what they can do, what they do now and what they are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from statistics import fmean
from typing import Any, Self

COLORLOOP = "colorloop"
EFFECT_OFF = "off"
FLASH_LONG = "long"
# What a light may do when it gets power; some do what an app set up in detail.
PRESETS = ("safety", "powerfail", "last_on_state")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The names that the owner and the maker gave a light or an accessory.

    `device` is where API v2 knows the device that it is part of.
    """

    name: str
    product: str | None
    model_id: str | None
    manufacturer: str | None
    sw_version: str | None
    device: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be set: brightness, colour temperature (its range), colour, effects."""

    dims: bool = False
    kelvin: tuple[float, float] | None = None
    colour: bool = False
    effects: tuple[str, ...] = ()

    @classmethod
    def of_all(cls, parts: Iterable[Self]) -> Self:
        """Return what a room can do: whatever one of its lights can."""
        parts = tuple(parts)
        ranges = [part.kelvin for part in parts if part.kelvin is not None]
        widest = (
            (min(low for low, _ in ranges), max(high for _, high in ranges))
            if ranges
            else None
        )
        return cls(
            dims=any(part.dims for part in parts),
            kelvin=widest,
            colour=any(part.colour for part in parts),
            # A room is told no other effect, in neither API.
            effects=(COLORLOOP,)
            if any(COLORLOOP in part.effects for part in parts)
            else (),
        )


@dataclass(frozen=True, slots=True)
class LightState:
    """How a light is lit: `brightness` 0 to 1, `mode` color_temp or xy."""

    on: bool | None = None
    brightness: float | None = None
    kelvin: float | None = None
    xy: tuple[float, float] | None = None
    mode: str | None = None
    effect: str | None = None

    def with_changes(self, taken: Mapping[str, Any], can: Capabilities) -> LightState:
        """Return the state after a bridge took parts of a command."""
        state = self
        if (on := taken.get("on")) is not None:
            state = replace(state, on=on)
        if can.dims and (brightness := taken.get("brightness")) is not None:
            state = replace(state, brightness=brightness)
        if can.effects and (effect := taken.get("effect")) is not None:
            state = replace(state, effect=effect)
        if can.kelvin and (kelvin := taken.get("kelvin")) is not None:
            low, high = can.kelvin
            kelvin = max(low, min(high, kelvin))
            state = replace(state, kelvin=kelvin, mode="color_temp")
        if can.colour and (xy := taken.get("xy")) is not None:
            # Of two colours in one command, the bridge takes xy.
            state = replace(state, xy=xy, mode="xy")
        return state

    @classmethod
    def mean(cls, lit: Iterable[Self], on: bool | None) -> Self:
        """Return what a room shows: the mean of its lit lights, the mode of most.

        What some of them cannot do is taken from those that can.
        """
        lit = tuple(lit)
        colours = [
            part for part in lit if part.xy is not None or part.kelvin is not None
        ]
        whites = [
            colour
            for colour in colours
            if colour.mode == "color_temp" or colour.xy is None
        ]
        is_white = 2 * len(whites) > len(colours) or whites == colours
        levels = [part.brightness for part in lit if part.brightness is not None]
        # The mean of what a bridge counts in: reciprocal colour temperatures.
        mireds = [1e6 / white.kelvin for white in whites if white.kelvin]
        xys = [colour.xy for colour in colours if colour.xy is not None]
        effects = {part.effect for part in lit if part.effect is not None}
        return cls(
            on=on,
            brightness=fmean(levels) if levels else None,
            kelvin=1e6 / round(fmean(mireds)) if mireds else None,
            xy=(fmean(x for x, _ in xys), fmean(y for _, y in xys)) if xys else None,
            mode=("color_temp" if is_white else "xy") if colours else None,
            effect=effects.pop() if len(effects) == 1 else None,
        )


@dataclass(frozen=True, slots=True)
class Light:
    """A light: its v1 number, and the Zigbee address and endpoint it is at.

    `resource_id` is where API v2 knows it; without a v1 number that is its number.
    `power_on` is what it does when it gets power again.
    """

    number: str
    mac: str | None
    endpoint: str
    metadata: Metadata
    can: Capabilities
    state: LightState
    reachable: bool | None
    update_available: bool | None
    resource_id: str = field(default="", compare=False)
    connection: str | None = None
    power_on: str | None = None

    @property
    def is_lit(self) -> bool:
        """Return True if it is on, as far as the bridge knows."""
        return self.state.on is True and self.reachable is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class LightFeatures:
    """What few lights can do, beside their `Capabilities`.

    `tunable_effects` take a colour and a speed, `timed_effects` a duration;
    `gradient_points` is how many colours a gradient may have.
    """

    tunable_effects: tuple[str, ...] = ()
    timed_effects: tuple[str, ...] = ()
    gradient_points: int = 0
    gradient_modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LightCommand:
    """What a light or a room is to do: `transition` in seconds, flash short or long.

    A room is told no effect, and no `gradient`, the xy of points along a light.
    """

    on: bool | None = None
    brightness: float | None = None
    kelvin: float | None = None
    xy: tuple[float, float] | None = None
    effect: str | None = None
    transition: float | None = None
    flash: str | None = None
    effect_speed: float | None = None
    gradient: tuple[tuple[float, float], ...] | None = None
    gradient_mode: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the parts that are set."""
        parts = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in parts if value is not None}

    def is_part(self, whole: LightCommand, can: Capabilities) -> bool:
        """Return True if a light does the same by either command, as far as it can."""
        is_able = {
            "brightness": can.dims,
            "kelvin": can.kelvin is not None,
            "xy": can.colour,
            "transition": can.dims,
        }
        own, all_of_it = self.as_dict(), whole.as_dict()
        return own.keys() <= all_of_it.keys() and all(
            own[name] == value if name in own else not is_able.get(name, True)
            for name, value in all_of_it.items()
        )

    def followed_by(self, later: LightCommand | SceneRecall) -> LightCommand | None:
        """Return one command for two in a row, None where their order counts.

        The later one wins, part by part; with an off nothing else counts, and the
        newer of two colours stays.
        """
        if isinstance(later, SceneRecall):
            return None
        if later.on is False:
            return later
        rest = replace(self, transition=None)
        if later.kelvin is not None or later.xy is not None:
            # A colour ends the effect that was started before it.
            effect = self.effect if self.effect == EFFECT_OFF else None
            rest = replace(rest, kelvin=None, xy=None, effect=effect)
        return replace(rest, **later.as_dict())


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRecall:
    """A scene to recall: its v1 id and its v2 one; `transition` in seconds.

    `dynamic` plays its colours, at a `speed` of 0 to 1, or does not; None does as the
    scene says. One that `is_smart` can be ended.
    """

    scene_id: str
    resource_id: str = ""
    is_smart: bool = False
    is_end: bool = False
    transition: float | None = None
    dynamic: bool | None = None
    speed: float | None = None
    brightness: float | None = None

    def followed_by(self, _: LightCommand | SceneRecall) -> None:
        """Return None: a scene stands by itself."""
