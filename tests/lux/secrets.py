"""A LUX account's whole life, with a recognisable value in every field."""

from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle, start_flow, submit
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

from .carrying import UPLOAD, registry_id, treatment
from .conftest import DEVICES, ME, POLL, REFRESH


class WireLux(Wire, Lux):
    """LUX with a recognisable value for each of its people's fields."""

    @override
    def __init__(self) -> None:
        """Name everybody and everything."""
        super().__init__()
        self.username, self.password = "qzmail@example.org", "qz-pass-word-1"
        self.set_user(
            first_name="Qzparent",
            last_name="Qzfamily",
            birthdate="19010203",
            phone="+12025550177",
        )
        child = next(iter(self.children.values()))
        child.first_name, child.last_name = "Qzchild", "Qzclan"
        child.birthdate = "20110204"
        self.set_device(
            None,
            unique_id="qzunit-1",
            serial_code="QZSERIAL1",
            device_alias="Qzalias",
            mac_id="QZ1A",
        )


PEOPLE = {
    "e-mail": "qzmail",
    "first name": "qzparent",
    "last name": "qzfamily",
    "birth date": "19010203",
    "phone": "+12025550177",
    "child": "qzchild",
    "child's family": "qzclan",
    "child's birth date": "20110204",
    "unit": "qzunit-1",
    "serial": "QZSERIAL1",
    "alias": "Qzalias",
    "MAC": "QZ1A",
}


def form(lux: Lux, password: str) -> dict[str, object]:
    """Return what a person types."""
    return {
        "username": lux.username,
        "password": password,
        "advanced": {"base_url": lux.url},
    }


async def live(
    hass: HomeAssistant,
    lux: WireLux,
    watch: Watch,
    freezer: FrozenDateTimeFactory,
    _: str,
) -> None:
    """Live through all that an account can meet."""
    result = await submit(hass, await start_flow(hass, "lux"), form(lux, "qz-wrong-1"))
    assert result["errors"]
    result = await submit(hass, result, form(lux, lux.password))
    entry = result["result"]
    await read_bad_answers(hass, freezer, lux, (DEVICES, ME), POLL)
    unit = "lux:qzunit-1"
    device = registry_id(hass, entry, unit)
    lux.fail("create_log")
    logs = [treatment(13), treatment(15)]
    await watch.call(DOMAIN, "lux_upload_treatment_logs", device_id=device, logs=logs)
    await settle(hass)
    assert lux.count(UPLOAD)
    for other in ("qzunit-1", "lux-unit-0004", "nonsense"):
        await watch.call(
            DOMAIN, "lux_check_device", config_entry_id=entry.entry_id, unique_id=other
        )
    await watch.call(
        DOMAIN, "lux_get_device", config_entry_id=entry.entry_id, real_user_id=7301
    )
    lux.set_user(phone=None)
    await watch.call(
        DOMAIN, "lux_send_impedance_alert", config_entry_id=entry.entry_id, confirm=True
    )
    alias = entity_id(hass, "text", f"{unit}_alias")
    await watch.call("text", "set_value", entity_id=alias, value="Qzalias two")
    switch = entity_id(hass, "switch", "lux:4107_muted")
    await watch.call("switch", "turn_on", entity_id=switch)
    await watch.look(entry)
    # Signed out, and in again; then the address is given once more.
    lux.inject(REFRESH, "status", status=401, body='{"detail": "Qzchild is not here"}')
    lux.expire_tokens()
    await watch.call("switch", "turn_on", entity_id=switch)
    await settle(hass)
    await watch.look(entry)
    assert hass.config_entries.flow.async_progress()
    lux.clear_faults()
    for source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
        result = await reconfigure(hass, entry, source)
        typed = form(lux, lux.password)
        asked = result["data_schema"].schema
        typed = {key: value for key, value in typed.items() if key in asked}
        result = await submit(hass, result, typed)
        assert result["reason"].endswith("_successful")
    await pass_time(hass, freezer, POLL)
    await watch.look(entry)
    await pass_time(hass, freezer, 2)
    secrets = numbered(lux.named("access_token", "refresh_token"))
    assert len(secrets) >= 6
    secrets |= {"password": lux.password, "wrong password": "qz-wrong-1"}
    stored = {entry.data["access_token"], entry.data["refresh_token"]}
    held = {name for name, secret in secrets.items() if secret in stored}
    assert len(held) == 2
    await remove_and_look(hass, entry, watch, freezer)
    shown = {
        "unit": ID,
        "serial": {"device serial_number"},
        "alias": NAME | {"text state", "issue"},
    }
    watch.judge(secrets, PEOPLE, shown | dict.fromkeys(held, KEPT))


SECRETS = Secrets(make=WireLux, people=PEOPLE, live=live)
