"""What happens in the house that only API v2 tells of."""

from typing import Any

from simulator.hue import items
from simulator.hue.answers import Json
from simulator.hue.house import House
from simulator.service import control

from .commands import Commands


class ControlsV2(Commands):
    """The control methods of API v2.

    `name` is what a device, area or automation is called in its key:
    "back-door" of "/v2/back-door#contact".
    """

    def now(self) -> str:
        """Return the bridge's time as API v2 writes it."""
        return items.timestamp(self.clock.now())

    def v2_id(self, key: str) -> str:
        """Return the id of a resource by its key, such as "/lights/1#light"."""
        return self.ids.of_key(key)

    def v2(self, key: str) -> Json:
        """Return a resource as API v2 shows it, by its key."""
        return self.view().everything()[self.ids.of_key(key)]

    @control
    def change_v2(self, key: str, **features: Any) -> None:
        """Change features of a resource as it is shown: nulls, odd values and so on.

        "<absent>" takes a feature away. What v1 knows of it stays as it is.
        """
        path = key.partition("#")[0]
        with self.announcing(path):
            self.house.v2[key] = _stored(self.house.v2.get(key, {}), features)

    @control
    def set_contact(self, name: str, *, is_open: bool) -> None:
        """Open or close what a contact sensor watches."""
        state = "no_contact" if is_open else "contact"
        report = {"changed": self.now(), "state": state}
        self.change_v2(f"/v2/{name}#contact", contact_report=report)

    @control
    def set_tamper(self, name: str, *, is_tampered: bool) -> None:
        """Open or close a contact sensor's battery door."""
        state = "tampered" if is_tampered else "not_tampered"
        report = {"changed": self.now(), "source": "battery_door", "state": state}
        self.change_v2(f"/v2/{name}#tamper", tamper_reports=[report])

    @control
    def ring(self, name: str, event: str = "initial_press") -> None:
        """Let somebody ring; `event` "ring" has the shape of the published contract."""
        report = {"event": event, "updated": self.now()}
        button = {"button_report": report, "last_event": event}
        bell = (
            {"bell": {"bell_report": report}} if event == "ring" else {"button": button}
        )
        self.change_v2(f"/v2/{name}#bell_button", **bell)

    @control
    def set_camera_motion(self, name: str, *, is_moving: bool) -> None:
        """Let a camera see somebody, or nobody any more."""
        self._move(f"/v2/{name}#camera_motion", is_moving=is_moving)

    @control
    def set_area_motion(
        self, name: str, *, is_moving: bool, service: str = "convenience"
    ) -> None:
        """Let somebody move in a MotionAware area; `service` or "security" tells of it."""
        self._move(f"/v2/{name}#{service}_area_motion", is_moving=is_moving)

    def _move(self, key: str, *, is_moving: bool) -> None:
        report = {"changed": self.now(), "motion": is_moving}
        motion = {"motion": is_moving, "motion_valid": True, "motion_report": report}
        self.change_v2(key, motion=motion)

    @control
    def set_area(
        self, name: str, *, enabled: bool | None = None, health: str | None = None
    ) -> None:
        """Change a MotionAware area; its readings stay as they were last."""
        given = {"enabled": enabled, "health": health}
        wanted = {key: part for key, part in given.items() if part is not None}
        self.change_v2(f"/v2/{name}#motion_area_configuration", **wanted)

    @control
    def set_smart_scene(self, name: str, *, is_active: bool, slot: int = 0) -> None:
        """Let somebody start or end a smart scene, or time take it to another slot."""
        self.change_v2(f"/v2/{name}#smart_scene", active_timeslot={"timeslot_id": slot})
        self.run_smart_scene(f"/v2/{name}", is_active=is_active)

    @control
    def set_automation(self, name: str, **features: Any) -> None:
        """Change one of the app's automations: its enabled, status, state."""
        self.change_v2(f"/v2/{name}#behavior_instance", **features)

    @control
    def set_entertainment(self, number: str, *, is_active: bool) -> None:
        """Let somebody stream to an entertainment area (v1 number), or end it."""
        self.stream_entertainment(str(number), is_active=is_active)

    @control
    def finish_sounds(self, name: str) -> None:
        """Let a chime fall silent."""
        speaker = self.house.v2[f"/v2/{name}#speaker"]
        sounds = [sound for sound in ("alarm", "chime", "alert") if sound in speaker]
        silent = {sound: {"status": {"sound": "no_sound"}} for sound in sounds}
        self.change_v2(f"/v2/{name}#speaker", **silent)

    @control
    def set_effect(self, number: str, effect: str) -> None:
        """Let somebody start an effect of a lamp, or "no_effect" end it."""
        path = f"/lights/{number}"
        with self.announcing(path):
            shown = self.v2(f"{path}#light")
            status: Json = {"effects": {"status": effect}}
            if "effects_v2" in shown:
                status["effects_v2"] = {"status": {"effect": effect}}
            self.patch(f"{path}#light", status)

    @control
    def set_connection(self, key: str, status: str) -> None:
        """Change a device's connection, by its path: "/lights/1", "/v2/back-door"."""
        self.change_v2(f"{key}#zigbee_connectivity", status=status)

    @control
    def change_lamps(self, numbers: list[str], step: int = 1) -> None:
        """Let somebody dim many lamps at once, a little more at each call.

        Called ten times a second it is a busy house.
        """
        paths = [f"/lights/{number}" for number in numbers]
        with self.announcing(*paths):
            for number in numbers:
                state = self.house.lights[str(number)]["state"]
                if "bri" in state:
                    state["on"] = True
                    state["bri"] = (state["bri"] + step) % 254 + 1
                else:
                    state["on"] = not state["on"]

    @control
    def remove_resource(self, key: str) -> None:
        """Remove a device, room or scene by its key, "/v2/back-door#device"."""
        self.remove(key)

    @control
    def ghost_buttons(self) -> None:
        """Send all buttons and dials without a press, as bridges do that restart."""
        changes = []
        for resource in self.view().everything().values():
            if resource["type"] in ("button", "bell_button"):
                features = {"event_values", "repeat_interval"}
                button = {k: v for k, v in resource["button"].items() if k in features}
                changes.append(
                    _head(resource)
                    | {"metadata": resource["metadata"], "button": button}
                )
            elif resource["type"] == "relative_rotary":
                changes.append(_head(resource) | {"relative_rotary": {}})
        self.publish("update", changes)

    @control
    def update_unknown(self, kind: str = "grouped_light", number: int = 1) -> str:
        """Send an update of a resource that nobody knows; return its id."""
        rid = self.ids.of(f"/nowhere/{number}", kind)
        self.publish("update", [{"id": rid, "type": kind, "on": {"on": True}}])
        return rid

    @control
    def send_items(self, kind: str, items: list[Json]) -> None:
        """Send items in one container: kind update, add, delete or error."""
        self.publish(kind, items)

    @control
    def shape_stream(
        self,
        batch_seconds: float = 0.0,
        *,
        is_held: bool = False,
        is_split: bool = False,
        is_silent: bool = False,
    ) -> None:
        """Change how the event stream tells of changes (see `stream.Streams`)."""
        self.streams.batch_seconds = batch_seconds
        self.streams.is_held = is_held
        self.streams.is_split = is_split
        self.streams.is_silent = is_silent

    @control
    def flush_stream(self) -> None:
        """Send what was collected, as one message."""
        self.streams.flush()

    @control
    def repeat_message(self) -> None:
        """Send the last message a second time."""
        self.streams.repeat()

    @control
    def forget_messages(self) -> None:
        """Forget what was sent: `last-event-id` brings nothing back."""
        self.streams.forget()

    @control
    def overload(self, requests: int = -1, route: str = "*") -> None:
        """Answer requests to a route with a web page; -1: until `clear_faults`."""
        self.inject(route, "html", times=requests)

    @control
    def factory_reset(self) -> None:
        """Empty the bridge, as happens to the old one after a move."""
        self.revoke()
        self.config["factorynew"] = True
        self.house = House()
        self.streams.drop()


def _head(resource: Json) -> Json:
    return {k: resource[k] for k in ("id", "id_v1", "owner", "type") if k in resource}


def _stored(old: Json, features: Json) -> Json:
    """Return a patch with more features; it keeps what it takes away."""
    made = dict(old)
    for name, value in features.items():
        both = isinstance(value, dict) and isinstance(made.get(name), dict)
        made[name] = _stored(made[name], value) if both else value
    return made
