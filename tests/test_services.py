"""What all actions do with a target that is not theirs."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.lantern.action import Target
from custom_components.lantern.const import DOMAIN
from custom_components.lantern.dashboard import GET_DASHBOARD
from custom_components.lantern.vendors import VENDORS
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.service import Service

from .common import add_entry
from .contracts import CONTRACTS
from .lightbug import conftest as lightbug_home
from .lucit import conftest as lucit_home
from .test_files import ICONS, LANTERN, TEXTS


async def acknowledge(hass: HomeAssistant, device_id: str) -> None:
    """Call an action of Lucit's."""
    data = {"device_id": device_id, "instruction_lcuid": "LCUID-LDRI-1"}
    await hass.services.async_call(
        DOMAIN, "lucit_acknowledge_instruction", data, blocking=True
    )


def first_device(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the registry id of an entry's first device."""
    return dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)[0].id


async def test_wrong_targets(
    hass: HomeAssistant, lucit: Lucit, lightbug: Lightbug
) -> None:
    """Each wrong target is told in words, and no service is asked."""
    mine = await add_entry(hass, lucit_home.UNIQUE_ID, lucit_home.stored(lucit))
    other = await add_entry(
        hass, lightbug_home.UNIQUE_ID, lightbug_home.stored(lightbug)
    )
    asked = lucit.count()
    with pytest.raises(ServiceValidationError, match="does not belong to Lantern"):
        await acknowledge(hass, "nonsense")
    with pytest.raises(ServiceValidationError, match="does not support the selected"):
        await acknowledge(hass, first_device(hass, other))
    target = first_device(hass, mine)
    await hass.config_entries.async_unload(mine.entry_id)
    with pytest.raises(ServiceValidationError, match="not loaded"):
        await acknowledge(hass, target)
    for entry_id in ("nonsense", mine.entry_id):
        with pytest.raises(ServiceValidationError):
            await hass.services.async_call(
                DOMAIN,
                "lightbug_get_geofences",
                {"config_entry_id": entry_id},
                blocking=True,
                return_response=True,
            )
    assert lucit.count() == asked


async def test_text_that_cannot_be_saved(hass: HomeAssistant, lucit: Lucit) -> None:
    """Half a character, as a script can make it, is refused in words."""
    entry = await add_entry(hass, lucit_home.UNIQUE_ID, lucit_home.stored(lucit))
    asked = lucit.count()
    with pytest.raises(ServiceValidationError, match="characters that cannot be saved"):
        await hass.services.async_call(
            DOMAIN,
            "lucit_fail_instruction",
            {
                "device_id": first_device(hass, entry),
                "instruction_lcuid": "LCUID-LDRI-1",
                "message": "Sign is dark \ud800",
            },
            blocking=True,
        )
    assert lucit.count() == asked


async def test_actions_are_there_without_any_entry(hass: HomeAssistant) -> None:
    """Automations that name an action are valid whatever runs."""
    assert await async_setup_component(hass, DOMAIN, {})
    named = {action.name for row in VENDORS.values() for action in row.actions}
    assert set(hass.services.async_services_for_domain(DOMAIN)) == {
        GET_DASHBOARD,
        *named,
    }


def test_every_action_is_described() -> None:
    """Each action and field has a name, a text, a selector and an icon."""
    selectors: dict[str, Any] = yaml.safe_load((LANTERN / "services.yaml").read_text())
    actions = [action for row in VENDORS.values() for action in row.actions]
    names = {GET_DASHBOARD, *(action.name for action in actions)}
    assert names == set(selectors) == set(TEXTS["services"])
    for action in actions:
        texts = TEXTS["services"][action.name]
        fields = set(map(str, action.fields))
        if action.target is Target.ENTITY:
            (wanted,) = selectors[action.name]["target"]["entity"]
            assert wanted == {"integration": DOMAIN, "domain": action.platform}
        else:
            fields.add(str(action.target))
        assert texts["name"]
        assert texts["description"]
        assert set(selectors[action.name]["fields"]) == set(texts["fields"]) == fields
        assert all(
            text["name"] and text["description"] for text in texts["fields"].values()
        )
        assert ICONS["services"][action.name]


@pytest.fixture
async def services() -> AsyncGenerator[list[Service]]:
    """Serve all vendors' services."""
    services = [contract.make() for contract in CONTRACTS.values()]
    for service in services:
        await service.start()
    yield services
    for service in services:
        await service.stop()
    assert [service.violations for service in services if service.violations] == []


async def test_pickers_offer_only_what_an_action_is_for(
    hass: HomeAssistant, services: list[Service]
) -> None:
    """A lamp is no tracker: each picker offers devices of its own service, and some."""
    for service in services:
        await CONTRACTS[service.name].set_up(hass, service)
    registry = dr.async_get(hass)
    devices = {
        entry.data["vendor"]: dr.async_entries_for_config_entry(
            registry, entry.entry_id
        )
        for entry in hass.config_entries.async_entries(DOMAIN)
    }
    selectors = yaml.safe_load((LANTERN / "services.yaml").read_text())
    for vendor, row in VENDORS.items():
        for action in row.actions:
            fields = selectors[action.name]["fields"]
            # A constant of a required field is never sent by the form.
            assert not [
                field for field in fields.values() if "constant" in field["selector"]
            ]
            if action.target is not Target.DEVICE:
                continue
            (wanted,) = fields["device_id"]["selector"]["device"]["filter"]
            assert wanted["integration"] == DOMAIN
            offered = [
                owner
                for owner, owned in devices.items()
                for device in owned
                if all(
                    getattr(device, key) == wanted[key]
                    for key in wanted.keys() - {"integration"}
                )
            ]
            assert set(offered) == {vendor}, action.name
