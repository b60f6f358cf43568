"""A Hue bridge's whole life, with a recognisable value in every field."""

from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant

from custom_components.lantern.const import DOMAIN
from simulator.hue import HueBridge
from tests.common import entity_id, go_on, pass_time, start_flow, submit
from tests.secrets.life import Secrets, read_bad_answers
from tests.secrets.watch import (
    ID,
    KEPT,
    NAME,
    Watch,
    Wire,
    numbered,
    reconfigure,
    remove_and_look,
)

from .conftest import (
    CONFIG,
    GROUPS,
    LIGHTS,
    POLL,
    PUT_LIGHT,
    SCENES,
    SENSORS,
    host_of,
    light_id,
)
from .test_repairs import recertify

SOON = 300
PEOPLE = {
    "bridge": "Qzbridge",
    "lamp": "Qzlamp",
    "room": "Qzroom",
    "scene": "Qzscene",
    "dial": "Qzdial",
    "phone": "qzphone",
    "bridge id": "001788fffe0a0b0c",
    "MAC": "00:17:88:0a:0b:0c",
    "lamp's address": "00:17:88:01:00:00:00:02",
    "address": "192.0.2.77",
}


class WireHue(Wire, HueBridge):
    """A bridge with a recognisable value for each of its people's fields."""

    @override
    def __init__(self) -> None:
        """Name everybody and everything."""
        super().__init__()
        self.set_config(name="Qzbridge", ipaddress="192.0.2.77")
        self.change("lights", "2", name="Qzlamp")
        self.change("groups", "1", name="Qzroom")
        self.change("scenes", next(iter(self.house.scenes)), name="Qzscene")
        for number, sensor in self.house.sensors.items():
            if sensor["type"] == "ZLLRelativeRotary":
                self.change("sensors", number, name="Qzdial")
        self.other = self.register("qzapp#qzphone")


async def press(
    hass: HomeAssistant, hue: HueBridge, result: Any, freezer: FrozenDateTimeFactory
) -> Any:
    """Press the button while the flow waits for it."""
    assert result["step_id"] == "hue_link"
    hue.press_link_button()
    await pass_time(hass, freezer, 1)
    return await go_on(hass, result)


async def live(
    hass: HomeAssistant,
    hue: WireHue,
    watch: Watch,
    freezer: FrozenDateTimeFactory,
    _: str,
) -> None:
    """Live through all that a bridge can meet."""
    typed = {"host": host_of(hue), "advanced": {}}
    hue.inject("GET /api/config", "html")
    result = await submit(hass, await start_flow(hass, "hue"), typed)
    assert result["errors"]
    result = await submit(hass, result, typed)
    result = await press(hass, hue, result, freezer)
    entry = result["result"]
    routes = (LIGHTS, GROUPS, SENSORS, SCENES, CONFIG)
    await read_bad_answers(hass, freezer, hue, routes, SOON)
    await act(hass, watch, entry, "nobody")
    await pass_time(hass, freezer, POLL)
    hue.inject(PUT_LIGHT, "status", status=400, body='[{"error": {"type": 7}}]')
    await act(hass, watch, entry, "qzapp#qzphone")
    second = hue.register("qzapp#qzphone")
    await pass_time(hass, freezer, SOON)
    await watch.look(entry)
    keys = {hue.other, second, entry.data["application_key"]}
    # Another certificate, then another key, then the form once more.
    await recertify(hue)
    await pass_time(hass, freezer, POLL)
    await watch.look(entry)
    result = await reconfigure(hass, entry, SOURCE_RECONFIGURE)
    result = await submit(hass, result, typed)
    assert result["step_id"] == "hue_certificate"
    result = await submit(hass, result, {})
    result = await press(hass, hue, result, freezer)
    assert result["reason"] == "reconfigure_successful"
    keys.add(entry.data["application_key"])
    hue.revoke(entry.data["application_key"])
    await pass_time(hass, freezer, POLL)
    await watch.look(entry)
    result = await reconfigure(hass, entry, SOURCE_REAUTH)
    result = await submit(hass, result, {})
    result = await press(hass, hue, result, freezer)
    assert result["reason"] == "reauth_successful"
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, 2)
    secrets = numbered(keys) | {"our key": entry.data["application_key"]}
    assert len(secrets) == 5
    await remove_and_look(hass, entry, watch, freezer)
    # A room names its lamps by their entity ids, and *All lights* its rooms.
    member = {"entity capabilities", "light entity_id", "light group_entities"}
    shown = {
        # The entry's title, by which a person knows which bridge is meant.
        "bridge": NAME | {"title", "issue"},
        "lamp": NAME | member,
        "room": NAME | member | {"device area_id"},
        "scene": NAME - {"device name"} | {"entity original_name"},
        "phone": {"event name"},
        "bridge id": ID,
        "lamp's address": ID,
        "MAC": {"device connections"},
        "our key": KEPT,
    }
    watch.judge(secrets, PEOPLE, shown)


async def act(hass: HomeAssistant, watch: Watch, entry: Any, who: str) -> None:
    """Call all actions."""
    lamp = entity_id(hass, "light", f"{light_id(2)}_light")
    await watch.call("light", "turn_on", entity_id=lamp)
    entry_id = entry.entry_id
    await watch.call(DOMAIN, "hue_list_applications", config_entry_id=entry_id)
    await watch.call(
        DOMAIN, "hue_deregister_application", config_entry_id=entry_id, application=who
    )


def _without_api_v2() -> WireHue:
    bridge = WireHue()
    bridge.clip_v2 = False
    return bridge


SECRETS = Secrets(make=_without_api_v2, people=PEOPLE, live=live)
