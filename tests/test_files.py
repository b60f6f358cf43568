"""English texts against the code that tells them: both have the same keys."""

import ast
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
import yaml

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.entity import LanternDescription
from custom_components.lantern.repairs import SHARED_REPAIRS
from custom_components.lantern.vendors import VENDORS
from simulator.hue.v2.lights import COLOUR_EFFECTS, TIMED_EFFECTS

LANTERN = Path(__file__).parent.parent / "custom_components" / "lantern"
TEXTS = json.loads((LANTERN / "translations" / "en.json").read_text())
ICONS = json.loads((LANTERN / "icons.json").read_text())
CODE = {path: path.read_text() for path in LANTERN.rglob("*.py")}
REPAIRS = ("repair", "repairs")
OPTIONS = {path: code for path, code in CODE.items() if path.stem == "options_flow"}
FLOWS = {
    path: code
    for path, code in CODE.items()
    if "async_step_" in code and path.stem not in (*REPAIRS, "options_flow")
}
ACTIONS = [action for row in VENDORS.values() for action in row.actions]
# Home Assistant has these texts itself, or ends flows with them by itself.
CORE_ABORTS = {"reauth_successful", "reconfigure_successful"}
ENDED_BY_CORE = {"already_configured", "already_in_progress"}
# What automations read of an event: never renamed.
# What lamps play; "no_effect" is Home Assistant's own "off".
EFFECTS = {*COLOUR_EFFECTS, *TIMED_EFFECTS} - {"no_effect"}
ATTRIBUTES = {
    "alert": {
        "time",
        "name",
        "zones",
        "message",
        "type",
        "subtype",
        "trigger_id",
        "point_id",
    },
    "application": {"name", "date"},
    "button": set(),
    "instruction": {"instruction", "parameters", "run_at", "instruction_lcuid"},
    "rotary": {"steps", "duration_ms"},
    "treatment": {
        *("from", "to"),
        *("start", "duration", "intensity", "ending", "log_file_id"),
    },
}


