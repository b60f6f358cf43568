"""What happens in the house without the client: people, lamps, buttons."""

from typing import Any
from uuid import uuid4

from simulator.service import control

from . import items, lightstate
from .accessories import button_code
from .answers import Json
from .api_v1 import ApiV1
from .config import merge
from .house import room, scene
from .lamps import lamp, mac


class Controls(ApiV1):
    """The control methods; `number` is the v1 number of a lamp, group or sensor."""

    @control
    def press_link_button(self) -> None:
        """Let applications register for the next 30 seconds."""
        self.pressed_at = self.clock.time()

    @control
    def register(self, name: str) -> str:
        """Let somebody else's application in; return its key."""
        key = self.whitelist.generated()
        self.whitelist.add(key, name, self.stamp())
        return key

    @control
    def deregister(self, key: str) -> None:
        """Remove an application by its key or, for the first of it, its name."""
        entries = self.whitelist.entries
        named = [other for other, entry in entries.items() if entry["name"] == key]
        self.whitelist.remove(key if key in entries else [*named, key][0])

    @control
    def revoke(self, key: str | None = None) -> None:
        """Let an application in no more; without a key, none at all."""
        for entry in [key] if key is not None else list(self.whitelist.entries):
            self.whitelist.remove(entry)

    @control
    def set_config(self, **values: Any) -> None:
        """Change parts of the config, nested ones too: swupdate2={"bridge": {…}}."""
        merge(self.config, values)

    @control
    def new_certificate(self) -> str:
        """Show a new certificate from the next connection on; return its SHA-256."""
        self.show(self._new_certificate())
        return self.certificate_sha256 or ""

    @control
    def set_light(self, number: str, **state: Any) -> None:
        """Let somebody switch a lamp, or `reachable=False` lose it."""
        light = self.house.lights[str(number)]
        if unknown := state.keys() - light["state"].keys():
            msg = f"light {number} has no {sorted(unknown)}"
            raise ValueError(msg)
        with self.announcing(f"/lights/{number}"):
            lightstate.apply(light, state, while_off=True)

    @control
    def set_group(self, number: str, **action: Any) -> None:
        """Let somebody command all lamps of a group."""
        self.act_on_group(str(number), action, None)

    @control
    def recall_scene(self, scene: str) -> None:
        """Let somebody recall a scene."""
        self.act_on_group(self.house.scenes[scene].get("group", "0"), {}, scene)

    @control
    def change(self, collection: str, number: str, **values: Any) -> None:
        """Change parts of a resource of "lights", "groups", … in its v1 JSON."""
        with self.announcing(f"/{collection}/{number}"):
            merge(getattr(self.house, collection)[str(number)], values)

    @control
    def add_light(
        self,
        kind: str = "extended_color",
        name: str | None = None,
        group: str | None = None,
        uniqueid: str | None = None,
    ) -> str:
        """Add a lamp of a kind in `lamps.KINDS`; return its number."""
        number = self.house.free_number("lights")
        own = uniqueid or f"{mac(0xE00000 + int(number))}-0b"
        with self.announcing(whole=True):
            self.house.lights[number] = lamp(kind, name or f"Lamp {number}", own)
            if group is not None:
                self.house.groups[group]["lights"].append(number)
        return number

    @control
    def remove_light(self, number: str) -> None:
        """Remove a lamp, also from its groups and scenes."""
        number = str(number)
        with self.announcing(whole=True):
            self.forget_light(number)
            del self.house.lights[number]

    def forget_light(self, number: str) -> None:
        """Take a lamp out of its groups and scenes."""
        for group in self.house.groups.values():
            if number in group["lights"]:
                group["lights"].remove(number)
        for held in self.house.scenes.values():
            if number in held["lights"]:
                held["lights"].remove(number)
                held["lightstates"].pop(number, None)

    @control
    def add_group(self, name: str, lights: list[str], kind: str = "Room") -> str:
        """Add a room or zone; return its number."""
        number = self.house.free_number("groups")
        with self.announcing(whole=True):
            self.house.groups[number] = room(name, lights, kind=kind)
        return number

    @control
    def remove_group(self, number: str) -> None:
        """Remove a room or zone and its scenes."""
        number = str(number)
        scenes = self.house.scenes
        with self.announcing(whole=True):
            for scene in [key for key, s in scenes.items() if s.get("group") == number]:
                del scenes[scene]
            del self.house.groups[number]

    @control
    def add_scene(
        self, name: str, group: str | None, states: dict[str, Json], **more: Any
    ) -> str:
        """Add a scene of a group, or of lamps alone (None); return its id."""
        identifier = uuid4().hex[:15]
        with self.announcing(whole=True):
            self.house.scenes[identifier] = scene(name, group, states, **more)
        return identifier

    @control
    def remove_scene(self, scene: str) -> None:
        """Remove a scene."""
        with self.announcing(whole=True):
            del self.house.scenes[scene]

    @control
    def add_sensor(self, sensor: Json) -> str:
        """Add a sensor resource, given as v1 JSON; return its number."""
        number = self.house.free_number("sensors")
        with self.announcing(whole=True):
            self.house.sensors[number] = sensor
        return number

    @control
    def remove_sensor(self, number: str) -> None:
        """Remove a sensor resource."""
        with self.announcing(whole=True):
            del self.house.sensors[str(number)]

    @control
    def set_sensor(
        self, number: str, state: Json | None = None, config: Json | None = None
    ) -> None:
        """Let a sensor measure something; `lastupdated` follows by itself."""
        sensor = self.house.sensors[str(number)]
        with self.announcing(f"/sensors/{number}"):
            sensor["config"] |= config or {}
            if state:
                sensor["state"] |= {"lastupdated": self.stamp()} | state

    @control
    def press_button(
        self, sensor: str, button: int, event: str = "initial_press"
    ) -> None:
        """Let somebody press button 1…; `event` as in the device's `inputs`."""
        number = str(sensor)
        resource = self.house.sensors[number]
        code = button_code(resource, button, event)
        for shown in items.buttons(self.ids, number, resource, self.reports):
            if "button_report" in shown["button"]:  # v1 forgets it with the next press
                self.reports.setdefault(shown["id"], shown["button"]["button_report"])
        resource["state"] |= {"buttonevent": code, "lastupdated": self.stamp()}
        report = {"event": event, "updated": items.timestamp(self.clock.now())}
        own = items.button_id(self.ids, number, resource, button)
        self.reports[own] = report
        item = self.ids.item(
            f"/sensors/{number}",
            "button",
            resource,
            button={"button_report": report, "last_event": event},
        )
        self.publish("update", [item | {"id": own}])

    @control
    def turn_dial(
        self,
        sensor: str,
        steps: int,
        direction: str = "clock_wise",
        action: str = "start",
        duration: int = 400,
    ) -> None:
        """Let somebody turn a dial (or counter_clock_wise; a start or a repeat)."""
        number = str(sensor)
        resource = self.house.sensors[number]
        signed = {"clock_wise": steps, "counter_clock_wise": -steps}[direction]
        resource["state"] |= {
            "rotaryevent": {"start": 1, "repeat": 2}[action],
            "expectedrotation": signed,
            "expectedeventduration": duration,
            "lastupdated": self.stamp(),
        }
        report = {
            "action": action,
            "rotation": {"direction": direction, "steps": steps, "duration": duration},
            "updated": items.timestamp(self.clock.now()),
        }
        item = self.ids.item(
            f"/sensors/{number}",
            "relative_rotary",
            resource,
            relative_rotary=items.turned(report),
        )
        self.reports[item["id"]] = report
        self.publish("update", [item])

    @control
    def drop_streams(self) -> None:
        """Cut everybody's event stream."""
        self.streams.drop()

    @control
    def send_stream(self, text: str) -> None:
        """Send text over the event stream as it is, line ends included."""
        self.streams.send(text)
