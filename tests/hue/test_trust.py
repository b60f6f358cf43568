"""Whom the key is given to, and what a closed or second dialog leaves behind."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.const import DOMAIN
from simulator.hue import HueBridge
from tests.common import add_entry, go_on, pass_time, settle, start_flow, submit

from .conftest import (
    DEREGISTER,
    INTRODUCTION,
    POLL,
    REGISTER,
    UNIQUE_ID,
    Start,
    host_of,
    stored,
)
from .linking import OTHER_ID, close, form, linked, linking, move
from .test_discovery import announced, discover
from .test_repairs import issue, opened, submitted


def saw(bridge: HueBridge, key: str) -> bool:
    """Return True if a key was sent to a bridge in whatever way."""
    return bridge.foreign_keys > 0 or any(
        key in str((request.params, request.query, request.json))
        for request in bridge.requests
    )


@pytest.mark.parametrize("liar", [{}, {"model": "BSB001"}])
async def test_reconfigure_keeps_the_old_key_from_others(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    make: Start,
    liar: dict[str, Any],
) -> None:
    """Somebody says it is the bridge: another certificate, or none at all."""
    other = await make(modern=False, **liar)
    other.press_link_button()
    old = dict(entry.data)
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(other)))
    if liar:
        # What was pinned never falls back to plain http.
        assert result["errors"] == {"host": "cannot_connect"}
        assert other.count() == 0
        await close(hass, result)
    else:
        assert result["step_id"] == "hue_certificate"
        shown = result["description_placeholders"]
        assert shown["stored"].replace(" ", "") == hue.certificate_sha256
        assert shown["found"].replace(" ", "") == other.certificate_sha256
        assert other.count(REGISTER) == 0
        result = await submit(hass, result, {})
        await linked(hass, result)
        assert entry.data["certificate_sha256"] == other.certificate_sha256
        await settle(hass)
    assert not saw(other, old["application_key"])


async def test_reconfigure_at_another_certificate_is_not_confirmed(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry, make: Start
) -> None:
    """Who closes the dialog at the fingerprints keeps the entry as it was."""
    other = await make()
    old = dict(entry.data)
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(other)))
    await close(hass, result)
    assert dict(entry.data) == old
    assert set(other.counts()) == {INTRODUCTION}


async def plain(hass: HomeAssistant, make: Start) -> tuple[HueBridge, MockConfigEntry]:
    """Return a bridge in plain http, and its entry."""
    assert await async_setup_component(hass, REPAIRS, {})
    bridge = await make(model="BSB001")
    return bridge, await add_entry(hass, UNIQUE_ID, stored(bridge), "[Hue](x)")


async def test_announcement_for_a_bridge_that_answers(
    hass: HomeAssistant, make: Start
) -> None:
    """While the bridge is where it was, nobody else is even asked to be it."""
    bridge, entry = await plain(hass, make)
    liar = await make(model="BSB001")
    result = await discover(hass, announced(liar))
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == host_of(bridge)
    assert liar.count() == 0
    assert not ir.async_get(hass).issues


@pytest.mark.parametrize("answer", ["new", "both", "nobody"])
async def test_announcement_for_a_silent_bridge(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
    answer: str,
) -> None:
    """A person is shown both addresses; without a yes the key goes nowhere."""
    bridge, entry = await plain(hass, make)
    old, port = host_of(bridge), bridge.port
    await move(bridge)
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    await discover(hass, announced(bridge))
    assert entry.data["host"] == old
    assert bridge.requests[-1].key == INTRODUCTION
    open_issue = issue(hass, "hue_moved", entry)
    client = await hass_client()
    shown = await opened(client, open_issue)
    placeholders = shown["description_placeholders"]
    assert (placeholders["stored"], placeholders["found"]) == (old, host_of(bridge))
    assert placeholders["title"] == r"\[Hue\](x)"
    if answer == "both":
        second = await make(model="BSB001")
        await second.stop()
        await second.start(port)
    if answer == "nobody":
        bridge.inject("*", "status", status=500, times=-1)
    done = await submitted(client, shown)
    await settle(hass)
    if answer == "new":
        assert done["type"] == "create_entry"
        assert entry.data["host"] == host_of(bridge)
        assert entry.state is ConfigEntryState.LOADED
        assert not ir.async_get(hass).issues
        return
    reasons = {"both": "old_address_answers", "nobody": "cannot_connect"}
    assert done["reason"] == reasons[answer]
    assert entry.data["host"] == old
    bridge.clear_faults()


async def test_offer_ends_when_the_old_address_answers(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """The repair goes by itself."""
    bridge, entry = await plain(hass, make)
    liar = await make(model="BSB001")
    port = bridge.port
    await bridge.stop()
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    await discover(hass, announced(liar))
    assert issue(hass, "hue_moved", entry)
    assert set(liar.counts()) == {INTRODUCTION}
    await bridge.start(port)
    for _ in range(8):
        await pass_time(hass, freezer, POLL)
    assert not ir.async_get(hass).issues


async def test_dialog_closed_with_the_key_in_it(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """The bridge let us in, the config was lost, the dialog is closed."""
    bridge = await make(modern=False)
    before = set(bridge.whitelist.entries)
    bridge.inject(INTRODUCTION, "status", status=404)
    bridge.inject("GET /api/{username}/config", "reset", times=4)
    bridge.press_link_button()
    result = await linking(hass, bridge)
    await settle(hass)
    assert set(bridge.whitelist.entries) != before
    await close(hass, result)
    assert set(bridge.whitelist.entries) == before


async def pass_time_once(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let a little time pass without waiting for what waits for an answer."""
    freezer.tick(0.1)
    async_fire_time_changed(hass)
    for _ in range(50):
        await asyncio.sleep(0)


