"""What a change of the house is on the event stream: containers of items."""

from simulator.hue.answers import Json

from .json_data import changed_features, deletion

type Container = tuple[str, list[Json]]

# Each report of these counts; of anything else only the last value.
_NEVER_MERGED = frozenset({"button", "bell_button", "relative_rotary"})


def containers(before: dict[str, Json], after: dict[str, Json]) -> list[Container]:
    """Return what was added, deleted and updated, the groups' sums apart."""
    added = [resource for rid, resource in after.items() if rid not in before]
    deleted = [
        deletion(resource) for rid, resource in before.items() if rid not in after
    ]
    items = [
        item
        for rid, resource in after.items()
        if rid in before
        and (item := changed_features(before[rid], resource)) is not None
    ]
    sums = [item for item in items if item["type"].startswith("grouped_")]
    updates = [item for item in items if not item["type"].startswith("grouped_")]
    made = [("add", added), ("delete", deleted), ("update", updates), ("update", sums)]
    return [(kind, changed) for kind, changed in made if changed]


def batched(pending: list[Container]) -> list[Container]:
    """Return containers as one batch: of what changed twice only the last values."""
    made: list[Container] = []
    for kind, items in pending:
        if not made or kind != "update" or made[-1][0] != "update":
            made.append((kind, []))
        for item in items:
            _add(made[-1][1], item, is_update=kind == "update")
    return made


def _add(items: list[Json], item: Json, *, is_update: bool) -> None:
    """Add an item to a batch, or bring an earlier one up to date."""
    if is_update and item["type"] not in _NEVER_MERGED:
        for index, earlier in enumerate(items):
            if earlier["id"] == item["id"]:
                items[index] = earlier | item
                return
    items.append(item)


def split(pending: list[Container]) -> list[Container]:
    """Return containers with an item for each feature of a lamp, `on` first."""
    made = []
    for kind, items in pending:
        apart: list[Json] = []
        for item in items:
            rest = {key: part for key, part in item.items() if key != "on"}
            if kind != "update" or item["type"] != "light" or "on" not in item:
                apart.append(item)
                continue
            head = {k: item[k] for k in ("id", "id_v1", "owner", "type") if k in item}
            apart.append(head | {"on": item["on"]})
            if rest.keys() - {"id", "id_v1", "owner", "service_id", "type"}:
                apart.append(rest)
        made.append((kind, apart))
    return made
