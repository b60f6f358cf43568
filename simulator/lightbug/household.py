"""The made-up household: trackers at sea, a few odd ones, and whole fleets."""

from datetime import datetime, timedelta
from typing import Any

from . import moments
from .trackers import Place, Row, Tracker, config

FIRST_DEVICE = 2_370_001
NAMES = ("Dinghy", "Cargo bike", "Suitcase", "Trailer", "Tool box", "Canoe")
COLOURS = ("fc7c3d", "3d9bfc", "6abf4b")
PLANS = (("Standard", 24), ("Lite", 2), ("Unlimited", None))
# Of the documents' sample point, as are the numbers in `point`.
SAMPLE_BATTERY = {"batteryVoltage": 3.771, "batteryPct": 33.333333333333336}


def home(number: int) -> Place:
    """Return the middle of a tracker's route: a grid of places in open sea."""
    return round(54 + number % 50 * 0.01, 2), round(7.9 + number // 50 * 0.01, 2)


def device(number: int, owner: int, now: datetime, name: str | None) -> Row:
    """Return v1's whole `device`."""
    serial = number + 1
    return {
        "imei": f"350000{serial:09d}",
        "iccid": f"8999900{serial:012d}",
        "loraId": None,
        "imsi": f"99970{serial:010d}",
        "btMac": 0x020000000000 + serial,
        "btMacAddress": (0x020000000000 + serial).to_bytes(6).hex(":").upper(),
        "uwbId": None,
        "serial": f"43{serial:06d}",
        "type": "ZeroN",
        "expires": moments.text(now + timedelta(days=200)),
        "lastConnection": moments.text(now),
        "firstSeen": moments.text(now - timedelta(days=165)),
        "mode": "default",
        "name": name or f"{NAMES[number % len(NAMES)]} {serial}",
        **SAMPLE_BATTERY,
        "batteryType": "LIO",
        "tags": [f"colour:{COLOURS[number % len(COLOURS)]}"],
        "currentMode": 0,
        "color": COLOURS[number % len(COLOURS)],
        "saveToWeb": False,
        "active": True,
        "deepSleep": False,
        "simstate": "active",
        "stripeSubscription": None,
        "subscriptionType": None,
        "meta": {},
        "siloId": None,
        "resellerId": None,
        "btPasskey": 100_000 + serial % 900_000,
        "simType": "JT",
        "id": FIRST_DEVICE + number,
        "ownerId": owner,
        "resellerPlanId": None,
        "onoWhitelistId": None,
    }


def subscription(number: int, owner: int, now: datetime) -> Row:
    """Return v2's `Subscription` with its `Plan`."""
    kind = number % len(PLANS)
    name, updates = PLANS[kind]
    return {
        "id": 81_000 + number,
        "created": moments.text(now - timedelta(days=165)),
        "expires": moments.text(now + timedelta(days=200)),
        "deviceId": FIRST_DEVICE + number,
        "userId": owner,
        "planId": 11 + kind,
        "plan": {
            "id": 11 + kind,
            "name": name.lower(),
            "displayName": name,
            "description": f"{updates or 'Any number of'} updates a day",
            "features": "",
            "sku": f"PLAN-{11 + kind}",
            "sleepLimit": updates,
            "wakeLimit": updates,
        },
    }


def tracker(number: int, owner: int, now: datetime, name: str | None = None) -> Tracker:
    """Return a tracker that has sent nothing yet."""
    seen = moments.text(now - timedelta(days=165))
    return Tracker(
        device=device(number, owner, now, name),
        config=config(FIRST_DEVICE + number, seen),
        subscription=subscription(number, owner, now),
        home=home(number),
    )


def point(point_id: int, device_id: int, moment: str, place: Place | None) -> Row:
    """Return v1's whole `datapoint`, by GPS, with the sample's numbers."""
    located = place is not None
    return {
        "location": {"lat": place[0], "lng": place[1]} if place else None,
        "timestamp": moment,
        "speed": 0 if located else None,
        "altitude": 2 if located else None,
        "course": 0 if located else None,
        "num_value": None,
        "stringValue": None,
        "sendReason": 1,
        "sats": 9 if located else 0,
        "hdop": -1,
        "accuracy": 8 if located else None,
        "locationType": "gps" if located else "invalid",
        **SAMPLE_BATTERY,
        "averageCharge": None,
        "created": moment,
        "address": "45, Harbour Lane, Windhaven" if located else None,
        "alertType": None,
        "currentUsed": 1798,
        "gsmSignal": 28,
        "correlationId": f"made{point_id:018d}",
        "id": point_id,
        "deviceId": device_id,
    }


def reading(reading_id: int, device_id: int, moment: str, kind: str, value: Any) -> Row:
    """Return v1's whole `sensorReading`."""
    return {
        "timestamp": moment,
        "created": moment,
        "type": kind,
        "value": value,
        "rssi": None,
        "meta": {},
        "relatedId": None,
        "correlationId": f"made{reading_id:018d}",
        "id": reading_id,
        "gatewayId": None,
        "deviceId": device_id,
        "datapointId": None,
    }


def geofences(owner: int, moment: str) -> list[Row]:
    """Return v1's geofences: a circle, and a polygon."""
    common: Row = {
        "type": None,
        "wasInside": False,
        "lastChecked": moment,
        "modified": False,
        "meta": {},
        "foreignId": None,
        "deviceId": None,
        "configId": None,
        "userId": owner,
    }
    corners = ((54.1, 7.9), (54.1, 8.1), (54.2, 8.1), (54.2, 7.9))
    outline = [{"lat": lat, "lng": lng} for lat, lng in corners]
    return [
        {"id": 9001, "name": "Anchorage", "outline": None, "radius": 500}
        | {"center": {"lat": 54.0, "lng": 7.9}}
        | common,
        {"id": 9002, "name": "Fishing ground", "outline": outline}
        | {"center": None, "radius": None}
        | common,
    ]


def v2_geofence(fence: Row) -> Row:
    """Return v2's `Geofence` of v1's."""
    names = ("id", "name", "type", "center", "outline", "radius", "deviceId")
    row = {name: fence[name] for name in (*names, "foreignId", "meta", "modified")}
    row |= {"ownerId": fence["userId"], "listId": None}
    return {name: value for name, value in row.items() if value is not None}


# What the odd trackers are called, by what is odd about them.
ODD = {
    "tag": "Key tag",
    "deactivated": "Old trailer",
    "invalid": "Cellar box",
    "epoch": "Buoy",
    "check_in": "Sleeping skiff",
}
TAG_NULLS = ("imei", "iccid", "imsi", "batteryVoltage", "lastConnection", "expires")

# The types of `notificationTrigger`.
TRIGGERS = (
    "lowBat",
    "button",
    "expiresDaily",
    "expiresWeekly",
    "geofence",
    "newLoc",
    "newWakeLoc",
    "acc",
    "newReading",
    "speed",
    "distance",
    "alertMode",
    "temp",
    "temp_bme",
    "humidity",
    "pressure",
    "extAccel",
    "geoEntry",
    "proximity",
)
