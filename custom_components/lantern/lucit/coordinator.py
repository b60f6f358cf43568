"""Polls one Lucit player: one request, the player and its screens."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import override

from homeassistant.const import __version__ as HA_VERSION
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.start import async_at_started
from homeassistant.loader import async_get_loaded_integration
from homeassistant.util import dt as dt_util

from ..const import CONF_BASE_URL, DOMAIN, GRACE
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..credentials import stored_token
from ..session import async_get_session
from ..storage import StorageError
from ..transport.errors import TimedOut
from ..transport.parsing import as_name
from .client.api import LucitApi, PlayerGone
from .client.models import Credentials, Player, Screen, resolution
from .heartbeat import PATIENCE, Heartbeat
from .instructions import Instructions, Reply, replies_store
from .repairs import player_is_back, tell_player_gone

CONF_APP_ID = "app_id"
CONF_DEVICE_UUID = "device_provided_uuid"
CONF_DEVICE_LCUID = "device_lcuid"
CONF_BOT_TOKEN = "bot_user_token"
CONF_BOT_SECRET = "bot_user_secret"
DEFAULT_TITLE = "Lucit player"
LUCIT_URL = "https://lucit.app"
"""Where people sign in; Lucit documents no address of a single player's page."""


class LucitCoordinator(LanternCoordinator[Player | Screen]):
    """Holds a player under `lucit:<device_provided_uuid>`, screens by their lcuid."""

    service = "Lucit"
    interval = timedelta(minutes=5)

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's player."""
        super().__init__(hass, entry)
        data = entry.data
        self._lcuid: str = data[CONF_DEVICE_LCUID]
        self._player_id = f"lucit:{data[CONF_DEVICE_UUID]}"
        self.api = LucitApi(
            async_get_session(hass),
            data[CONF_BASE_URL],
            data[CONF_APP_ID],
            self.rate_limit,
        )
        bot = Credentials(self._lcuid, data[CONF_BOT_TOKEN], data[CONF_BOT_SECRET])
        self.api.sign_in_as(
            bot, stored_token(data), self.async_store_token, self.async_start_refresh
        )
        self.heartbeat = Heartbeat(self, self._report, self._show_report)
        self.instructions = Instructions(self, self._player_id, self._send_reply)
        self._last_heartbeat: datetime | None = None
        self._refusals = 0

    @override
    async def async_load_stored(self) -> None:
        """Read the instructions and replies of an earlier run."""
        await self.instructions.async_load()

    @override
    async def async_config_entry_first_refresh(self) -> None:
        """Poll; report once automations can hear the instructions that come."""
        await super().async_config_entry_first_refresh()
        self.config_entry.async_on_unload(self.heartbeat.end)
        self.config_entry.async_on_unload(async_at_started(self.hass, self._started))

    @callback
    def _started(self, _: HomeAssistant) -> None:
        self.heartbeat.begin()

    @override
    async def async_fetch(self) -> dict[str, Player | Screen]:
        """Ask for the player and its screens; send the replies that wait."""
        entry = self.config_entry
        try:
            player, screens = await self.api.player(self._lcuid)
        except PlayerGone:
            self._refusals += 1
            # A single refusal can be the fault of a server in between.
            if self._refusals > GRACE or not self.data:
                tell_player_gone(self.hass, entry.entry_id, entry.title)
            raise
        self._refusals = 0
        player_is_back(self.hass, entry.entry_id)
        self._take_name(player)
        self.instructions.reply_soon()
        snapshot: dict[str, Player | Screen] = {self._player_id: self._with_us(player)}
        if screens is not None:
            snapshot.update(
                {f"lucit:{lcuid}": screen for lcuid, screen in screens.items()}
            )
        else:
            # Nobody said that they are gone.
            snapshot = {**self.data, **snapshot}
        return snapshot

    # --- what we report ---

    def _with_us(self, player: Player) -> Player:
        """Return the player with what we report of it."""
        return replace(
            player,
            heartbeat=self.heartbeat.is_on,
            heartbeat_problem=self.heartbeat.has_problem,
            last_heartbeat=self._last_heartbeat,
        )

    @callback
    def _show_report(self) -> None:
        player = self.data.get(self._player_id)
        if isinstance(player, Player):
            self.async_apply(self._player_id, self._with_us(player))
            # A poll under way brings the same of us, and newer things of Lucit.
            self.discard_local_changes(self._player_id)

    async def switch_heartbeat(self, on: bool) -> None:
        """Report the player as alive from now on, or no longer."""
        self.heartbeat.switch(on)
        self._show_report()

    async def _report(self) -> None:
        """Send one heartbeat."""
        about = [f"Home Assistant {HA_VERSION}"]
        player = self.data.get(self._player_id)
        if player is not None and (size := resolution(player)):
            about.append(f"Screen {size}")
        version = async_get_loaded_integration(self.hass, DOMAIN).version
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.api.heartbeat(self._lcuid, str(version), about)
        except TimeoutError:
            raise TimedOut("heartbeat", "timeout") from None
        self._last_heartbeat = dt_util.utcnow()
        self._show_report()
        if answer is not None:
            await self.instructions.arrived(answer)

    async def _send_reply(self, instruction_lcuid: str, reply: Reply) -> None:
        if reply["verb"] == "acknowledge":
            await self.api.acknowledge(self._lcuid, instruction_lcuid)
        else:
            message = reply.get("message")
            await self.api.fail(self._lcuid, instruction_lcuid, message)

    # --- what Lucit says ---

    def _take_name(self, player: Player) -> None:
        """Name the entry after the player once, unless somebody named it already.

        An entry that would be named like another one gets its device number, too.
        """
        entries = self.hass.config_entries
        if not player.name or self.config_entry.title != DEFAULT_TITLE:
            return
        title = as_name(f"Lucit {player.name}") or DEFAULT_TITLE
        if player.device_number and any(
            other.title == title for other in entries.async_entries(DOMAIN)
        ):
            title = as_name(f"{title} ({player.device_number})") or title
        entries.async_update_entry(self.config_entry, title=title)

    @override
    def device_info_for(self, device_id: str, device: Player | Screen) -> DeviceInfo:
        """Describe the player or one of its screens."""
        if isinstance(device, Player):
            return DeviceInfo(
                name=device.name or DEFAULT_TITLE,
                manufacturer="Lucit",
                model="Lightning device",
                configuration_url=LUCIT_URL,
                serial_number=device.device_number,
            )
        return DeviceInfo(
            name=device.name or "Screen",
            manufacturer="Lucit",
            model="Digital board",
            configuration_url=LUCIT_URL,
        )


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Leave nothing behind; Lucit has nothing to be told."""
    player_is_back(hass, entry.entry_id)
    with suppress(StorageError):
        await replies_store(hass, entry.entry_id).async_remove()
