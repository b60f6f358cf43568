"""The bridge itself and its own services as API v2 shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.hue.answers import Json

from .json_data import reference

if TYPE_CHECKING:
    from .view import View

BRIDGE = "/bridge"
_WITHOUT_OWNER = ("homekit", "matter")
_PRODUCTS = {"BSB002": "Philips hue", "BSB003": "Hue Bridge Pro"}


def _channel(view: View) -> Json:
    """Return the bridge's own Zigbee connection."""
    number = view.config.get("zigbeechannel", 0)
    channel = f"channel_{number}" if number in (11, 15, 20, 25) else "not_configured"
    return {
        "status": "connected",
        "mac_address": f"{view.config['mac']}:00:00",
        "channel": {"status": "set", "value": channel},
        "extended_pan_id": "00112233aabbccdd",
    }


def _services(view: View) -> Iterator[tuple[str, Json]]:
    """Return kind and features of what the bridge's device offers."""
    identity: Json = {
        "bridge_id": view.config.get("bridgeid", "").lower(),
        "time_zone": {"time_zone": view.config["timezone"]},
    }
    if view.origin is not None:
        identity["import"] = view.origin
    yield "bridge", identity
    yield "zigbee_connectivity", _channel(view)
    yield "entertainment", {"renderer": False, "proxy": True, "max_streams": 1}
    yield (
        "zigbee_device_discovery",
        {
            "status": "ready",
            "action": {
                "action_type_values": ["search", "search_allow_default_link_key"]
            },
        },
    )
    update = view.config.get("swupdate2", {}).get("bridge", {}).get("state")
    ready = "ready_to_install" if update == "readytoinstall" else "no_update"
    yield "device_software_update", {"state": ready, "problems": []}
    yield "homekit", {"status": "unpaired"}
    yield "matter", {"max_fabrics": 16, "has_qr_code": True}
    if view.is_pro:
        wireless = {"status": "good", "value": -50}
        yield (
            "wifi_connectivity",
            {
                "status": "disconnected",
                "mac_address": view.config["mac"],
                "signal_strength": wireless,
            },
        )


def bridge(view: View) -> Iterator[Json]:
    """Return the bridge's device with its services, and where it is."""
    owner = view.reference(BRIDGE, "device")
    id_v1 = None if view.is_pro else ""
    services = [
        view.resource(
            BRIDGE,
            kind,
            features,
            None if kind in _WITHOUT_OWNER else owner,
            id_v1 if kind == "bridge" else None,
        )
        for kind, features in _services(view)
    ]
    yield from services
    model = view.config["modelid"]
    icon = "bridge_v3" if view.is_pro else "bridge_v2"
    version = view.config["apiversion"].rpartition(".")[0]
    device = {
        "metadata": {"name": view.config["name"], "archetype": icon},
        "product_data": {
            "model_id": model,
            "manufacturer_name": "Signify Netherlands B.V.",
            "product_name": _PRODUCTS.get(model, "Hue bridge"),
            "product_archetype": icon,
            "certified": True,
            "software_version": f"{version}.{view.config['swversion']}",
        },
        "identify": {},
        "services": [reference(service["id"], service["type"]) for service in services],
    }
    yield view.resource(BRIDGE, "device", device, id_v1=id_v1)
    fabric = {
        "status": "paired",
        "fabric_data": {"label": "Example home", "vendor_id": 4939},
        "creation_time": "2026-01-02T03:04:05.678Z",
    }
    yield view.resource(BRIDGE, "matter_fabric", fabric)
    place = {
        "is_configured": True,
        "sun_today": {"sunset_time": "19:41:00", "day_type": "normal_day"},
    }
    yield view.resource(BRIDGE, "geolocation", place)
    yield view.resource(BRIDGE, "public_image", {})


def geofence_clients(view: View) -> Iterator[Json]:
    """Return the phones that tell where they are; what they tell is not readable."""
    for number, sensor in view.house.sensors.items():
        if sensor["type"] == "Geofence":
            path = f"/sensors/{number}"
            yield view.resource(path, "geofence_client", {"name": sensor["name"]})
