"""Every action, performed as its form performs it."""

from typing import Any

import pytest

from .conftest import Person

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.timeout(240)]

TRACKER = "device_tracker.dinghy_1"
MASK = "sensor.blue_mask_treatment_logs"
PLAYER = "sensor.window_screen_status"


async def test_every_action(person: Person) -> None:
    """Each does what it says; an action that was not confirmed does nothing."""
    world = person.demo_home.world
    entries = {
        vendor: {"config_entry_id": (await person.entry(vendor))["entry_id"]}
        for vendor in ("Hue", "Lightbug", "LUX")
    }
    tracker = {"device_id": await person.device(TRACKER)}
    mask = {"device_id": await person.device(MASK)}
    player = {"device_id": await person.device(PLAYER)}
    performed: set[str] = set()

    async def act(name: str, **data: Any) -> Any:
        performed.add(name)
        return await person.act(name, **data)

    async def is_refused(name: str, **data: Any) -> None:
        with pytest.raises(Exception, match="Confirm"):
            await person.act(name, **data)

    # Hue
    applications = (await act("hue_list_applications", **entries["Hue"]))[
        "applications"
    ]
    world.hue.modern = False
    world.hue.register("stranger#phone")
    await act(
        "hue_deregister_application", application="stranger#phone", **entries["Hue"]
    )
    after = (await act("hue_list_applications", **entries["Hue"]))["applications"]
    assert [application["name"] for application in after] == [
        application["name"] for application in applications
    ]
    # Lightbug
    history = await act("lightbug_get_history", start="2026-01-01 00:00:00", **tracker)
    assert history["points"]
    assert "geofences" in await act("lightbug_get_geofences", **entries["Lightbug"])
    await is_refused("lightbug_set_flight_mode", minutes=5, confirm=False, **tracker)
    await act("lightbug_set_flight_mode", minutes=5, confirm=True, **tracker)
    # Lucit
    for name in ("lucit_acknowledge_instruction", "lucit_fail_instruction"):
        lcuid = world.lucit.queue_instruction()
        button = {"entity_id": "button.window_screen_send_heartbeat"}
        await person.post("/api/services/button/press", **button)
        await act(name, instruction_lcuid=lcuid, **player)
    assert [instruction.status for instruction in world.lucit.instructions] == [2, 1]
    assert world.lucit.instructions[1].failed
    # LUX
    number = world.lux.devices[811].last_log_file_id + 1
    log = {"start": "2026-11-20 20:15:00", "duration": 1200, "intensity": 4}
    log |= {"ending": "normal", "log_file_id": number}
    assert await act("lux_upload_treatment_logs", logs=[log], **mask) == {"queued": 1}
    free = world.lux.devices[world.lux.add_device()]
    child, free.real_user_id = free.real_user_id, None
    checked = await act("lux_check_device", unique_id=free.unique_id, **entries["LUX"])
    assert checked["connection"] == "registerable"
    await act(
        "lux_register_device",
        unique_id=free.unique_id,
        serial_code=free.serial_code,
        mac_id=free.mac_id,
        real_user_id=child,
        **entries["LUX"],
    )
    assert free.real_user_id == child
    answer = await act("lux_get_device", real_user_id=7301, **entries["LUX"])
    assert answer["device_id"] == 811
    await is_refused("lux_send_impedance_alert", confirm=False, **entries["LUX"])
    await act("lux_send_impedance_alert", confirm=True, **entries["LUX"])
    await is_refused("lux_unregister_device", confirm=False, **mask)
    assert world.lux.devices[811].real_user_id is not None
    await act("lux_unregister_device", confirm=True, **mask)
    assert world.lux.devices[811].real_user_id is None
    world.lux.devices[811].real_user_id = 7301

    services = await person.demo_home.rest.ask("get_services")
    assert performed <= set(services["lantern"])
