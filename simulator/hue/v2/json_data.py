"""Deep merging of JSON data, references between resources, what an event carries."""

from typing import Any

from simulator.hue.answers import Json

# In a patch: the bridge does not send this feature at all.
ABSENT = "<absent>"
# What a bridge sends when a resource is read, but not in events.
STATIC = frozenset(
    {
        "action_values",
        "effect_values",
        "event_values",
        "gamut",
        "gamut_type",
        "min_dim_level",
        "mirek_schema",
        "mode_values",
        "pixel_count",
        "points_capable",
        "repeat_interval",
        "sensitivity_max",
        "signal_values",
        "sound_values",
        "status_values",
    }
)
_HEAD = ("id", "id_v1", "owner", "service_id")


def reference(rid: str, rtype: str) -> Json:
    """Return a reference to a resource."""
    return {"rid": rid, "rtype": rtype}


def merged(value: Any, patch: Any) -> Any:
    """Return a value with a patch: objects are merged, anything else replaced."""
    if not isinstance(patch, dict):
        return [merged(None, part) for part in patch] if _is_list(patch) else patch
    base = value if isinstance(value, dict) else {}
    whole = base | {key: merged(base.get(key), part) for key, part in patch.items()}
    return {key: part for key, part in whole.items() if part != ABSENT}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def changed_features(old: Json, new: Json) -> Json | None:
    """Return the event item about a changed resource; None where nothing changed."""
    parts: Json = {}
    for name, value in new.items():
        if name in old and old[name] == value:
            continue
        before = old.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            value = {
                key: part
                for key, part in value.items()
                if key not in STATIC or part != before.get(key)
            }
        parts[name] = value
    if not parts:
        return None
    head = {key: new[key] for key in _HEAD if key in new}
    return head | parts | {"type": new["type"]}


def deletion(resource: Json) -> Json:
    """Return the event item about a resource that was deleted."""
    return {key: resource[key] for key in ("id", "id_v1", "type") if key in resource}
