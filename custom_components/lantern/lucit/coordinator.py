"""Polls one Lucit player: one request, the player and its screens."""

from datetime import timedelta
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import DeviceInfo

from ..const import CONF_BASE_URL
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..credentials import stored_token
from .api import LucitApi
from .models import Credentials, Player, Screen

CONF_APP_ID = "app_id"
CONF_DEVICE_UUID = "device_provided_uuid"
CONF_DEVICE_LCUID = "device_lcuid"
CONF_BOT_TOKEN = "bot_user_token"
CONF_BOT_SECRET = "bot_user_secret"
DEFAULT_TITLE = "Lucit player"


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
            async_get_clientsession(hass),
            data[CONF_BASE_URL],
            data[CONF_APP_ID],
            self.limits,
        )
        bot = Credentials(self._lcuid, data[CONF_BOT_TOKEN], data[CONF_BOT_SECRET])
        self.api.sign_in_as(bot, stored_token(data), self.keep_token)

    @override
    async def fetch(self) -> dict[str, Player | Screen]:
        """Ask for the player and its screens."""
        player, screens = await self.api.player(self._lcuid)
        self._take_name(player.name)
        snapshot: dict[str, Player | Screen] = {self._player_id: player}
        snapshot.update({f"lucit:{lcuid}": one for lcuid, one in screens.items()})
        return snapshot

    def _take_name(self, name: str | None) -> None:
        """Name the entry after the player once, unless somebody named it already."""
        if name and self.config_entry.title == DEFAULT_TITLE:
            self.hass.config_entries.async_update_entry(
                self.config_entry, title=f"Lucit {name}"
            )

    @override
    def describe(self, device_id: str, device: Player | Screen) -> DeviceInfo:
        """Describe the player or one of its screens."""
        if isinstance(device, Player):
            return DeviceInfo(
                name=device.name or DEFAULT_TITLE,
                manufacturer="Lucit",
                model="Lightning device",
                serial_number=device.device_number,
            )
        return DeviceInfo(
            name=device.name or "Screen", manufacturer="Lucit", model="Digital board"
        )
