"""API v2: what square bridges and the Bridge Pro speak."""

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from http import HTTPStatus
import logging
import math
from typing import Any

from ...transport import parsing
from ...transport.errors import Refused
from .command_queue import Command, CommandQueue, CommandResult
from .devices import LightKeys, new_keys
from .http import HueHttp
from .models.group import Group
from .models.house import House
from .models.light import (
    COLORLOOP,
    EFFECT_OFF,
    FLASH_LONG,
    Light,
    LightCommand,
    LightFeatures,
    SceneRecall,
)
from .v1 import V1Client
from .v2_events import V2Events
from .v2_parser import (
    EFFECTS,
    NO_EFFECT,
    Resource,
    get_dict,
    parse_effect,
    parse_effects,
)
from .v2_resources import V2Resources
from .v2_settings import setting_body

_LOGGER = logging.getLogger("custom_components.lantern")
_LONGEST_MS = 6_000_000
_LONGEST_EFFECT_MS = 21_600_000
_USUAL_EFFECT_SECONDS = 600.0
_LOWEST_PERCENT = 1.0


def _milliseconds(seconds: float, longest: int = _LONGEST_MS) -> int:
    return min(longest, max(0, round(seconds * 10) * 100))


def _colour(xy: tuple[float, float]) -> dict[str, Any]:
    return {"color": {"xy": {"x": round(xy[0], 4), "y": round(xy[1], 4)}}}


def command_body(
    command: LightCommand, lowest: float = 0.0, light: Resource | None = None
) -> dict[str, Any]:
    """Return the body of a PUT for a light or group; an off carries nothing else."""
    body: dict[str, Any] = {}
    if command.on is not None:
        body["on"] = {"on": command.on}
    if command.transition is not None:
        body["dynamics"] = {"duration": _milliseconds(command.transition)}
    if command.on is False:
        return body
    if command.brightness is not None:
        percent = max(lowest, round(command.brightness * 100, 2))
        body["dimming"] = {"brightness": percent}
    if command.xy is not None:
        body |= _colour(command.xy)
    elif command.kelvin:
        mired = math.floor(1e6 / command.kelvin + 1e-6)
        body["color_temperature"] = {"mirek": mired}
    if command.gradient is not None:
        points = [_colour(point) for point in command.gradient]
        mode = {} if command.gradient_mode is None else {"mode": command.gradient_mode}
        body["gradient"] = {"points": points, **mode}
    if command.effect is not None and light is not None:
        _add_effect(body, command, light)
    return body


def _effects(light: Resource, *path: str) -> tuple[str, ...]:
    """Return the effects that a light can play, by a feature."""
    return parse_effects(get_dict(light, *path).get("effect_values"))


def _add_effect(body: dict[str, Any], command: LightCommand, light: Resource) -> None:
    """Add an effect to a body, or the end of the one that runs.

    Bridges ignore an effect beside a colour or a transition, so a colour becomes the
    effect's own where the light can, and the transition a timed effect's duration.
    """
    effect = command.effect
    if effect == EFFECT_OFF:
        # The end of an effect that does not run makes bridges ignore the rest.
        for name in EFFECTS:
            if parse_effect({name: light.get(name)}) is not None:
                body[name] = {"effect": NO_EFFECT}
        return
    body.pop("dynamics", None)
    given = ("color", "color_temperature")
    parameters = {name: body.pop(name) for name in given if name in body}
    if command.effect_speed is not None:
        parameters["speed"] = command.effect_speed
    if effect in _effects(light, "timed_effects"):
        seconds = command.transition
        duration = _milliseconds(
            _USUAL_EFFECT_SECONDS if seconds is None else seconds, _LONGEST_EFFECT_MS
        )
        body["timed_effects"] = {"effect": effect, "duration": duration}
    elif parameters and effect in _effects(light, "effects_v2", "action"):
        action = {"effect": effect, "parameters": parameters}
        body["effects_v2"] = {"action": action}
    else:
        body["effects"] = {"effect": effect}