def literals(code: str) -> set[str]:
    """Return all string literals of a module."""
    return {
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


LITERALS = set().union(*map(literals, CODE.values()))


def found_in(codes: dict[Path, str], *patterns: str) -> set[str]:
    """Return what patterns capture in some code."""
    return {
        text
        for code in codes.values()
        for pattern in patterns
        for text in re.findall(pattern, code)
    }


def descriptions() -> list[tuple[Platform, LanternDescription[Any]]]:
    """Return every description of every vendor, with its platform."""
    return [
        (platform, description)
        for vendor in VENDORS.values()
        for platform, some in vendor.entities.items()
        for description in some
    ]


def key_of(description: LanternDescription[Any]) -> str:
    """Return the key of an entity's texts."""
    return description.translation_key or description.key


def test_categories() -> None:
    """There are no texts of a kind that nobody tells."""
    assert set(TEXTS) == {
        "config",
        "entity",
        "exceptions",
        "issues",
        "options",
        "selector",
        "services",
    }
    assert set(TEXTS["config"]) == {
        "abort",
        "error",
        "flow_title",
        "progress",
        "step",
    }


def shown_steps(flows: dict[Path, str]) -> set[str]:
    """Return the steps of flows that are shown."""
    steps = found_in(flows, r"async_step_(\w+)\(")
    return {
        constant.value
        for code in flows.values()
        for call in ast.walk(ast.parse(code))
        if isinstance(call, ast.Call)
        for constant in (*call.args, *(keyword.value for keyword in call.keywords))
        if isinstance(constant, ast.Constant) and constant.value in steps
    }


def test_every_step_is_told() -> None:
    """Each step that is shown has texts, and no other."""
    assert shown_steps(FLOWS) == set(TEXTS["config"]["step"])
    waiting = found_in(FLOWS, r'self\.wait\(\s*"(\w+)"', r'action="(\w+)"')
    assert waiting == set(TEXTS["config"]["progress"])


def test_every_option_is_told() -> None:
    """Each step and error of the options is explained, and no other."""
    texts = TEXTS["options"]
    assert shown_steps(OPTIONS) == set(texts["step"])
    for step in texts["step"].values():
        assert step["title"]
        assert list(step["data"]) == list(step["data_description"])
    errors = found_in(OPTIONS, r'errors\[CONF_\w+\] = "(\w+)"')
    assert errors == set(texts["error"])


async def test_every_field_is_explained(hass: HomeAssistant) -> None:
    """Each form that a new entry begins with has a label and help for each field."""
    step_texts = TEXTS["config"]["step"]
    forms: set[str] = set()

    async def walk(*choices: str) -> None:
        """Choose in the menus, then compare what is shown with the texts."""
        result = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_USER}
        )
        for choice in choices:
            result = await hass.config_entries.flow.async_configure(
                result["flow_id"], {"next_step_id": choice}
            )
        hass.config_entries.flow.async_abort(result["flow_id"])
        step = step_texts[result["step_id"]]
        assert step["title"]
        if result["type"] is FlowResultType.MENU:
            options = result["menu_options"]
            assert list(step["menu_options"]) == options
            assert list(step["menu_option_descriptions"]) == options
            for option in options:
                await walk(*choices, option)
            return
        assert result["data_schema"] is not None
        fields = result["data_schema"].schema
        sections = step.get("sections", {})
        parts = [(step, [key for key in fields if key not in sections])]
        for key, value in fields.items():
            if isinstance(value, section):
                parts.append((sections[key], list(value.schema.schema)))
        for texts, keys in parts:
            assert list(texts["data"]) == list(texts["data_description"]) == keys
        forms.add(result["step_id"])

    await walk()
    # These are about an entry that is there.
    again = step_texts["lux_password"]
    assert list(again["data"]) == list(again["data_description"]) == ["password"]
    assert again["sections"] == step_texts["lux"]["sections"]
    again, first = step_texts["lucit_again"], step_texts["lucit"]
    for name in ("data", "data_description", "sections"):
        assert again[name] == first[name]
    forms |= {"lux_password", "lucit_again"}
    assert forms == {step for step, texts in step_texts.items() if "data" in texts}


def test_every_error_is_told() -> None:
    """Each error of a form is explained, and no other."""
    keys = found_in(
        CODE,
        r'FieldError\([^,()]+, "(\w+)"',
        r'(?:CONF_\w+|"base"|ADVANCED)[,:] "([a-z]\w+)"[})]',
    )
    keys |= set(re.findall(r'return "(\w+)"', CODE[LANTERN / "flow.py"]))
    assert keys == set(TEXTS["config"]["error"])


def test_every_abort_is_told() -> None:
    """Each reason a flow can end with is explained, and no other."""
    reasons = found_in(
        FLOWS | {LANTERN / "flow.py": CODE[LANTERN / "flow.py"]},
        r'(?:reason|mismatch)="(\w+)"',
        r'mismatch: str = "(\w+)"',
        r'AbortFlow\("(\w+)"',
    )
    # What a form would tell under its address ends the flow of a discovery.
    reasons |= ENDED_BY_CORE | {"cannot_connect", "not_a_bridge"}
    assert reasons - CORE_ABORTS == set(TEXTS["config"]["abort"])


def test_every_exception_is_told() -> None:
    """Each failure of a poll, a command or an action is explained, and no other."""
    keys = found_in(
        CODE,
        r'translation_key="(\w+)"',
        r'\b_?invalid\("(\w+)"',
        r'LogRefused\("(\w+)"',
        r'\n    key(?:: ClassVar\[str\])? = "(\w+)"',
    )
    keys |= set(re.findall(r'return "(\w+)"', CODE[LANTERN / "errors.py"]))
    keys -= {key_of(description) for _, description in descriptions()}
    assert keys == set(TEXTS["exceptions"])


