"""A Lightbug account's whole life, with a recognisable value in every field."""

from datetime import timedelta
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.lantern.const import DOMAIN
from simulator.lightbug import Lightbug
from tests.common import pass_time, start_flow, submit
from tests.lux.carrying import registry_id
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

from .conftest import ACTIVITY, DEVICES, POINTS, POLL, REFRESH, SUMMARY

LATITUDE, LONGITUDE = 54.123456, 7.987654
PEOPLE = {
    "e-mail": "qzmail",
    "tracker": "Qztracker",
    "serial": "QZSERIAL2",
    "IMEI": "350000999999991",
    "ICCID": "8999900999999999991",
    "IMSI": "999709999999991",
    "Bluetooth address": "02:00:00:99:99:91",
    "latitude": str(LATITUDE),
    "longitude": str(LONGITUDE),
    "address": "Qzstreet 1",
    "geofence": "Qzfence",
    "alert": "Qzalert",
    "zone": "Qzzone",
    "message": "Qzmessage",
    "user": "4987651",
    "device": "2370001",
}


class WireLightbug(Wire, Lightbug):
    """Lightbug with a recognisable value for each of its people's fields."""

    @override
    def __init__(self) -> None:
        """Name everybody and everything."""
        super().__init__()
        self.user_id = 4987651
        self.username, self.password = "qzmail@example.org", "qz-pass-word-2"
        self.first = next(iter(self.trackers))
        self.set_device(
            self.first,
            name="Qztracker",
            serial="QZSERIAL2",
            imei="350000999999991",
            iccid="8999900999999999991",
            imsi="999709999999991",
            btMacAddress="02:00:00:99:99:91",
            ownerId=self.user_id,
        )
        self.add_geofence("Qzfence", LATITUDE, LONGITUDE, 100)

    def drive(self) -> None:
        """Move the tracker to a place that must stay secret."""
        self.move(self.first, LATITUDE, LONGITUDE, address="Qzstreet 1")
        self.add_activity(
            self.first, "button", name="Qzalert", zones=["Qzzone"], message="Qzmessage"
        )


def form(lightbug: Lightbug, password: str) -> dict[str, Any]:
    """Return what a person types."""
    return {
        "username": lightbug.username,
        "password": password,
        "advanced": {"base_url": lightbug.url},
    }


async def live(
    hass: HomeAssistant,
    lightbug: WireLightbug,
    watch: Watch,
    freezer: FrozenDateTimeFactory,
    step: str,
) -> None:
    """Live through all that an account can meet."""
    result = await start_flow(hass, "lightbug")
    result = await submit(hass, result, {"next_step_id": step})
    result = await submit(hass, result, form(lightbug, "qz-wrong-2"))
    assert result["errors"]
    result = await submit(hass, result, form(lightbug, lightbug.password))
    entry = result["result"]
    routes = (SUMMARY, DEVICES, ACTIVITY, POINTS)
    await read_bad_answers(hass, freezer, lightbug, routes, POLL)
    lightbug.drive()
    await pass_time(hass, freezer, POLL)
    device = registry_id(hass, entry, f"lightbug:{lightbug.first}")
    await act(watch, entry.entry_id, device)
    lightbug.inject("*", "status", times=3, status=422, body='{"message": "Qzalert"}')
    await act(watch, entry.entry_id, device)
    await watch.look(entry)
    await sign_in_again(hass, lightbug, watch, freezer, entry, step)
    await pass_time(hass, freezer, 2)
    secrets = numbered(lightbug.named("token", "refreshToken") | old_tokens(lightbug))
    assert len(secrets) >= 2
    secrets |= {"password": lightbug.password, "wrong password": "qz-wrong-2"}
    secrets |= {"pasted": lightbug.add_personal_token()}
    await watch.look(entry)
    result = await reconfigure(hass, entry, SOURCE_RECONFIGURE)
    result = await submit(hass, result, {"next_step_id": "lightbug_token"})
    pasted = {"token": secrets["pasted"], "advanced": {"base_url": lightbug.url}}
    result = await submit(hass, result, pasted)
    assert result["reason"] == "reconfigure_successful"
    await pass_time(hass, freezer, POLL)
    await remove_and_look(hass, entry, watch, freezer)
    shown = {
        "tracker": NAME,
        "serial": {"device serial_number"},
        "device": ID,
        "latitude": {"device_tracker latitude"},
        "longitude": {"device_tracker longitude"},
        "address": {"sensor state"},
        "geofence": {"sensor state"},
        "alert": {"event name"},
        "zone": {"event zones"},
        "message": {"event message"},
        "pasted": KEPT,
    }
    watch.judge(secrets, PEOPLE, shown)


def old_tokens(lightbug: Lightbug) -> set[str]:
    """Return the tokens of v1, whose name in the answer is `id`."""
    return {
        text for text, token in lightbug.tokens.access.items() if token.kind == "v1"
    }


async def act(watch: Watch, entry_id: str, device: str) -> None:
    """Call all actions."""
    now = dt_util.utcnow()
    await watch.call(DOMAIN, "lightbug_get_geofences", config_entry_id=entry_id)
    await watch.call(
        DOMAIN,
        "lightbug_get_history",
        device_id=device,
        start=str(now - timedelta(days=1)),
        end=str(now),
    )
    await watch.call(
        DOMAIN, "lightbug_set_flight_mode", device_id=device, minutes=5, confirm=True
    )


async def sign_in_again(
    hass: HomeAssistant,
    lightbug: Lightbug,
    watch: Watch,
    freezer: FrozenDateTimeFactory,
    entry: Any,
    step: str,
) -> None:
    """Lose the session, and get a new one."""
    lightbug.inject(REFRESH, "status", times=2, status=403, body='"Qzalert"')
    lightbug.expire_tokens()
    await pass_time(hass, freezer, POLL)
    await watch.look(entry)
    result = await reconfigure(hass, entry, SOURCE_REAUTH)
    result = await submit(hass, result, {"next_step_id": step})
    result = await submit(hass, result, form(lightbug, lightbug.password))
    assert result["reason"] == "reauth_successful"
    lightbug.clear_faults()
    await pass_time(hass, freezer, POLL)


SECRETS = Secrets(
    make=WireLightbug,
    people=PEOPLE,
    live=live,
    ways=("lightbug_login", "lightbug_legacy_login"),
)
