"""Who is let in at the bridge: told when it happens, listed, removed."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge
from tests.common import add_entry, entity_id, pass_time, state_of

from .conftest import DEVICETYPE, POLL, UNIQUE_ID, Start, stored

APPLICATION = f"{UNIQUE_ID}_application"
CONFIG_EVERY = 301


async def act(hass: HomeAssistant, name: str, entry: Any, **data: Any) -> Any:
    """Call an action."""
    return await hass.services.async_call(
        "lantern",
        f"hue_{name}",
        {"config_entry_id": entry.entry_id} | data,
        blocking=True,
        return_response=name.startswith("list"),
    )


async def test_event(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An app that is let in is told by name, never by key; none at the start."""
    await pass_time(hass, freezer, CONFIG_EVERY)
    assert state_of(hass, "event", APPLICATION) == "unknown"
    key = hue.register("stranger#phone")
    await pass_time(hass, freezer, CONFIG_EVERY)
    state = hass.states.get(entity_id(hass, "event", APPLICATION))
    assert state is not None
    assert state.attributes["event_type"] == "registered"
    assert state.attributes["name"] == "stranger#phone"
    assert state.attributes["date"].endswith("+00:00")
    assert key not in str(state.attributes)
    hue.deregister(key)
    await pass_time(hass, freezer, CONFIG_EVERY)
    state = hass.states.get(entity_id(hass, "event", APPLICATION))
    assert state is not None
    assert state.attributes["event_type"] == "deregistered"


async def test_list(hass: HomeAssistant, hue: HueBridge, entry: Any) -> None:
    """Name, dates and the start of the key; no key as a whole."""
    answer = await act(hass, "list_applications", entry)
    own = next(
        application
        for application in answer["applications"]
        if application["name"] == DEVICETYPE
    )
    assert set(own) == {"name", "created", "last_used", "key"}
    key = entry.data["application_key"]
    assert own["key"] == f"{key[:6]}…"
    assert not any(entry in str(answer) for entry in hue.whitelist.entries)


async def test_deregister(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """On an old bridge an app is removed; not our own, nor one of two by name."""
    bridge = await make(model="BSB001")
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    bridge.register("lamp app")
    twins = [bridge.register("twin") for _ in range(2)]
    await act(hass, "deregister_application", entry, application="lamp app")
    names = [entry["name"] for entry in bridge.whitelist.entries.values()]
    assert "lamp app" not in names
    for name, key in (
        ("lamp app", "hue_unknown_application"),
        ("twin", "hue_ambiguous_application"),
        (DEVICETYPE, "hue_own_application"),
    ):
        with pytest.raises(ServiceValidationError) as err:
            await act(hass, "deregister_application", entry, application=name)
        assert err.value.translation_key == key
    short = f"{twins[0][:6]}…"
    await act(hass, "deregister_application", entry, application=short)
    assert twins[0] not in bridge.whitelist.entries
    assert twins[1] in bridge.whitelist.entries
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_registered_applications") == "3"


async def test_firmware_that_forbids_it(
    hass: HomeAssistant, hue: HueBridge, entry: Any
) -> None:
    """It is told plainly, and is no reason to link again."""
    hue.register("lamp app")
    with pytest.raises(ServiceValidationError) as err:
        await act(hass, "deregister_application", entry, application="lamp app")
    assert err.value.translation_key == "hue_deregister_forbidden"
    assert not hass.config_entries.flow.async_progress()