def test_every_issue_is_told() -> None:
    """Each repair has a title, and what its flow shows; one without a flow a word."""
    mended = {kind for row in VENDORS.values() for kind in row.repairs}
    mended |= set(SHARED_REPAIRS)
    flows = {key for key, texts in TEXTS["issues"].items() if "fix_flow" in texts}
    assert flows == mended
    assert set(TEXTS["issues"]) <= LITERALS
    for key, texts in TEXTS["issues"].items():
        assert texts["title"], key
        assert ("description" in texts) is (key not in flows), key
        steps = texts.get("fix_flow", {}).get("step", {})
        shown = found_in(
            {path: code for path, code in CODE.items() if path.stem in REPAIRS},
            r"async_step_(\w+)\(",
        )
        assert set(steps) <= shown, key
        for step in steps.values():
            assert step["title"]
            assert step["description"]
            assert set(step.get("menu_options", {})) <= shown


def test_every_choice_of_an_action_is_told() -> None:
    """Each choice that an action's form offers has a name, and no other."""
    actions = yaml.safe_load((LANTERN / "services.yaml").read_text())
    fields = [
        field for action in actions.values() for field in action["fields"].values()
    ]
    objects = [
        field["selector"]["object"]
        for field in fields
        if field["selector"].get("object")
    ]
    fields += [field for selector in objects for field in selector["fields"].values()]
    choices = {
        select["translation_key"]: set(select["options"])
        for field in fields
        if (select := field["selector"].get("select"))
    }
    texts = TEXTS["selector"]
    offered = {
        key: set(entry["options"]) for key, entry in texts.items() if "options" in entry
    }
    # The words of the printed page, which no form offers.
    sources = {"recorded", "uploaded", "received"}
    assert choices | {"lux_source": sources} == offered
    for selector in objects:
        names = set(texts[selector["translation_key"]]["fields"])
        assert set(selector["fields"]) == names - {"source"}


def test_every_entity_is_told() -> None:
    """Each entity, its states and attributes have their texts, and no others."""
    for platform, description in descriptions():
        check_name(platform, description)
        check_states(platform, description)


def check_name(platform: Platform, description: LanternDescription[Any]) -> None:
    """Hold that an entity is named once: by us, its class, or after its device."""
    key = key_of(description)
    texts = TEXTS["entity"].get(platform, {}).get(key, {})
    names = {
        description.name
        for other, description in descriptions()
        if (other, key_of(description)) == (platform, key)
    }
    if names == {None}:
        assert "name" not in texts, f"{platform}.{key}"
    else:
        assert texts.get("name") or description.device_class, f"{platform}.{key}"


def check_states(platform: Platform, description: LanternDescription[Any]) -> None:
    """Hold that each state and attribute that an entity can have is told."""
    key = key_of(description)
    texts = TEXTS["entity"].get(platform, {}).get(key, {})
    states = set(texts.get("state", {}))
    if isinstance(description, BinarySensorEntityDescription):
        assert states in (set(), {"on", "off"}), key
    else:
        assert states == set(getattr(description, "options", None) or ()), key
    attributes = texts.get("state_attributes", {})
    if isinstance(description, EventEntityDescription):
        types = attributes["event_type"]
        assert list(types) == ["name", "state"]
        assert set(types["state"]) == set(description.event_types or ()), key
        of = ATTRIBUTES.get(description.key, set())
        assert set(attributes) - {"event_type"} == of <= LITERALS | {"date"}, key
        assert all(attributes[key]["name"] for key in of), key
    elif platform is Platform.LIGHT:
        own = EFFECTS if key in ("light", "further_light") else set()
        assert set(attributes["effect"]["state"]) == {"colorloop", *own}, key
    else:
        assert not attributes, key


def test_no_text_of_an_entity_that_is_not() -> None:
    """Texts name entities that exist."""
    described = {(p, key_of(description)) for p, description in descriptions()}
    assert {
        (p, key) for p, keys in TEXTS["entity"].items() for key in keys
    } <= described
