"""The resources that a bridge has by API v2, as they were read and events changed them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ...transport.errors import BadAnswer
from .v2_parser import Resource, get_dict, get_identity, iter_references

_DEEPEST = 8
_SHOWN = {
    "light": ("on", "dimming", "color_temperature", "color", "effects"),
    "motion": ("motion",),
}


_ABSENT = object()


def merge(known: Resource, item: Resource, depth: int = 0) -> Resource:
    """Return a resource with an item of an event: objects are merged, lists replaced.

    It is the very same one if the item has nothing new.
    """
    merged = None
    for key, value in item.items():
        before = known.get(key, _ABSENT)
        if depth < _DEEPEST and isinstance(value, dict) and isinstance(before, dict):
            value = merge(before, value, depth + 1)
            if value is before:
                continue
        elif before == value and type(before) is type(value):
            continue
        if merged is None:
            merged = dict(known)
        merged[key] = value
    return known if merged is None else merged


class ResourceStore:
    """The resources of one bridge, by id, and which device each belongs to."""

    def __init__(self) -> None:
        """Initialize without resources."""
        self.by_id: dict[str, Resource] = {}
        # Items that came while a read is under way: its answer may be older.
        self._meanwhile: list[tuple[str, Resource]] | None = None
        self.owners: dict[str, str] = {}
        # The services of each device, by type.
        self.services: dict[str, dict[str, list[str]]] = {}

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Note what is merged while everything is read anew."""
        self._meanwhile = []
        try:
            yield
        finally:
            self._meanwhile = None

    def merge(self, rid: str, item: Resource) -> Resource:
        """Merge an item into a resource, also if a read under way lacks it."""
        if self._meanwhile is not None:
            self._meanwhile.append((rid, item))
        merged = self.by_id[rid] = merge(self.by_id[rid], item)
        return merged

    def replace(self, found: Iterable[Resource]) -> set[str]:
        """Take what was read; return the ids of those that show something else now."""
        before = self.by_id
        fresh: dict[str, Resource] = {}
        for resource in found:
            if (identity := get_identity(resource)) is not None:
                rid = identity[0]
                is_same = before.get(rid) == resource
                fresh[rid] = before[rid] if is_same else resource
        if not any(one["type"] in ("bridge", "device") for one in fresh.values()):
            raise BadAnswer("resource", "no bridge in it")
        for rid, item in self._meanwhile or ():
            if rid in fresh:
                merged = merge(fresh[rid], item)
                fresh[rid] = before[rid] if before.get(rid) == merged else merged
        self.by_id = fresh
        self._index()
        return {
            rid
            for rid, one in fresh.items()
            if rid in before
            and one is not before[rid]
            and any(
                one.get(name) != before[rid].get(name)
                for name in _SHOWN.get(str(one["type"]), ())
            )
        }

    def of_type(self, kind: str) -> Iterator[Resource]:
        """Return the resources of a type."""
        return (one for one in self.by_id.values() if one["type"] == kind)

    def _index(self) -> None:
        """Find the device of each service, and the services of each device."""
        self.owners.clear()
        for device in self.of_type("device"):
            for rid in iter_references(device.get("services")):
                self.owners[rid] = device["id"]
        for rid, one in self.by_id.items():
            owner = get_dict(one, "owner").get("rid")
            if isinstance(owner, str) and (
                self.by_id.get(owner, {}).get("type") == "device"
            ):
                self.owners[rid] = owner
        self.services = {}
        for rid, owner in self.owners.items():
            if rid in self.by_id:
                kinds = self.services.setdefault(owner, {})
                kinds.setdefault(self.by_id[rid]["type"], []).append(rid)

    def service(self, device: str, kind: str) -> Resource | None:
        """Return the first service of a type that a device has."""
        rids = self.services.get(device, {}).get(kind)
        return self.by_id[rids[0]] if rids else None
