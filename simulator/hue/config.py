"""The bridge's config: what it tells anybody, and what it tells applications."""

from dataclasses import dataclass
from typing import Any

from .answers import INVALID_VALUE, NO_PARAMETER, NOT_MODIFIABLE, Json, error, success


@dataclass(frozen=True, slots=True)
class Model:
    """A bridge's hardware, with the firmware that it runs."""

    swversion: str
    apiversion: str
    description: str | None
    round: bool = False


MODELS = {
    "BSB001": Model("01041302", "1.16.0", "Philips hue bridge 2012", round=True),
    "BSB002": Model("1968096020", "1.68.0", "Philips hue bridge 2015"),
    "BSB003": Model("2073018000", "1.73.0", None),
}
SHORT = (
    "name",
    "datastoreversion",
    "swversion",
    "apiversion",
    "mac",
    "bridgeid",
    "factorynew",
    "replacesbridgeid",
    "modelid",
    "starterkitid",
)
WRITABLE = {"name": str, "dhcp": bool, "portalservices": bool, "timezone": str}
_UPDATES = {
    "checkforupdate": False,
    "lastchange": "2024-02-07T13:30:11",
    "bridge": {"state": "noupdates", "lastinstall": "2024-02-06T14:01:22"},
    "state": "noupdates",
    "autoinstall": {"updatetime": "T14:00:00", "on": True},
}
_INTERNET = {
    "internet": "connected",
    "remoteaccess": "connected",
    "time": "connected",
    "swupdate": "connected",
}
_DESCRIPTION = """<?xml version="1.0" encoding="UTF-8" ?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
<device>
<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>
<friendlyName>{name}</friendlyName>
<manufacturer>Signify</manufacturer>
<modelName>{model}</modelName>
<serialNumber>{serial}</serialNumber>
</device>
</root>
"""


def mac_of(bridge_id: str | None) -> str:
    """Return the MAC that a bridge id is made of; an emulator's is made up."""
    digits = f"{bridge_id[:6]}{bridge_id[10:]}" if bridge_id else "02005e0a0b0c"
    return bytes.fromhex(digits).hex(":")


def fresh(model: str, bridge_id: str | None) -> Json:
    """Return the config of a bridge at work, without what changes by itself."""
    firmware = MODELS[model]
    config: Json = {
        "name": "Lighthouse",
        "zigbeechannel": 25,
        "mac": mac_of(bridge_id),
        "dhcp": True,
        "ipaddress": "192.0.2.10",
        "netmask": "255.255.255.0",
        "gateway": "192.0.2.1",
        "proxyaddress": "none",
        "proxyport": 0,
        "timezone": "UTC",
        "modelid": model,
        "datastoreversion": "60" if firmware.round else "180",
        "swversion": firmware.swversion,
        "apiversion": firmware.apiversion,
        "swupdate": {"updatestate": 0, "url": "", "text": "", "notify": False},
        "portalservices": True,
        "portalconnection": "connected",
        "portalstate": {
            "signedon": True,
            "incoming": False,
            "outgoing": True,
            "communication": "disconnected",
        },
        "factorynew": False,
        "replacesbridgeid": None,
        "backup": {"status": "idle", "errorcode": 0},
        "starterkitid": "",
    }
    if bridge_id:
        config["bridgeid"] = bridge_id.upper()
    if not firmware.round:
        config["swupdate2"] = {
            key: dict(part) if isinstance(part, dict) else part
            for key, part in _UPDATES.items()
        }
        config["internetservices"] = dict(_INTERNET)
        config["analyticsconsent"] = False
    return config


def short(config: Json) -> Json:
    """Return what the bridge tells anybody who asks."""
    return {key: config[key] for key in SHORT if key in config}


def merge(config: Json, values: Json) -> None:
    """Set values in JSON data; an object changes only the parts that it names."""
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            merge(config[key], value)
        else:
            config[key] = value


def _is_valid(name: str, value: Any) -> bool:
    """Return whether the bridge takes the value; a name has 4 to 32 characters."""
    fits = isinstance(value, WRITABLE[name])
    return fits and (name != "name" or 4 <= len(value) <= 32)


def put(config: Json, body: Json) -> list[Json]:
    """Change the config and return an answer for each parameter."""
    answers = []
    for name, value in body.items():
        where = f"/config/{name}"
        if name not in WRITABLE:
            exists = name in config or name in ("linkbutton", "whitelist", "UTC")
            answers.append(
                error(NOT_MODIFIABLE if exists else NO_PARAMETER, where, name)
            )
        elif not _is_valid(name, value):
            answers.append(error(INVALID_VALUE, where, value, name))
        else:
            config[name] = value
            answers.append(success(where, value))
    return answers


def description(config: Json) -> str | None:
    """Return the UPnP description; the Pro model has none."""
    model = MODELS[config["modelid"]].description
    serial = config["mac"].replace(":", "")
    if model is None:
        return None
    return _DESCRIPTION.format(name=config["name"], model=model, serial=serial)
