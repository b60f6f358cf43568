"""Every action is performed through its form, as a person fills it in."""

import asyncio
from collections.abc import Callable
import json
import re
from typing import Any

from playwright.async_api import Locator
import pytest
import yaml

from demo.home import ROOT
from tests.e2e.demo_home import DemoHome

from .face import Face

# The first one waits for the start of all of it.
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.timeout(240)]

LANTERN = ROOT / "custom_components" / "lantern"
FORMS: dict[str, Any] = yaml.safe_load((LANTERN / "services.yaml").read_text())
MASK = 811
# Tells whether the form of an action holds a value of a field.
_HAS_VALUE = """key => {
    const find = node => {
        for (const one of node.querySelectorAll("*")) {
            if (one.localName === "ha-service-control") return one;
            const found = one.shadowRoot && find(one.shadowRoot);
            if (found) return found;
        }
    };
    return find(document)?.value?.data?.[key] !== undefined;
}"""
NOW = ""
"""What a date picker offers first."""
ERROR = "tools-action ha-alert[alert-type=error], ha-toast:visible"


async def choose(face: Face, field: Locator, name: str) -> None:
    """Choose something in a picker's list."""
    await field.get_by_role("button").first.click()
    # Each has the names of all four services behind its own.
    option = face.page.get_by_role("option", name=re.compile(f"^{re.escape(name)}"))
    await option.first.click()


async def fill(face: Face, field: Locator, kind: str, value: Any) -> None:
    """Fill in a field, in the way of its selector."""
    match kind:
        case "device" | "config_entry":
            await choose(face, field, value)
        case "boolean":
            await field.locator("ha-switch").click()
        case "number":
            await field.get_by_role("spinbutton").fill(str(value))
        case "object":
            await add_rows(face, field, value)
        case "duration":
            await field.locator("input").nth(1).fill(str(value))
        case "select":
            # Few options are shown at once.
            if not await field.locator("ha-radio-option").count():
                await field.get_by_role("button").first.click()
            options = field.locator("ha-radio-option, ha-dropdown-item")
            await options.nth(value).click()
        case "datetime":
            await field.locator("ha-date-input").click()
            await face.button("OK").click()
        case _:
            await field.locator("input, textarea").first.fill(str(value))


async def add_rows(
    face: Face, field: Locator, rows: list[list[tuple[str, Any]]]
) -> None:
    """Add rows, each by its own dialog: the kinds of the fields in order, and values."""
    for row in rows:
        await field.get_by_role("button").last.click()
        dialog = face.page.locator("dialog-form")
        for number, (kind, value) in enumerate(row):
            if value is not None:
                selector = dialog.locator("ha-form ha-selector").nth(number)
                await fill(face, selector, kind, value)
        await dialog.get_by_role("button", name="Add").last.click()
        await dialog.locator("ha-form").wait_for(state="hidden")


async def open_form(face: Face, name: str) -> Locator:
    """Open an action's form; return the rows of its fields."""
    await face.open("/config/tools/action")
    picker = face.page.locator("tools-action ha-service-picker")
    await picker.get_by_role("button").first.click()
    await face.page.get_by_placeholder("Search").last.fill(name)
    await face.page.get_by_role("option", name=f"lantern.{name}").first.click()
    await face.see(f"lantern.{name}")
    return face.page.locator("ha-service-control ha-settings-row").filter(
        has=face.page.locator("ha-selector")
    )


async def perform(face: Face, name: str, **values: Any) -> None:
    """Fill in an action's form, and perform it."""
    rows = await open_form(face, name)
    for number, (key, field) in enumerate(FORMS[name]["fields"].items()):
        if key not in values:
            continue
        row = rows.nth(number)
        checkbox = row.locator("ha-checkbox")
        # A field with a default is chosen already.
        if not field.get("required") and not await checkbox.evaluate("e => e.checked"):
            await checkbox.click()
        (kind,) = field["selector"]
        await fill(face, row.locator("ha-selector"), kind, values[key])
        # A form that takes two values at once loses the first one.
        await face.page.wait_for_function(_HAS_VALUE, arg=key)
    await face.button("Perform action").click()


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so at a service."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.1)


