"""Physical devices: what shares a Zigbee address is one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from .light import Light, Metadata
from .sensor import Sensor, SensorOwner, Value


@dataclass(frozen=True, slots=True)
class Device(SensorOwner):
    """One Zigbee device: its lamps by endpoint, their keys, its sensor resources."""

    diagnostic: ClassVar = (
        "product",
        "model_id",
        "sw_version",
        "lamps",
        "measures",
        "battery",
        "update_available",
    )

    lights: tuple[Light, ...]
    sensors: tuple[Sensor, ...]
    light_keys: tuple[str, ...] = ()

    @property
    def metadata(self) -> Metadata:
        """Return what it is called: by its first lamp, else its main sensor."""
        return self.lights[0].metadata if self.lights else self.sensors[0].metadata

    @property
    def product(self) -> str | None:
        """Return the maker's name for it."""
        return self.metadata.product or self.metadata.model_id

    @property
    def model_id(self) -> str | None:
        """Return the maker's number for it."""
        return self.metadata.model_id

    @property
    def sw_version(self) -> str | None:
        """Return its firmware."""
        return self.metadata.sw_version

    @property
    def lamps(self) -> list[dict[str, Any]]:
        """Return what its lamps can do and do, for diagnostics."""
        return [
            {"can": asdict(one.can), "reachable": one.reachable} | asdict(one.state)
            for one in self.lights
        ]

    @property
    def buttons(self) -> tuple[int, ...]:
        """Return the numbers of its buttons."""
        numbers = (button for one in self.sensors for button in one.buttons)
        return tuple(dict.fromkeys(numbers))

    @property
    def measures(self) -> dict[str, Value]:
        """Return what its sensors tell, by kind."""
        return {one.kind: one.value for one in self.sensors}

    @property
    def connection(self) -> str | None:
        """Return how the bridge reaches it, None if the bridge does not say."""
        told = [one.connection for one in self.lights]
        told += [one.connection for one in self.sensors]
        return next((one for one in told if one is not None), None)

    @property
    def resource_ids(self) -> tuple[str, ...]:
        """Return where API v2 knows it; two channels of a controller are two there."""
        ids = [one.metadata.device for one in self.lights]
        ids += [one.metadata.device for one in self.sensors]
        return tuple(dict.fromkeys(filter(None, ids)))

    @property
    def power_on(self) -> str | None:
        """Return what its lamps do when they get power, if all do the same."""
        presets = {one.power_on for one in self.lights if one.power_on is not None}
        return presets.pop() if len(presets) == 1 else None

    @property
    def has_battery(self) -> bool:
        """Return whether it runs on a battery."""
        return any(one.has_battery for one in self.sensors)

    @property
    def battery(self) -> int | None:
        """Return its battery's charge in percent."""
        told = (one.battery for one in self.sensors)
        return next((one for one in told if one is not None), None)

    @property
    def update_available(self) -> bool | None:
        """Return whether firmware waits for one of its lamps."""
        told = [one.update_available for one in self.lights]
        return None if None in told else any(told)

    def light(self, key: str) -> Light | None:
        """Return the lamp of a key."""
        return dict(zip(self.light_keys, self.lights, strict=True)).get(key)

    def with_changes(self, number: str, taken: Mapping[str, Any]) -> Device:
        """Return the device after its light of this number took a command."""
        lights = tuple(
            replace(one, state=one.state.with_changes(taken, one.can))
            if one.number == number
            else one
            for one in self.lights
        )
        return replace(self, lights=lights)

    def with_light(self, light: Light) -> Device:
        """Return the device with a lamp that was read anew."""
        lights = tuple(
            light if one.number == light.number else one for one in self.lights
        )
        return replace(self, lights=lights)
