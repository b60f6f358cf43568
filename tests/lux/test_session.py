"""The session of a LUX entry: renewed, ended, refused; the account beside it."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import add_entry, pass_time, state_of

from .conftest import ACCOUNT, BLUE, DEVICES, ME, POLL, REFRESH

LOGS = f"{BLUE}_treatment_logs"


async def test_token_that_lives_as_long_as_a_poll(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """LUX's own 900 s cost one refresh per poll; the new pair is stored."""
    # How old a stored token is, nobody knows: it is tried once.
    await pass_time(hass, freezer, POLL)
    before = dict(entry.data)
    lux.requests.clear()
    for polls in (1, 2, 3):
        await pass_time(hass, freezer, POLL)
        assert lux.counts() == {REFRESH: polls, DEVICES: polls, ME: polls}
    assert entry.data["refresh_token"] != before["refresh_token"]
    assert entry.data["access_token"] != before["access_token"]
    assert {request.status for request in lux.requests} == {200}
    assert lux.signins == 1


async def test_restart_after_a_night(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A token of unknown age is tried, then refreshed once."""
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, freezer, 30_000)
    lux.requests.clear()
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert lux.counts() == {DEVICES: 2, REFRESH: 1, ME: 1}
    assert [request.status for request in lux.requests] == [401, 200, 200, 200]


@pytest.mark.parametrize("refused", ["revoke_tokens", "phone_sign_in"])
async def test_session_is_ended(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    refused: str,
) -> None:
    """A session that ended is one refresh, one reauth and no sign-in, for good."""
    getattr(lux, refused)()
    lux.requests.clear()
    await pass_time(hass, freezer, POLL)
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert state_of(hass, "sensor", LOGS) == "unavailable"
    assert lux.count(REFRESH) == 1
    before = lux.count()
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    assert lux.count() == before
    assert len(hass.config_entries.flow.async_progress()) == 1
    assert lux.signins == 1


async def test_lost_refresh_answer(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """An answer that was lost is asked for once more, then a person must sign in."""
    lux.inject(REFRESH, "lost")
    await pass_time(hass, freezer, POLL)
    assert lux.count(REFRESH) == 2
    assert len(hass.config_entries.flow.async_progress()) == 1
    await pass_time(hass, freezer, POLL)
    assert lux.count(REFRESH) == 2


@pytest.mark.parametrize("kind", ["html", "reset", "empty"])
async def test_refresh_that_lux_never_saw(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    """A refresh that a proxy spoiled succeeds at the second try."""
    lux.inject(REFRESH, kind)
    await pass_time(hass, freezer, POLL)
    assert lux.count(REFRESH) == 2
    assert state_of(hass, "sensor", LOGS) == "12"
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize(("status", "flows"), [(410, 1), (423, 1), (404, 0), (500, 0)])
async def test_refresh_refused_otherwise(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    status: int,
    flows: int,
) -> None:
    """A deleted or blocked account asks for a person, a wrong path does not."""
    lux.inject(REFRESH, "status", times=-1, status=status)
    await pass_time(hass, freezer, POLL)
    assert len(hass.config_entries.flow.async_progress()) == flows
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert (state_of(hass, "sensor", LOGS) == "12") is (flows == 0)


async def test_account_was_deleted(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """401 "User is None" is worth one refresh; then a person is asked."""
    lux.access_lifetime = 7200
    await pass_time(hass, freezer, POLL)
    before = lux.count(REFRESH)
    lux.delete_account()
    await pass_time(hass, freezer, POLL)
    assert len(hass.config_entries.flow.async_progress()) == 1
    assert lux.count(REFRESH) == before + 1


@pytest.mark.parametrize("text", ["User is None", "Not authorized user", "Who?"])
@pytest.mark.parametrize("route", [DEVICES, ME])
async def test_one_401(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    route: str,
    text: str,
) -> None:
    """A 401 of any text is worth one refresh, and nobody notices."""
    lux.access_lifetime = 7200
    await pass_time(hass, freezer, POLL)
    before = lux.count(REFRESH)
    lux.inject(route, "status", status=401, body=f'{{"detail": "{text}"}}')
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", LOGS) == "12"
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "off"
    assert lux.count(REFRESH) == before + 1
    assert not hass.config_entries.flow.async_progress()


async def test_account_part_fails(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Without `/user/me` the account's entities are unknown after the grace."""
    muted = f"{ACCOUNT}_muted"
    lux.inject(ME, "status", times=3, status=500)
    for state in ("off", "off", "unknown", "off"):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "switch", muted) == state
        assert state_of(hass, "sensor", LOGS) == "12"
    lux.inject(ME, "status", status=404)
    before = lux.count(ME)
    for state in ("off", "off", "unknown", "unknown", "off"):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "switch", muted) == state
    assert lux.count(ME) == before + 2, "asked again within the hour"
    registry = dr.async_get(hass)
    assert registry.async_get_device_by_identifier((DOMAIN, ACCOUNT), entry.entry_id)


async def test_account_part_fails_from_the_start(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """The account and its entities are there before anything is known of them."""
    data = dict(entry.data)
    await hass.config_entries.async_remove(entry.entry_id)
    lux.inject(ME, "status", status=500)
    await add_entry(hass, ACCOUNT, data)
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "unknown"
    assert state_of(hass, "binary_sensor", f"{ACCOUNT}_password_change_due") == (
        "unknown"
    )