async def test_every_action(demo_home: DemoHome, face: Face) -> None:
    """What a person can choose and type in is enough for each of them."""
    await demo_home.with_all("Hue", "Lucit", "Lightbug", "LUX")
    hue, lucit, lux = demo_home.world.hue, demo_home.world.lucit, demo_home.world.lux
    lightbug = demo_home.world.lightbug
    performed: set[str] = set()

    async def act(name: str, **values: Any) -> None:
        performed.add(name)
        await perform(face, name, **values)

    async def responds(text: str) -> None:
        await (
            face.page.locator("tools-action ha-yaml-editor")
            .filter(has_text=text)
            .wait_for()
        )

    # Hue
    bridge = {"config_entry_id": "Hue Lighthouse"}
    await act("hue_list_applications", **bridge)
    await responds("lantern#home assistant")
    hue.modern = False
    hue.register("stranger#phone")
    await act("hue_deregister_application", application="stranger#phone", **bridge)
    await until(
        lambda: "stranger#phone" not in json.dumps(list(hue.whitelist.entries.values()))
    )
    # Lightbug
    await act("lightbug_get_geofences", config_entry_id="Lightbug")
    await responds("geofences")
    await act("lightbug_get_history", device_id="Dinghy 1", start=None)
    await responds("points")
    await act("lightbug_set_flight_mode", device_id="Dinghy 1", minutes=5)
    await face.page.locator(ERROR).first.wait_for()
    assert not lightbug.flight_modes
    await act("lightbug_set_flight_mode", device_id="Dinghy 1", minutes=5, confirm=True)
    await until(lambda: lightbug.flight_modes)
    # Lucit
    for name in ("lucit_acknowledge_instruction", "lucit_fail_instruction"):
        lcuid = lucit.queue_instruction()
        button = {"entity_id": "button.window_screen_send_heartbeat"}
        await demo_home.rest.call("POST", "/api/services/button/press", json=button)
        message = {"message": "no screen"} if "fail" in name else {}
        await act(name, device_id="Window screen", instruction_lcuid=lcuid, **message)
        await until(
            lambda: (
                lucit.instructions[-1].status == 2
                or lucit.instructions[-1].message == "no screen"
            )
        )
    # LUX
    account = {"config_entry_id": "LUX"}
    mask = lux.devices[MASK]
    last = mask.last_log_file_id
    log = [("datetime", NOW), ("duration", 20), ("number", 4)]
    sent_log = [*log, ("select", 0), ("number", last + 1)]
    await act("lux_upload_treatment_logs", device_id="Blue mask", logs=[sent_log])
    await until(lambda: mask.last_log_file_id == last + 1)
    recorded = [*log[:2], ("number", None), ("select", 1), ("text", "at home")]
    await act("lux_record_treatments", device_id="LUX", treatments=[recorded])
    await act("lux_get_treatments", device_id="LUX", format=1)
    await responds("at home")
    free = lux.devices[lux.add_device()]
    child, free.real_user_id = free.real_user_id, None
    await act("lux_check_device", unique_id=free.unique_id, **account)
    await responds("registerable")
    await act(
        "lux_register_device",
        serial_code=free.serial_code,
        mac_id=free.mac_id,
        unique_id=free.unique_id,
        real_user_id=child,
        **account,
    )
    await until(lambda: free.real_user_id == child)
    await act("lux_get_device", real_user_id=child, **account)
    await responds(free.unique_id)
    sent = len(lux.alimtalks)
    await act("lux_send_impedance_alert", confirm=True, **account)
    await until(lambda: len(lux.alimtalks) == sent + 1)
    owner = mask.real_user_id
    await act("lux_unregister_device", device_id="Blue mask", confirm=True)
    await until(lambda: mask.real_user_id is None)
    mask.real_user_id = owner
    # All
    await act("get_dashboard", config_entry_id="Lucit")
    await responds("column_span")
    # Of the others, the tests of their vendor know what they do.
    for name in FORMS.keys() - performed:
        rows = await open_form(face, name)
        await rows.nth(len(FORMS[name]["fields"]) - 1).wait_for()
