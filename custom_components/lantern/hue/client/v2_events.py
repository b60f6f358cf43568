"""Events of API v2: what they change is made anew, presses are told once."""

from collections.abc import Callable, Collection

from ...transport import parsing
from .models.group import Scene
from .models.house import Changes, Press
from .models.light import Light
from .models.sensor import Sensor
from .presses import PRESSED, PressDetector
from .v2_parser import Resource, get_identity
from .v2_resources import V2Resources

_MOST_UNKNOWN = 1000
_LONGEST_ID = 64
# What arranges the house: of these, only such features need a new read.
_ARRANGED = frozenset(
    {
        "bridge_home",
        "device",
        "motion_area_configuration",
        "room",
        "scene",
        "service_group",
        "smart_scene",
        "zone",
    }
)
_ARRANGEMENT = ("children", "group", "metadata", "product_data", "services")


class V2Events:
    """Applies the events of one bridge to its resources."""

    def __init__(self, resources: V2Resources) -> None:
        """Initialize without reports."""
        self._resources = resources
        self._unknown: set[str] = set()
        self._presses = PressDetector()

    def seed_reports(self, but: Collection[str]) -> None:
        """Remember what switches and dials did last, so that it is not fired.

        Those that are in messages which wait are left out: these are to be fired.
        """
        for resource in self._resources.store.by_id.values():
            if resource["id"] not in but and resource["type"] in PRESSED:
                self._presses.take(resource, None, is_live=False)

    def apply_message(self, message: list[Resource]) -> Changes:
        """Apply the containers of one message in order; return what they changed."""
        changes = Changes()
        touched: dict[Callable[[], Light | Sensor | Scene | None], None] = {}
        for container in message:
            if container.get("type") in ("add", "delete"):
                changes.needs_read = True
            elif container.get("type") == "update":
                for item in parsing.iter_dicts(container.get("data")):
                    self._apply_item(item, changes, touched)
        made = (make() for make in touched)
        changes.parts = [part for part in made if part is not None]
        return changes

    def apply_command(self, rid: str, body: Resource) -> list[Light | Sensor | Scene]:
        """Take over what a resource was told, until events say more."""
        if rid not in self._resources.store.by_id:
            return []
        item = {"id": rid, "type": self._resources.store.by_id[rid]["type"], **body}
        return self.apply_message([{"type": "update", "data": [item]}]).parts

    def _apply_item(
        self,
        item: Resource,
        changes: Changes,
        touched: dict[Callable[[], Light | Sensor | Scene | None], None],
    ) -> None:
        identity = get_identity(item)
        if identity is None or len(identity[0]) > _LONGEST_ID:
            return
        rid, kind = identity
        known = self._resources.store.by_id.get(rid)
        if known is None or known["type"] != kind:
            self._note_unknown(rid, changes)
            return
        if kind in PRESSED:
            self._take_press(item, changes)
        merged = self._resources.store.merge(rid, item)
        if merged is known:
            return
        if kind in _ARRANGED:
            changes.needs_read |= any(
                name in item and merged.get(name) != known.get(name)
                for name in _ARRANGEMENT
            )
        touched |= dict.fromkeys(self._resources.makers.get(rid, ()))

    def _take_press(self, item: Resource, changes: Changes) -> None:
        """Add the press or turn that an item reports."""
        rid = str(item["id"])
        found = self._presses.take(item, self._resources.control_id(rid), is_live=True)
        key = self._resources.device_key(self._resources.store.owners.get(rid, ""))
        if found is not None and key is not None:
            changes.presses.append(Press(f"hue:{key}", *found))

    def _note_unknown(self, rid: str, changes: Changes) -> None:
        """Have an unknown resource read once; some bridges name what they never list."""
        if rid not in self._unknown and len(self._unknown) < _MOST_UNKNOWN:
            self._unknown.add(rid)
            changes.needs_read = True
