"""Pairing as a browser does it: over the interface that the frontend uses."""

from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.const import DOMAIN
from simulator.lucit import Lucit
from tests.common import pass_time, settle

from .conftest import form

FLOWS = "/api/config/config_entries/flow"
CHECK = "POST /api/v3/lightning/device-request/{lcuid}/check-for-device"
AUTH = "POST /api/v3/auth"

type Step = Callable[..., Coroutine[Any, Any, Any]]


@pytest.fixture
async def step(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Step:
    """Return what does a step: with content it submits, without it looks again."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()

    async def do(
        flow_id: str | None = None, click: bool = False, **content: Any
    ) -> Any:
        url = f"{FLOWS}/{flow_id}" if flow_id else FLOWS
        method = "POST" if content or click else "GET"
        answer = await client.request(
            method, url, json=content if method == "POST" else None
        )
        assert answer.status == 200, await answer.text()
        await settle(hass)
        return await answer.json()

    return do


async def to_the_code(lucit: Lucit, step: Step) -> Any:
    """Go through the menu and the form to the code."""
    menu = await step(handler=DOMAIN, show_advanced_options=False)
    assert menu["step_id"] == "user"
    asked = await step(menu["flow_id"], next_step_id="lucit")
    assert asked["step_id"] == "lucit"
    return await step(asked["flow_id"], **form(lucit))


def delivered(lucit: Lucit) -> Counter[str]:
    """Return how often check-for-device answered 200, by pairing."""
    return Counter(
        one.params["lcuid"]
        for one in lucit.requests
        if one.key == CHECK and one.status == 200
    )


async def test_expiry_second_code_approval_restart(
    hass: HomeAssistant, lucit: Lucit, step: Step, freezer: FrozenDateTimeFactory
) -> None:
    """A code ends, the next one is typed in, and everything is there for good."""
    shown = await to_the_code(lucit, step)
    assert (shown["type"], shown["step_id"]) == ("progress", "lucit_pair")
    code = shown["description_placeholders"]["code"]
    assert len(code.split("-")) == 3

    # Half an hour passes at Lucit, and nobody types the code in.
    for _ in range(3):
        await pass_time(hass, freezer, 5)
    lucit.clock.advance(1800)
    await pass_time(hass, freezer, 5)
    ended = await step(shown["flow_id"])
    assert (ended["type"], ended["step_id"]) == ("form", "lucit_pair_expired")

    shown = await step(ended["flow_id"], click=True)
    assert shown["type"] == "progress"
    second = shown["description_placeholders"]["code"]
    assert second != code
    await pass_time(hass, freezer, 5)
    assert not delivered(lucit)
    pairing = lucit.approve(second, "Window screen")["lcuid"]
    await pass_time(hass, freezer, 5)
    done = await step(shown["flow_id"])
    assert done["type"] == "create_entry"
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.title == "Lucit Window screen"

    # Restarts sign in at most; they never ask for the device again.
    for _ in range(3):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
        assert entry.state is ConfigEntryState.LOADED
        await pass_time(hass, freezer, 300)
    lucit.expire_bearers()
    await pass_time(hass, freezer, 300)
    assert entry.state is ConfigEntryState.LOADED
    assert delivered(lucit) == {pairing: 1}
    assert lucit.count(AUTH) == 2


@pytest.mark.parametrize("existing", ["object", "list", "holes"])
async def test_each_pairing_is_delivered_once(
    hass: HomeAssistant,
    lucit: Lucit,
    step: Step,
    freezer: FrozenDateTimeFactory,
    existing: Any,
) -> None:
    """Two players, and one of them paired again: one 200 for each."""
    lucit.existing_device_form = existing
    pairings = []
    for name in ("Window screen", "Door screen"):
        shown = await to_the_code(lucit, step)
        pairings.append(lucit.approve(name=name)["lcuid"])
        await pass_time(hass, freezer, 5)
        assert (await step(shown["flow_id"]))["type"] == "create_entry"
    entries = hass.config_entries.async_entries(DOMAIN)
    assert {one.title for one in entries} == {
        "Lucit Window screen",
        "Lucit Door screen",
    }
    assert len({one.unique_id for one in entries}) == 2

    again = await step(handler=DOMAIN, entry_id=entries[0].entry_id)
    assert again["step_id"] == "lucit_again"
    shown = await step(again["flow_id"], **form(lucit))
    # Lucit knows this player, and its name is shown beside the code.
    assert shown["progress_action"] == "lucit_pair_known"
    assert shown["description_placeholders"]["existing"] == "Window screen"
    pairings.append(lucit.approve(name="Window screen")["lcuid"])
    await pass_time(hass, freezer, 5)
    done = await step(shown["flow_id"])
    assert done["reason"] == "reconfigure_successful"
    assert [one.state for one in entries] == [ConfigEntryState.LOADED] * 2
    assert delivered(lucit) == dict.fromkeys(pairings, 1)


async def test_credentials_stay_out_of_what_the_browser_gets(
    hass: HomeAssistant,
    lucit: Lucit,
    step: Step,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the answers of the flow nor our logs hold what signs the player in."""
    shown = await to_the_code(lucit, step)
    (pairing,) = lucit.pairings.values()
    lucit.approve()
    await pass_time(hass, freezer, 5)
    done = await step(shown["flow_id"])
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    secrets = [
        pairing.token,
        *(entry.data[key] for key in ("bot_user_token", "bot_user_secret")),
        entry.data["access_token"],
    ]
    ours = "".join(
        one.getMessage()
        for one in caplog.records
        if one.name.startswith("custom_components")
    )
    for secret in secrets:
        assert secret
        assert secret not in f"{shown}{done}"
        assert secret not in ours