async def test_dialog_closed_while_the_key_is_under_way(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """The answer comes when nobody waits for it any more: it is given back."""
    bridge = await make(modern=False)
    before = set(bridge.whitelist.entries)
    bridge.press_link_button()
    bridge.inject(REGISTER, "latency", seconds=1)
    result = await start_flow(hass, "hue")
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], form(host_of(bridge))
    )
    while not bridge.count(REGISTER):
        await pass_time_once(hass, freezer)
    hass.config_entries.flow.async_abort(result["flow_id"])
    while not bridge.count(DEREGISTER):
        await pass_time_once(hass, freezer)
    await settle(hass)
    assert set(bridge.whitelist.entries) == before


async def test_failed_linking_leaves_no_key(hass: HomeAssistant, make: Start) -> None:
    """The bridge let us in and then told nonsense: the key is given back."""
    bridge = await make(modern=False)
    before = set(bridge.whitelist.entries)
    bridge.inject(INTRODUCTION, "status", status=404)
    bridge.inject("GET /api/{username}/config", "html")
    bridge.press_link_button()
    result = await linking(hass, bridge)
    await settle(hass)
    result = await go_on(hass, result)
    assert result["errors"] == {"host": "not_a_bridge"}
    assert set(bridge.whitelist.entries) == before
    await close(hass, result)


@pytest.mark.parametrize("silent", [False, True])
async def test_second_dialog_for_a_bridge(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory, silent: bool
) -> None:
    """Only one links with a bridge at a time, also if it does not say its name."""
    if silent:
        hue.inject(INTRODUCTION, "status", status=404, times=2)
    first = await linking(hass, hue)
    second = await start_flow(hass, "hue")
    second = await submit(hass, second, form(host_of(hue)))
    assert second["type"] is FlowResultType.ABORT
    assert second["reason"] == "already_in_progress"
    assert (await discover(hass, announced(hue)))["type"] is FlowResultType.ABORT or (
        silent
    )
    hue.press_link_button()
    await pass_time(hass, freezer, 1)
    await go_on(hass, first)
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_an_offered_bridge_can_be_added_by_hand(
    hass: HomeAssistant, hue: HueBridge
) -> None:
    """A discovered bridge that nobody has said yes to stands in nobody's way."""
    await discover(hass, announced(hue))
    hue.press_link_button()
    result = await linking(hass, hue)
    await linked(hass, result)


NASTY = "[click](http://example.org)\n\x1b[31m" + "A" * 200_000


async def test_names_without_limit(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """Names of a bridge and of all it has are short, plain and one line."""
    hue.config["name"] = hue.config["swversion"] = NASTY
    for collection in (hue.house.lights, hue.house.groups, hue.house.sensors):
        for resource in collection.values():
            resource["name"] = resource["modelid"] = resource["productname"] = NASTY[
                :5000
            ]
    for scene in hue.house.scenes.values():
        scene["name"] = NASTY[:5000]
    result = await discover(hass, announced(hue))
    (flow,) = hass.config_entries.flow.async_progress()
    assert len(flow["context"]["title_placeholders"]["name"]) <= 70
    assert "](" not in result["description_placeholders"]["name"].replace("\\]", "")
    hue.press_link_button()
    result = await submit(hass, result, {})
    await pass_time(hass, freezer, 1)
    entry = await linked(hass, result)
    assert len(entry.title) <= 70
    for state in hass.states.async_all():
        assert len(state.name) < 200
        assert not any(ord(character) < 32 for character in state.name)


async def test_other_bridge_in_a_reconfigure(
    hass: HomeAssistant, make: Start, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """Another bridge is told before its fingerprint is shown."""
    other = await make(bridge_id=OTHER_ID)
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(other)))
    assert result["reason"] == "wrong_bridge"
