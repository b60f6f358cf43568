"""A Hue bridge, as the tests that all vendors go through take it."""

from collections.abc import Callable, Iterable
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.lantern.hue.client.devices import join
from custom_components.lantern.hue.client.http import Address, HueHttp
from custom_components.lantern.hue.client.models.group import Group
from custom_components.lantern.hue.client.models.light import (
    Capabilities,
    Light,
    LightCommand,
    LightState,
    Metadata,
)
from custom_components.lantern.hue.client.registration import (
    get_config,
    get_introduction,
    register,
)
from custom_components.lantern.hue.client.v1 import V1Client
from custom_components.lantern.hue.client.v2 import V2Client
from custom_components.lantern.transport.errors import AuthError, Refused, Unreachable
from custom_components.lantern.transport.rate_limit import RateLimit
from simulator.hue import HueBridge
from tests.common import add_entry
from tests.contract import Call, Client, Contract, Faults, Form
from tests.faults import kinds
from tests.faults.life import Life
from tests.faults.outcomes import Outcome
from tests.faults.requests import Command, OptionalRequest, entity_action, entry_action
from tests.faults.rules import Case, Role, Route

from .conftest import (
    BRIDGE_ID,
    CONFIG,
    DEREGISTER,
    GROUPS,
    INTRODUCTION,
    LIGHTS,
    PUT_GROUP,
    PUT_LIGHT,
    REGISTER,
    SCENES,
    SENSORS,
    STREAM,
    UNIQUE_ID,
    group_id,
    host_of,
    light_id,
    stored,
)
from .linking import form
from .secrets import SECRETS

# The client -------------------------------------------------------------------


async def _connect(session: Any, bridge: HueBridge) -> HueHttp:
    address = Address(f"127.0.0.1:{bridge.port}", bridge.certificate_sha256)
    return HueHttp(session, address, bridge.register("fuzz"), RateLimit())


def _answered(session: Any) -> HueHttp:
    return HueHttp(session, Address("127.0.0.1", None), "made-up", RateLimit())


async def _register(api: HueHttp, bridge: HueBridge | None) -> Any:
    if bridge is not None:
        bridge.press_link_button()
    return await register(api, "fuzz#two", None)


async def _groups(api: HueHttp, bridge: HueBridge | None) -> Any:
    v1 = V1Client(api)
    return await v1.get_groups(await v1.get_lights() if bridge else {})


async def _house_v2(api: HueHttp, _: HueBridge | None) -> Any:
    v2 = V2Client(api, V1Client(api), {})
    await v2.read()
    return v2.get_house(BRIDGE_ID)


def _light(number: str) -> Light:
    names = Metadata("Lamp", None, None, None, None)
    return Light(number, None, "", names, Capabilities(), LightState(), None, None)


_GROUP = Group("1", "Room", "Room", (), Capabilities(), LightState())
_ASKS: dict[str, Any] = {
    "introduction": lambda api, _: get_introduction(api),
    "register": _register,
    "config": lambda api, _: get_config(api),
    "lights": lambda api, _: V1Client(api).get_lights(),
    "groups": _groups,
    "sensors": lambda api, _: V1Client(api).get_sensors(),
    "scenes": lambda api, _: V1Client(api).get_scenes(),
    "house_v2": _house_v2,
    "set_light": lambda api, _: V1Client(api).set_light(
        _light("2"), LightCommand(on=True, brightness=0.1)
    ),
    "set_group": lambda api, _: V1Client(api).set_group(_GROUP, LightCommand(on=True)),
}


def _models(answer: Callable[[str], Any]) -> Iterable[Any]:
    """Return bridge, lamps, accessories and rooms, of both APIs."""
    if (config := answer("config")) is not None:
        yield config
    lights, sensors = answer("lights") or {}, answer("sensors") or {}
    yield from join(BRIDGE_ID, lights.values(), sensors.values()).values()
    if (house := answer("house_v2")) is not None:
        yield from house.devices.values()
        yield from house.groups.values()


# Faults -----------------------------------------------------------------------


async def _without_stream(hass: HomeAssistant, bridge: HueBridge) -> ConfigEntry:
    # Apps can be removed, too.
    bridge.modern = bridge.clip_v2 = False
    return await _with_stream(hass, bridge)


async def _with_stream(hass: HomeAssistant, bridge: HueBridge) -> ConfigEntry:
    return await add_entry(hass, UNIQUE_ID, stored(bridge), "Hue Lighthouse")


async def _deregister(life: Life) -> None:
    """Remove an app that was registered before."""
    names = [entry["name"] for entry in life.service.whitelist.entries.values()]
    if "old#phone" not in names:
        life.service.register("old#phone")
    await entry_action("hue_deregister_application", application="old#phone")(life)