def recall_body(recall: SceneRecall) -> dict[str, Any]:
    """Return the body of a PUT that recalls a scene, or ends a smart one."""
    if recall.is_smart:
        action = "deactivate" if recall.is_end else "activate"
        return {"recall": {"action": action}}
    actions = {None: "active", True: "dynamic_palette", False: "static"}
    content: dict[str, Any] = {"action": actions[recall.dynamic]}
    if recall.transition is not None:
        content["duration"] = _milliseconds(recall.transition)
    if recall.brightness is not None:
        content["dimming"] = {"brightness": round(recall.brightness * 100, 2)}
    # The speed is the stored scene's; a recall has none of its own.
    speed = {} if recall.speed is None else {"speed": recall.speed}
    return {**speed, "recall": content}


class V2Client:
    """Reads one bridge and gives it commands; `resources` is what it has."""

    def __init__(
        self, http: HueHttp, v1: V1Client, stored_ids: MutableMapping[str, Any]
    ) -> None:
        """Initialize without any request."""
        self.resources = resources = V2Resources(stored_ids)
        self.events = V2Events(resources)
        self._http = http
        self._v1 = v1
        self._verified: set[str] = set()
        self._lights = CommandQueue(self._put_light, v1.light_turns)
        self._groups = CommandQueue(self._put_group, v1.group_turns)

    async def read(self) -> set[str]:
        """Read all resources; return the ids of those that show something else now."""
        with self.resources.store.reading():
            return self.resources.replace(await self._http.get_v2("resource"))

    async def check(self) -> None:
        """Prove that the bridge answers, in a small request."""
        await self._http.get_v2("bridge", "/bridge")

    async def learn_unique_ids(self) -> None:
        """Read v1 unique ids if some are missing."""
        missing = self.resources.ids.missing(self._verified)
        if missing:
            lights = await self._v1.get_lights()
            self.resources.ids.learn(lights, await self._v1.get_sensors())
            self._verified |= missing

    def get_house(self, bridge_id: str, keys: LightKeys = new_keys) -> House:
        """Return what the bridge has, as it was read and as events changed it."""
        return self.resources.get_house(bridge_id, keys)

    def get_features(self, light: Light) -> LightFeatures:
        """Return what a light can do beside its capabilities."""
        resource = self.resources.store.by_id.get(light.resource_id, {})
        gradient = get_dict(resource, "gradient")
        return LightFeatures(
            tunable_effects=_effects(resource, "effects_v2", "action"),
            timed_effects=_effects(resource, "timed_effects"),
            gradient_points=parsing.as_int(gradient.get("points_capable")) or 0,
            gradient_modes=parse_effects(gradient.get("mode_values")),
        )

    async def set_light(self, light: Light, command: LightCommand) -> CommandResult:
        """Send a command to a light when its turn has come."""
        rid, colorloops = light.resource_id, self.resources.colorloops
        if command.effect == COLORLOOP or (command.effect and rid in colorloops):
            # Only API v1 has this effect.
            if command.effect in (COLORLOOP, EFFECT_OFF):
                result = await self._v1.set_light(light, command)
            else:
                await self._v1.set_light(light, LightCommand(effect=EFFECT_OFF))
                result = await self._lights.send(rid, command)
            self._note_loop(command, rid)
            return result
        return await self._lights.send(rid, command)

    def _note_loop(self, command: LightCommand, *lights: str) -> None:
        """Remember which lights are in the effect that API v2 does not tell of."""
        colorloops = self.resources.colorloops
        colorloops.difference_update(lights)
        if command.effect == COLORLOOP:
            by_id = self.resources.store.by_id
            colorloops.update(rid for rid in lights if "color" in by_id.get(rid, {}))

    async def set_group(self, group: Group, command: LightCommand) -> CommandResult:
        """Send a command to all lights of a group when its turn has come."""
        if command.effect or not group.resource_id:
            result = await self._v1.set_group(self.resources.ids.in_v1(group), command)
            if command.effect:
                lights = self.resources.members.get(group.resource_id, ())
                self._note_loop(command, *lights)
            return result
        return await self._groups.send(group.resource_id, command)

    async def recall(self, group: Group | None, recall: SceneRecall) -> CommandResult:
        """Recall a scene; one that only API v1 has, by that."""
        if not recall.resource_id:
            return await self._v1.recall(group, recall)
        return await self._groups.send(group.resource_id if group else "", recall)

    async def configure(
        self, number: str, settings: Mapping[str, Any]
    ) -> CommandResult:
        """Give a resource settings by its id; `setting_body` knows their names."""
        resources = self.resources
        if "sensitivity" in settings:
            number = resources.area_service(number)
        if (resource := resources.store.by_id.get(number)) is None:
            raise Refused("clip", HTTPStatus.NOT_FOUND, "not found")
        body = setting_body(resource, settings)
        await self._put(f"/{resource['type']}/{number}", body)
        return CommandResult({}, parts=self.events.apply_command(number, body))

    async def _put(self, path: str, body: Mapping[str, Any]) -> None:
        for doubt in await self._http.put_v2(path, body):
            _LOGGER.debug("The Hue bridge has doubts about a command: %s", doubt)

    def _lowest(self, rid: str) -> float:
        """Return the lowest brightness that a light of another maker stays lit at."""
        light = self.resources.store.by_id.get(rid, {})
        device = self.resources.store.by_id.get(
            self.resources.store.owners.get(rid, ""), {}
        )
        is_certified = get_dict(device, "product_data").get("certified") is not False
        is_known = is_certified or "min_dim_level" in get_dict(light, "dimming")
        return 0.0 if is_known else _LOWEST_PERCENT

    async def _put_light(self, rid: str, command: Command) -> CommandResult:
        assert isinstance(command, LightCommand)
        light = self.resources.store.by_id.get(rid, {})
        body = command_body(command, self._lowest(rid), light)
        if command.flash is None or len(body) > 1:
            await self._put(f"/light/{rid}", body)
        if command.flash == FLASH_LONG:
            await self._put(f"/light/{rid}", {"alert": {"action": "breathe"}})
        elif command.flash is not None and rid in self.resources.store.owners:
            identify = {"identify": {"action": "identify"}}
            await self._put(f"/device/{self.resources.store.owners[rid]}", identify)
        return self._taken(command, rid)

    async def _put_group(self, rid: str, command: Command) -> CommandResult:
        if isinstance(command, SceneRecall):
            kind = "smart_scene" if command.is_smart else "scene"
            await self._put(f"/{kind}/{command.resource_id}", recall_body(command))
            return CommandResult({})
        body = command_body(command)
        if command.flash is None or len(body) > 1:
            await self._put(f"/grouped_light/{rid}", body)
        if command.flash is not None:
            await self._put(f"/grouped_light/{rid}", {"alert": {"action": "breathe"}})
        return self._taken(command, *self.resources.members.get(rid, ()))

    def _taken(self, command: LightCommand, *lights: str) -> CommandResult:
        """Note what lights were told, until events say more; return it."""
        taken = command.as_dict()
        for part in ("transition", "flash"):
            taken.pop(part, None)
        told = command_body(replace(command, effect=None))
        told.pop("dynamics", None)
        if command.effect is not None or told.keys() & {"color", "color_temperature"}:
            taken.setdefault("effect", EFFECT_OFF)
            told |= {name: {"status": NO_EFFECT} for name in EFFECTS}
        if "color_temperature" in told:
            told["color_temperature"]["mirek_valid"] = True
        elif "color" in told:
            told["color_temperature"] = {"mirek_valid": False}
        for rid in lights:
            if (light := self.resources.store.by_id.get(rid)) is not None:
                can_do = {key: part for key, part in told.items() if key in light}
                for name in EFFECTS:
                    if command.effect in _effects(light, name):
                        can_do[name] = {"status": command.effect}
                self.resources.store.merge(rid, can_do)
        return CommandResult(taken)
