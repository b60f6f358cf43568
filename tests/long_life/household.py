"""What happens in the home: a day like any other, again and again."""

from datetime import datetime
import math

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.lantern.const import DOMAIN
from simulator.world import World
from tests.contracts import CONTRACTS
from tests.lux import conftest as lux_home
from tests.lux.carrying import hand_over, treatment

COMMUTES = (8, 17)
TREATED_AT = 21
FIRST_NUMBER = 13
CAR = 2_370_001


async def move_in(hass: HomeAssistant, world: World) -> None:
    """Add an entry of each service, with the options that people choose."""
    for service in world.services:
        contract = CONTRACTS[service.name]
        entry = await contract.set_up(hass, service)
        if contract.options:
            hass.config_entries.async_update_entry(entry, options=contract.options)
            await hass.config_entries.async_reload(entry.entry_id)


class Household:
    """Moves the world on: `live` says what happened until now."""

    def __init__(self, world: World) -> None:
        """Begin before the first treatment."""
        self._world = world
        self.treatments = 0
        self._before = dt_util.now()

    async def live(self, hass: HomeAssistant) -> None:
        """Let happen what was due since the last call, by local time."""
        now, before = dt_util.now(), self._before
        self._before = now
        self._warm(now)
        if now.hour in COMMUTES:
            self._world.lightbug.tick_route(CAR)
        if now.hour != before.hour:
            self._hourly(now.hour)
            if now.hour == TREATED_AT:
                await self._treat(hass)

    def _warm(self, now: datetime) -> None:
        """Rooms get warmer and colder over the day."""
        celsius = 20 + 2 * math.sin((now.hour + now.minute / 60) * math.tau / 24)
        for number, sensor in self._world.hue.house.sensors.items():
            if sensor["type"] == "ZLLTemperature":
                state = {"temperature": round(celsius * 20) * 5}
                self._world.hue.set_sensor(number, state=state)

    def _hourly(self, hour: int) -> None:
        """Somebody comes by, presses a button, switches a lamp."""
        hue = self._world.hue
        for number, sensor in list(hue.house.sensors.items()):
            if sensor["type"] == "ZLLPresence":
                hue.set_sensor(number, state={"presence": hour % 2 == 0})
            if sensor["type"] == "ZLLSwitch" and hour in (7, 22):
                hue.press_button(number, 1, "initial_press")
                hue.press_button(number, 1, "short_release")
        if hour in (7, 22):
            for number, light in hue.house.lights.items():
                if light["state"]["reachable"]:
                    hue.set_light(number, on=hour == 22)
        if hour == 12:
            self._world.lightbug.add_activity(CAR, "button", name="Made-up button")
            self._world.lucit.queue_instruction()

    async def _treat(self, hass: HomeAssistant) -> None:
        """One child's log is carried by Home Assistant, the other's by the phone."""
        account = hass.config_entries.async_entry_for_domain_unique_id(
            DOMAIN, lux_home.ACCOUNT
        )
        assert account is not None
        await hand_over(hass, account, treatment(FIRST_NUMBER + self.treatments))
        self.treatments += 1
        other = next(
            device.id
            for device in self._world.lux.devices.values()
            if device.id != lux_home.BLUE_ID
            and self._world.lux.own(device.real_user_id)
        )
        self._world.lux.phone_upload(other)