# A bridge has no tokens that could be renewed, and some say 403 to a strange key.
_NO = (kinds.ONCE_401, kinds.ALWAYS_401, kinds.FORBIDDEN)
_STRANGER = dict.fromkeys(_NO, Outcome.SIGN_IN)
# But the main requests of the same poll were accepted.
_STRANGE_SIDE = dict.fromkeys(_NO, Outcome.PART_LATER)
_STRANGE_COMMAND = dict.fromkeys(_NO, Outcome.TOLD_SIGN_IN)
_SAYS_ENOUGH = dict.fromkeys((kinds.TYPES, kinds.NULLS), Outcome.DONE)
_FORBIDDEN = dict.fromkeys((*_NO, kinds.NOT_FOUND), "hue_deregister_forbidden")
# What is said within the stream is not an answer that could be spoilt as a whole.
_AS_IT_IS = dict.fromkeys(
    (kinds.LOST, kinds.DRIP, kinds.TRUNCATED, kinds.TYPES, kinds.NULLS, kinds.CHARSET),
    Outcome.NOTHING,
)
_BRIDGE = (
    "registered_applications|last_registration|zigbee_channel|internet|link_button"
)
_HALL = "hue:00:17:88:01:00:00:00:a1"
_ROUTES = (
    Route(
        Role.POLL,
        "lights",
        LIGHTS,
        ("type", "colormode", "alert", "effect", "archetype"),
        _STRANGER,
    ),
    Route(
        Role.POLL, "groups", GROUPS, ("class", "any_on", "alert", "effect"), _STRANGER
    ),
    Route(
        Role.POLL,
        "sensors",
        SENSORS,
        ("buttonevent", "eventtype", "rotaryevent", "alert"),
        {**_STRANGER, kinds.VALUES: Outcome.NOTHING},
    ),
    Route(
        Role.SIDE,
        "config",
        CONFIG,
        (),
        _STRANGE_SIDE,
        optional=OptionalRequest(
            part=rf"^hue:[0-9a-f]+_({_BRIDGE}|update_available)$", every=300
        ),
    ),
    Route(
        Role.SIDE,
        "scenes",
        SCENES,
        ("type",),
        {**_STRANGE_SIDE, kinds.VALUES: Outcome.NOTHING},
        optional=OptionalRequest(part=r"_scene_", every=300),
    ),
    *(
        Route(
            Role.COMMAND,
            name,
            key,
            (),
            {**_STRANGE_COMMAND, **_SAYS_ENOUGH},
            command=Command(entity_action(platform, "turn_on", unique_id)),
        )
        for name, key, platform, unique_id in (
            ("lights/state", PUT_LIGHT, "light", f"{light_id(1)}_light"),
            ("groups/action", PUT_GROUP, "light", f"{group_id(1)}_group"),
            (
                "sensors/config",
                "PUT /api/{username}/sensors/{number}/config",
                "switch",
                f"{_HALL}_enabled",
            ),
        )
    ),
    Route(
        Role.COMMAND,
        "applications",
        CONFIG,
        (),
        # Without names and dates it still tells which keys there are.
        {**_STRANGE_COMMAND, kinds.TYPES: Outcome.DONE},
        command=Command(entry_action("hue_list_applications", answers=True)),
    ),
    Route(
        Role.COMMAND,
        "whitelist",
        DEREGISTER,
        (),
        {**dict.fromkeys(_NO, Outcome.TOLD), **_SAYS_ENOUGH},
        command=Command(_deregister, _FORBIDDEN),
    ),
    Route(
        Role.STREAM,
        "eventstream",
        STREAM,
        (),
        {
            **_AS_IT_IS,
            kinds.NOT_FOUND: Outcome.PART_LATER,
            kinds.ONCE_401: Outcome.NOTHING,
        },
        home="hue with a stream",
    ),
    Route(Role.REVOCATION, "own whitelist", DEREGISTER),
)
_FORM = Form(
    steps=("hue",),
    filled=lambda bridge: form(host_of(bridge), username=""),
    requests=(
        Route(
            Role.FLOW,
            "introduction",
            INTRODUCTION,
            (),
            # Some bridges say nothing to strangers: they do so once they are linked.
            dict.fromkeys(
                (
                    *(*_NO, kinds.NOT_FOUND, kinds.SILENCE, kinds.DRIP),
                    *(kinds.BUSY, kinds.TOO_MANY, kinds.TYPES),
                ),
                Outcome.NOTHING,
            ),
        ),
    ),
    waiting=(Route(Role.PERSON, "register", REGISTER),),
    act=HueBridge.press_link_button,
)


def _private(bridge: HueBridge) -> set[Any]:
    lights = bridge.house.lights.values()
    return {
        bridge.config["mac"],
        *(light["name"] for light in lights),
        *(light["uniqueid"][:23] for light in lights),
    }


CONTRACT = Contract(
    make=HueBridge,
    unique_id=UNIQUE_ID,
    title="Hue Lighthouse",
    stored=stored,
    forms=(_FORM,),
    client=Client(
        connect=_connect,
        answered=_answered,
        # A web page instead of JSON is what a busy bridge answers.
        calls=tuple(
            Call(name, ask, (Refused, AuthError, Unreachable))
            for name, ask in _ASKS.items()
        ),
        models=_models,
    ),
    faults=Faults(
        homes={"hue": _without_stream, "hue with a stream": _with_stream},
        routes=_ROUTES,
        # A bridge is polled every 10 s here: this one has no event stream.
        load={
            Case.NORMAL: (1110, 280),
            Case.BUSY: (370, 280),
            Case.SILENT: (220, 280),
            Case.LIMITED: (1, 280),
            Case.STARTING: (20, 280),
            Case.STARTING_LIMITED: (1, 280),
        },
        busy_tries=5,
    ),
    secrets=SECRETS,
    private=_private,
    has_enough=lambda found: (
        {"Bridge", "Device", "Group"}
        == {device["model"] for device in found["devices"]}
    ),
    sections=("collections", "light_keys", "brightness"),
)
