"""API v1: what round bridges, emulators and old firmware speak."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
import math
from typing import Any

from ...transport import parsing
from ...transport.errors import BadAnswer, Refused
from ...transport.memo import Members, Same
from .command_queue import (
    GROUP_SPACING,
    LIGHT_SPACING,
    CommandQueue,
    CommandResult,
    Turns,
)
from .devices import LightKeys, join, light_id, new_keys
from .errors import errors_in, is_absent, is_nothing, members_of, named, object_in
from .http import HueHttp
from .models.group import ALL_LIGHTS, Group, Scene, all_lights
from .models.house import House
from .models.light import (
    COLORLOOP,
    FLASH_LONG,
    Capabilities,
    Light,
    LightCommand,
    LightFeatures,
    SceneRecall,
)
from .models.sensor import Sensor
from .v1_parser import BRIGHTEST, read_group, read_light, read_scene, read_state
from .v1_sensors import read_sensor

_LONGEST = 65535
"""Transition in tenths of a second."""


def to_bri(brightness: float) -> int:
    """Return Hue's 1 to 254 for 0 to 1."""
    return max(1, round(brightness * BRIGHTEST))


def state_body(command: LightCommand | SceneRecall) -> dict[str, Any]:
    """Return the v1 state or action of a command."""
    body: dict[str, Any] = {}
    if isinstance(command, SceneRecall):
        body["scene"] = command.scene_id
    else:
        body = _state(command)
    if command.transition is not None:
        body["transitiontime"] = min(_LONGEST, round(command.transition * 10))
    return body


def _state(command: LightCommand) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if command.on is not None:
        body["on"] = command.on
    if command.brightness is not None:
        body["bri"] = to_bri(command.brightness)
    if command.xy is not None:
        body["xy"] = [round(part, 4) for part in command.xy]
    elif command.kelvin:
        body["ct"] = math.floor(1e6 / command.kelvin + 1e-6)
    if command.effect is not None:
        body["effect"] = COLORLOOP if command.effect == COLORLOOP else "none"
    if command.flash is not None:
        body["alert"] = "lselect" if command.flash == FLASH_LONG else "select"
    return body


