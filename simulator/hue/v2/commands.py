"""What the bridge does with a PUT of API v2, type by type."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.hue import accessories, lightstate
from simulator.hue.answers import Json
from simulator.hue.controls import Controls

from . import lights, lit, sensors
from .json_data import merged
from .view import OWN, View
from .writable import FORBIDDEN, WRITABLE, missing, refusals

AREA_SCRIPT = "/v2/areas#behavior_script"


@dataclass(slots=True)
class Outcome:
    """How a command went: refused (400), or done with doubts (207)."""

    refused: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


class Commands(Controls):
    """The PUTs of API v2."""

    def key_of(self, view: View, resource: Json) -> str:
        """Return the key "path#kind" of a resource."""
        own = (key for key in self.house.v2 if key.startswith(OWN))
        for key in own:
            if self.ids.of_key(key) == resource["id"]:
                return key
        kind = resource["type"]
        paths = [*view.device_of, *view.members, "/bridge", "/groups/0"]
        paths += [f"/groups/{n}" for n in self.house.groups]
        paths += [f"/scenes/{n}" for n in self.house.scenes]
        paths += [f"/sensors/{n}" for n in self.house.sensors]
        for path in paths:
            if self.ids.of(path, kind) == resource["id"]:
                return f"{path}#{kind}"
        return f"{resource.get('id_v1', '')}#{kind}"

    def patch(self, key: str, features: Json) -> None:
        """Change features of a resource that API v2 alone knows."""
        self.house.v2[key] = merged(self.house.v2.get(key, {}), features)

    def command(self, resource: Json, body: Json) -> Outcome:
        """Do what a PUT says."""
        kind = resource["type"]
        features = {k: v for k, v in body.items() if k != "type"}
        wrong = refusals(features, WRITABLE.get(kind, {}))
        if not wrong:
            wrong = missing(kind, features)
        if wrong:
            return Outcome(refused=wrong)
        for name in FORBIDDEN.get(kind, ()):
            if name in features:
                self.violation(f"PUT of {name} to {kind}")
        view = self.view()
        path = self.key_of(view, resource).partition("#")[0]
        handlers: dict[str, Callable[[str, Json, Json], Outcome]] = {
            "light": self._command_light,
            "grouped_light": self._command_group,
            "device": self._command_device,
            "room": self._command_place,
            "zone": self._command_place,
            "scene": self._command_scene,
            "smart_scene": self._command_smart_scene,
            "motion": self._command_sensor,
            "temperature": self._command_sensor,
            "light_level": self._command_sensor,
            "behavior_instance": self._command_automation,
            "switch_input_configuration": self._command_inputs,
            "entertainment_configuration": self._command_entertainment,
            "speaker": self._command_speaker,
            "geofence_client": self._command_geofence,
        }
        handler = handlers.get(kind, self._command_other)
        return handler(path, resource, features)

    def _command_light(self, path: str, shown: Json, body: Json) -> Outcome:
        number = path.split("/")[2]
        light = self.house.lights[number]
        wrong = lit.impossible(shown, light, body)
        if wrong:
            return Outcome(refused=wrong)
        for text in lit.misuse(body, light):
            self.violation(text)
        doubts = lit.doubts(light, body)
        with self.announcing(path):
            lit.command(self.house, number, shown, body)
        return Outcome(doubts=doubts)

    def _command_group(self, path: str, _: Json, body: Json) -> Outcome:
        for text in lit.misuse(body):
            self.violation(text)
        if path.startswith("/scenes/"):
            members = self.house.scenes[path.split("/")[2]]["lights"]
        else:
            members = self.house.members(path.split("/")[2])
        doubts = lit.group_doubts(self.house, members, body)
        shown = self.view().everything()
        with self.announcing(*(f"/lights/{member}" for member in members)):
            for member in members:
                resource = shown[self.ids.of(f"/lights/{member}", "light")]
                lit.command(self.house, member, resource, body)
        return Outcome(doubts=doubts)

    def _command_device(self, path: str, resource: Json, body: Json) -> Outcome:
        if "identify" in body:
            self.identified.append(resource["id"])
        name = body.get("metadata", {}).get("name")
        if path == "/bridge":
            with self.announcing(whole=True):
                self.config["name"] = name or self.config["name"]
        elif path.startswith(OWN):
            features: Json = {k: body[k] for k in ("metadata", "usertest") if k in body}
            with self.announcing(path):
                self.patch(f"{path}#device", features)
        elif name is not None:
            primary = resource["id_v1"]
            with self.announcing(primary):
                self.view().v1(primary)["name"] = name
        return Outcome()

    def _command_place(self, path: str, _: Json, body: Json) -> Outcome:
        number = path.split("/")[2]
        group = self.house.groups[number]
        with self.announcing(whole=True):
            group["name"] = body.get("metadata", {}).get("name", group["name"])
            if "children" in body:
                self.place_children(number, body["children"])
        return Outcome()

    def place_children(self, number: str, children: list[Json]) -> None:
        """Put other lamps and devices into a room or zone."""
        view = self.view()
        rids = {child["rid"] for child in children}
        lamps = [
            path.split("/")[2]
            for path, device in view.device_of.items()
            if path.startswith("/lights/")
            and rids & {self.ids.of(path, "light"), self.ids.of(device, "device")}
        ]
        self.house.groups[number]["lights"] = lamps
        self.house.placed[number] = [
            key for key in view.devices() if self.ids.of_key(key) in rids
        ]

    def _command_scene(self, path: str, _: Json, body: Json) -> Outcome:
        identifier = path.split("/")[2]
        stored_features: Json = {
            k: body[k] for k in ("speed", "auto_dynamic", "palette") if k in body
        }
        with self.announcing(path):
            name = body.get("metadata", {}).get("name")
            self.house.scenes[identifier]["name"] = (
                name or self.house.scenes[identifier]["name"]
            )
            if stored_features:
                self.patch(f"{path}#scene", stored_features)
        if "recall" in body:
            recall = body["recall"]
            action = recall.get("action", "active")
            playing = action == "dynamic_palette" or (
                action == "active"
                and self.house.v2.get(f"{path}#scene", {}).get("auto_dynamic", False)
            )
            state: Json = {}
            if "dimming" in recall:
                state = lights.state_of({"dimming": recall["dimming"]})
            if "duration" in recall:
                state["transitiontime"] = round(recall["duration"] / 100)
            self.recall(identifier, state, is_playing=playing)
        return Outcome()

    def recall(
        self, identifier: str, state: Json | None = None, *, is_playing: bool = False
    ) -> None:
        """Recall a scene; `state` goes to all of its lamps, which it may play with."""
        stored = self.house.scenes[identifier]
        lamps = [lamp for lamp in stored["lightstates"] if lamp in self.house.lights]
        with self.announcing(
            *(f"/lights/{lamp}" for lamp in lamps), recalled=identifier
        ):
            for lamp in lamps:
                wanted = stored["lightstates"][lamp] | (state or {})
                lightstate.apply(self.house.lights[lamp], wanted)
        if is_playing:
            playing = {"status": "dynamic_palette", "speed": 0.5, "speed_valid": True}
            paths = [f"/lights/{lamp}" for lamp in lamps]
            with self.announcing(*paths, f"/scenes/{identifier}"):
                self.patch(
                    f"/scenes/{identifier}#scene",
                    {"status": {"active": "dynamic_palette"}},
                )
                for path in paths:
                    if "xy" in self.view().v1(path)["state"]:
                        self.patch(f"{path}#light", {"dynamics": playing})

    def _command_smart_scene(self, path: str, resource: Json, body: Json) -> Outcome:
        if "recall" in body:
            self.run_smart_scene(path, is_active=body["recall"]["action"] == "activate")
        features = {k: v for k, v in body.items() if k != "recall"}
        with self.announcing(path):
            self.patch(f"{path}#smart_scene", features)
        return Outcome()

    def run_smart_scene(self, path: str, *, is_active: bool) -> None:
        """Start or end a smart scene; the scene of its present slot comes with it."""
        key = f"{path}#smart_scene"
        with self.announcing(path):
            self.patch(key, {"state": "active" if is_active else "inactive"})
        stored = self.house.v2[key]
        slot = stored.get("active_timeslot", {}).get("timeslot_id")
        slots = stored["week_timeslots"][0]["timeslots"]
        if is_active and slot is not None and slot < len(slots):
            target = slots[slot]["target"]["rid"]
            if target.startswith("/scenes/"):
                self.recall(target.partition("#")[0].split("/")[2])

    def _command_sensor(self, path: str, _: Json, body: Json) -> Outcome:
        config = self.house.sensors[path.split("/")[2]]["config"]
        if "sensitivity" in body and "sensitivitymax" not in config:
            return Outcome(refused=["property (.sensitivity) is not supported"])
        with self.announcing(path):
            config["on"] = body.get("enabled", config["on"])
            if "sensitivity" in body:
                config["sensitivity"] = body["sensitivity"]["sensitivity"]
        return Outcome()

    def _command_automation(self, path: str, resource: Json, body: Json) -> Outcome:
        state = resource.get("state") or {}
        wanted = body.get("trigger")
        areas = self.ids.of_key(AREA_SCRIPT)
        if resource["script_id"] == areas and "enabled" in body:
            return Outcome(refused=["property (.enabled) may not be changed"])
        features = {k: v for k, v in body.items() if k != "trigger"}
        if "enabled" in body:
            features["status"] = "running" if body["enabled"] else "disabled"
        if wanted is not None:
            actions = {"start": "started", "stop": "stopped"}
            named = [n for n in actions if isinstance(wanted, dict) and n in wanted]
            if "pm_state" not in state or not named:
                return Outcome(refused=["trigger is not supported"])
            features["state"] = {"pm_state": actions[named[0]]}
        with self.announcing(path):
            self.patch(f"{path}#behavior_instance", features)
        return Outcome()

    def _command_inputs(self, path: str, _: Json, body: Json) -> Outcome:
        """Change a wall module's mode: its buttons are removed and others come."""
        sensor = self.house.sensors[path.split("/")[2]]
        names = {v2: v1 for v1, v2 in sensors.MODES.items()}
        mode = names[body["switch_mode"]["mode"]]
        with self.announcing(path):
            sensor["config"]["devicemode"] = mode
            sensor["capabilities"]["inputs"] = []
        with self.announcing(path):
            sensor["capabilities"]["inputs"] = accessories.wall_inputs(mode)
        return Outcome()

    def _command_entertainment(self, path: str, _: Json, body: Json) -> Outcome:
        group = self.house.groups[path.split("/")[2]]
        if body.get("action") == "start":
            self.violation("PUT of start to entertainment_configuration")
            return Outcome(refused=["streaming needs a DTLS connection"])
        with self.announcing(path):
            group["name"] = body.get("metadata", {}).get("name", group["name"])
        if "action" in body:
            self.stream_entertainment(path.split("/")[2], is_active=False)
        return Outcome()

    def stream_entertainment(self, number: str, *, is_active: bool) -> None:
        """Begin or end the streaming to an entertainment area."""
        group = self.house.groups[number]
        mode = "streaming" if is_active else "homeautomation"
        lamps = [light for light in group["lights"] if light in self.house.lights]
        with self.announcing(f"/groups/{number}", *(f"/lights/{n}" for n in lamps)):
            group["stream"] = group.get("stream", {}) | {"active": is_active}
            for lamp in lamps:
                self.house.lights[lamp]["state"]["mode"] = mode

    def _command_speaker(self, path: str, resource: Json, body: Json) -> Outcome:
        features: Json = {}
        for name, value in body.items():
            if name == "mute":
                features["mute"] = value
            elif value.get("sound") not in resource.get(name, {}).get(
                "sound_values", []
            ):
                return Outcome(refused=[f"property (.{name}.sound) is not supported"])
            else:
                features[name] = {"status": {"sound": value["sound"]}}
        with self.announcing(path):
            self.patch(f"{path}#speaker", features)
        return Outcome()

    def _command_geofence(self, path: str, _: Json, body: Json) -> Outcome:
        with self.announcing(path):
            if path.startswith(OWN):
                named = {k: v for k, v in body.items() if k == "name"}
                self.patch(f"{path}#geofence_client", named)
            else:
                sensor = self.house.sensors[path.split("/")[2]]
                sensor["name"] = body.get("name", sensor["name"])
        return Outcome()

    def _command_other(self, path: str, resource: Json, body: Json) -> Outcome:
        """Take over what only API v2 knows, as it was written."""
        with self.announcing(path):
            self.patch(f"{path}#{resource['type']}", body)
        return Outcome()

    def remove(self, key: str) -> None:
        """Remove a device, room, zone or scene with all that belongs to it."""
        path, _, kind = key.partition("#")
        with self.announcing(whole=True):
            if path.startswith("/v2/"):
                for stored in [k for k in self.house.v2 if k.partition("#")[0] == path]:
                    del self.house.v2[stored]
            elif kind == "device":
                for member in self.view().members[path]:
                    _, collection, number = member.split("/")
                    if collection == "lights":
                        self.forget_light(number)
                    del getattr(self.house, collection)[number]
            else:
                _, collection, number = path.split("/")
                held: dict[str, Any] = getattr(self.house, collection)
                del held[number]
                if collection == "groups":
                    scenes = self.house.scenes
                    for scene in [
                        k for k, s in scenes.items() if s.get("group") == number
                    ]:
                        del scenes[scene]
