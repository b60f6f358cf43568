"""Houses with everything that API v2 has."""

from simulator.hue import accessories as acc
from simulator.hue.answers import Json
from simulator.hue.house import House, default_house, generate, scene
from simulator.hue.lamps import lamp, mac

from . import devices

GRADIENT: Json = {
    "points": [{"color": {"xy": {"x": 0.4573, "y": 0.41}}} for _ in range(2)],
    "points_capable": 5,
    "mode": "interpolated_palette",
    "mode_values": [
        "interpolated_palette",
        "interpolated_palette_mirrored",
        "random_pixelated",
        "segmented_palette",
    ],
    "pixel_count": 16,
}
NEWEST_WHITES: Json = {"mirek_minimum": 50, "mirek_maximum": 1000}


def add_gradient_lamp(house: House, name: str, uniqueid: str) -> str:
    """Add a lamp that shows several colours at once; return its number."""
    number = house.free_number("lights")
    strip = lamp("extended_color", name, uniqueid, on=True)
    strip |= {"modelid": "LCX004", "productname": "Hue gradient lightstrip"}
    strip["config"]["archetype"] = "huelightstrip"
    house.lights[number] = strip
    shown = {"gradient": GRADIENT, "color_temperature": {"mirek_schema": NEWEST_WHITES}}
    house.v2[f"/lights/{number}#light"] = shown
    return number


def add_v1_devices(house: House) -> None:
    """Add what v1 knows as well: what was not in `default_house`."""
    module = house.free_number("sensors")
    house.sensors[module] = acc.wall_module("Hallway wall switch", mac(0xA4))[0]
    (friends,) = acc.friends_of_hue("Cellar switch", "00:00:00:00:00:4a:5b:6d")
    house.sensors[house.free_number("sensors")] = friends
    strip = add_gradient_lamp(house, "Television strip", f"{mac(0x11)}-0b")
    house.groups["1"]["lights"].append(strip)
    for endpoint in ("0b", "0c"):
        number = house.free_number("lights")
        channel = lamp("relay", f"Garage {endpoint}", f"{mac(0x12)}-{endpoint}")
        house.lights[number] = channel
    house.scenes["Hom3nOfAlL5Rt6y"] = scene(
        "Welcome home", "0", {"1": {"on": True, "bri": 254, "ct": 300}}
    )


def full_house() -> House:
    """Return the made-up household with every resource type of API v2."""
    house = default_house()
    add_v1_devices(house)
    house.placed = {
        "1": [f"{mac(0xA1)}#device", f"{mac(0xA3)}#device"],
        "2": [f"{mac(0xA2)}#device"],
    }
    devices.add_contact(house, "back-door", "Back door", mac(0xB1), "1")
    devices.add_camera(house, "yard-camera", "Yard camera")
    devices.add_doorbell(house, "doorbell", "Doorbell")
    devices.add_chime(house, "chime", "Chime", mac(0xB2), "1")
    devices.add_area(house, "living-area", "Living room area", "1", ["1", "2", "3"])
    devices.add_area(house, "home-area", "Whole home", "0", ["1", "5"])
    devices.add_service_group(house, "entrance", "Entrance", ["2"])
    scenes = ["Brt9kLmPq2XsWe1", "Rlx4VaVgQzTWlgy"]
    devices.add_smart_scene(house, "natural-light", "Natural light", scenes)
    devices.add_scripts(house)
    devices.add_automation(house, "morning", "wake-up", "Good morning")
    devices.add_automation(house, "holiday", "away", "On holiday")
    devices.add_automation(house, "dial-setup", "switch", None)
    devices.add_automation(house, "motion-areas", "areas", None)
    return house


def generate_v2(lamps: int, accessories: int = 0, room_size: int = 8) -> House:
    """Return a house of so many lamps and accessories, of both APIs and of v2 alone.

    Every fourth accessory is a contact sensor, which v1 does not know; all are
    spread over the rooms.
    """
    only_v2 = accessories // 4
    house = generate(lamps, accessories - only_v2, room_size)
    rooms: list[str | None] = [*house.groups] or [None]
    switches = [sensor for sensor in house.sensors.values() if "uniqueid" in sensor]
    macs = dict.fromkeys(switch["uniqueid"].partition("-")[0] for switch in switches)
    for index, address in enumerate(macs):
        room = rooms[index % len(rooms)]
        if room is not None:
            house.placed.setdefault(room, []).append(f"{address}#device")
    for index in range(only_v2):
        title, address = f"Door {index + 1}", mac(0x20000 + index)
        room = rooms[index % len(rooms)]
        devices.add_contact(house, f"door-{index + 1}", title, address, room)
    return house
