"""What a bridge that took over another one's house knows of our devices."""

from ...transport import parsing
from .http import HueHttp
from .v1_parser import zigbee


async def get_zigbee_addresses(http: HueHttp) -> set[str]:
    """Return the Zigbee addresses of what a bridge has, as device ids have them.

    Raises AuthError if the bridge does not know our key (hue_v2, section 1).
    """
    resources = await http.get_v2("resource")
    addresses = (
        zigbee({"uniqueid": parsing.as_str(resource.get("mac_address"))})[0]
        for resource in resources
        if resource.get("type") == "zigbee_connectivity"
    )
    return {address for address in addresses if address is not None}