def _taken(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a bridge took of a command, in neutral units."""
    state = read_state(values)
    collections = {
        "on": state.on,
        "brightness": state.brightness,
        "kelvin": state.kelvin,
        "xy": state.xy,
        "effect": state.effect,
        "sensitivity": parsing.as_int(values.get("sensitivity")),
    }
    return {key: value for key, value in collections.items() if value is not None}


class V1Client:
    """Reads one bridge and gives it commands."""

    def __init__(self, http: HueHttp) -> None:
        """Initialize without any request."""
        self._http = http
        # Device ids; what the bridge says of their connection is not trusted.
        self.always_reachable: Collection[str] = ()
        self.light_turns = Turns(LIGHT_SPACING)
        self.group_turns = Turns(GROUP_SPACING)
        self._lights = CommandQueue(self._put_light, self.light_turns)
        self._groups = CommandQueue(self._put_group, self.group_turns)
        self.present_collections: set[str] = set()
        self._collections: dict[str, Members[Any]] = {}
        self._house: Same[House] = Same()
        self._can: Mapping[str, Capabilities] = {}

    async def _read[ResourceT](
        self,
        name: str,
        read: Callable[[str, Mapping[str, Any]], ResourceT | None],
        *of: object,
    ) -> dict[str, ResourceT]:
        """Return what can be read of a collection, by number.

        What did not change, nor what it is read with (`of`), is the same object again.
        """
        path = f"{self._http.path}/{name}"
        members: Members[ResourceT] = self._collections.setdefault(name, Members())
        # Early firmware and emulators do not have all of them.
        is_needed = name == "lights" or name in self.present_collections
        try:
            answer = await self._http.request(name, "GET", path)
            if not is_needed and is_nothing(answer):
                return members.take(b"{}", dict, read, *of)
            resources = members.take(
                answer.body, lambda: named(name, object_in(answer)), read, *of
            )
        except Refused as err:
            if is_needed or not is_absent(err):
                raise
            return members.take(b"{}", dict, read, *of)
        self.present_collections.add(name)
        return resources

    async def get_lights(self) -> dict[str, Light]:
        """Return all lights by number."""
        return await self._read("lights", read_light)

    async def get_groups(self, lights: Mapping[str, Light]) -> dict[str, Group]:
        """Return rooms and zones of known lights by number."""
        # What a light does now is nothing to the rooms that it is in.
        now = {number: light.can for number, light in lights.items()}
        can = self._can = self._can if now == self._can else now
        return await self._read(
            "groups", lambda key, group: read_group(key, group, can), can
        )

    async def get_sensors(self) -> dict[str, Sensor]:
        """Return all sensor resources by number."""
        return await self._read("sensors", read_sensor)

    async def get_scenes(self) -> tuple[Scene, ...]:
        """Return the scenes that people made."""
        return tuple((await self._read("scenes", read_scene)).values())

    async def get_house(self, bridge_id: str, keys: LightKeys = new_keys) -> House:
        """Return what the bridge has, in three requests.

        One after the other: that leaves the bridge time for other applications.
        """
        lights = await self.get_lights()
        groups = await self.get_groups(lights)
        sensors = await self.get_sensors()

        def house() -> House:
            shown = {
                number: replace(light, reachable=None)
                if light_id(bridge_id, light) in self.always_reachable
                else light
                for number, light in lights.items()
            }
            measured = [
                replace(sensor, reachable=None)
                if f"hue:{sensor.device_key}" in self.always_reachable
                else sensor
                for sensor in sensors.values()
            ]
            return House(
                devices=join(bridge_id, shown.values(), measured, keys),
                groups={
                    f"hue:{bridge_id}:group:{number}": group.with_lights(shown)
                    for number, group in groups.items()
                },
                sensors=tuple(
                    sensor for sensor in measured if sensor.device_key is None
                ),
                all_lights=all_lights(shown.values()),
            )

        return self._house.of(b"", house, lights, groups, sensors)

    def get_features(self, _: Light) -> LightFeatures:
        """Return nothing: API v1 has capabilities alone."""
        return LightFeatures()

    async def set_light(self, light: Light, command: LightCommand) -> CommandResult:
        """Send a command to a light when its turn has come."""
        return await self._lights.send(light.number, command)

    async def set_group(self, group: Group, command: LightCommand) -> CommandResult:
        """Send a command to all lights of a group when its turn has come."""
        return await self._groups.send(group.number, command)

    async def recall(self, group: Group | None, recall: SceneRecall) -> CommandResult:
        """Recall a scene of a group, for all lights where the group is not known."""
        return await self._groups.send(group.number if group else ALL_LIGHTS, recall)

    async def configure(
        self, number: str, settings: Mapping[str, Any]
    ) -> CommandResult:
        """Set `enabled` or `sensitivity` of a motion sensor by its number."""
        config = dict(settings)
        if "enabled" in config:
            config["on"] = config.pop("enabled")
        path = f"sensors/{number}/config"
        result = await self._put("sensors/config", path, config)
        taken = dict(result.taken)
        if "on" in taken:
            taken["enabled"] = taken.pop("on")
        return CommandResult(taken, result.refused)

    async def _put_light(
        self, number: str, command: LightCommand | SceneRecall
    ) -> CommandResult:
        path = f"lights/{number}/state"
        return await self._put("lights/state", path, state_body(command))

    async def _put_group(
        self, number: str, command: LightCommand | SceneRecall
    ) -> CommandResult:
        path = f"groups/{number}/action"
        return await self._put("groups/action", path, state_body(command))

    async def _put(
        self, endpoint: str, path: str, body: Mapping[str, Any]
    ) -> CommandResult:
        """Send parameters; the bridge answers for each of them."""
        answer = await self._http.request(
            endpoint, "PUT", f"{self._http.path}/{path}", json=body
        )
        members = members_of(answer)
        if members is None:
            raise BadAnswer(endpoint, "not an array")
        taken = {
            address.rpartition("/")[2]: value
            for member in members
            for address, value in parsing.as_dict(member.get("success")).items()
        }
        return CommandResult(_taken(taken), tuple(errors_in(endpoint, members)))
