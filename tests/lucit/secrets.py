"""A Lucit player's whole life, with a recognisable value in every field."""

from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant

from custom_components.lantern.const import DOMAIN
from simulator.lucit import Lucit
from simulator.lucit.account import APP_ID
from tests.common import entity_id, go_on, pass_time, settle, start_flow, submit
from tests.lux.carrying import registry_id
from tests.secrets.life import Secrets, read_bad_answers
from tests.secrets.watch import (
    KEPT,
    NAME,
    Watch,
    Wire,
    numbered,
    reconfigure,
    remove_and_look,
)

from .conftest import form

DEVICE = "GET /api/v3/lightning/devices/{lcuid}"
POLL = 300
PEOPLE = {
    "player": "Qzplayer",
    "description": "Qzdescription",
    "serial": "QZSERIAL3",
    "latitude": "54.2345678",
    "longitude": "7.8765432",
    "screen": "Qzscreen",
    "venue": "qzvenue",
    "instruction": "qzorder",
}


class WireLucit(Wire, Lucit):
    """Lucit, where a player has a recognisable value in each of its fields."""

    @override
    def approve(self, code: int | str | None = None, name: str = "") -> dict[str, str]:
        """Name the player that is paired."""
        return super().approve(code, "Qzplayer")

    def name_all(self) -> None:
        """Name everything of the player."""
        self.set_device(
            description="Qzdescription",
            device_number="QZSERIAL3",
            latitude="54.2345678",
            longitude="7.8765432",
            venue_taxonomy_id="qzvenue",
        )
        self.set_board(name="Qzscreen", description="Qzdescription")


async def pair(
    hass: HomeAssistant, lucit: Lucit, result: Any, freezer: FrozenDateTimeFactory
) -> Any:
    """Type what the form asks for, and the code at Lucit."""
    asked = {str(field) for field in result["data_schema"].schema}
    typed = {key: value for key, value in form(lucit).items() if key in asked}
    result = await submit(hass, result, typed)
    assert result["type"] == "progress"
    lucit.approve()
    await pass_time(hass, freezer, 5)
    return await go_on(hass, result)


async def live(
    hass: HomeAssistant,
    lucit: WireLucit,
    watch: Watch,
    freezer: FrozenDateTimeFactory,
    _: str,
) -> None:
    """Live through all that a player can meet."""
    lucit.inject("*", "status", status=422, body='{"message": "Qzplayer"}')
    result = await submit(hass, await start_flow(hass, "lucit"), form(lucit))
    assert result["errors"]
    result = await pair(hass, lucit, result, freezer)
    entry = result["result"]
    lucit.name_all()
    await read_bad_answers(hass, freezer, lucit, (DEVICE,), POLL)
    player = entry.unique_id
    switch = entity_id(hass, "switch", f"{player}_heartbeat")
    await watch.call("switch", "turn_on", entity_id=switch)
    order = lucit.queue_instruction("qzorder", {"a": "qzorder"})
    await act(hass, watch, entry, order)
    await settle(hass)
    await watch.look(entry)
    lucit.inject("*", "status", times=4, status=409, body='{"message": "Qzplayer"}')
    await act(hass, watch, entry, order)
    await watch.look(entry)
    credentials = dict(entry.data)
    # Its credentials end, then the player itself.
    lucit.clear_faults()
    lucit.revoke_credentials()
    await pass_time(hass, freezer, POLL)
    await watch.look(entry)
    result = await reconfigure(hass, entry, SOURCE_REAUTH)
    result = await pair(hass, lucit, result, freezer)
    assert result["reason"] == "reauth_successful"
    lucit.name_all()
    await pass_time(hass, freezer, POLL)
    lucit.delete_device()
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    await watch.look(entry)
    result = await reconfigure(hass, entry, SOURCE_RECONFIGURE)
    result = await pair(hass, lucit, result, freezer)
    assert result["reason"] == "reconfigure_successful"
    lucit.name_all()
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, 2)
    names = ("token", "bot_user_token", "bot_user_secret")
    secrets = numbered(lucit.named(*names) | {credentials["bot_user_secret"]})
    assert len(secrets) >= 8
    secrets |= {"App": APP_ID}
    stored = set(map(str, entry.data.values()))
    held = {name for name, secret in secrets.items() if secret in stored}
    assert len(held) == 4
    await remove_and_look(hass, entry, watch, freezer)
    shown = {
        # The entry's title, by which a person knows which player is meant.
        "player": NAME | {"title", "issue"},
        "serial": {"device serial_number"},
        "latitude": {"device_tracker latitude"},
        "longitude": {"device_tracker longitude"},
        # It had its entity ids before it had this name.
        "screen": {"device name", "friendly_name"},
        "venue": {"sensor state", "diagnostics"},
        "instruction": {"event instruction", "event parameters"},
    }
    watch.judge(secrets, PEOPLE, shown | dict.fromkeys(held, KEPT))


async def act(hass: HomeAssistant, watch: Watch, entry: Any, order: str) -> None:
    """Call all actions."""
    device = registry_id(hass, entry, entry.unique_id)
    button = entity_id(hass, "button", f"{entry.unique_id}_send_heartbeat")
    await watch.call("button", "press", entity_id=button)
    for action, more in (
        ("lucit_acknowledge_instruction", {}),
        ("lucit_fail_instruction", {"message": "Qzdescription"}),
    ):
        await watch.call(
            DOMAIN, action, device_id=device, instruction_lcuid=order, **more
        )


SECRETS = Secrets(make=WireLucit, people=PEOPLE, live=live)
