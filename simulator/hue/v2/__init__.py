"""API v2 of the simulated bridge, over the same house as v1.

Start one
    HueBridge(house=full_house())                  square: both APIs
    HueBridge(model="BSB003", house=full_house())  Pro: MotionAware areas too
    HueBridge(model="BSB001")                      round: v1 only
    take_over(square)                              a Pro with the house, the keys
                                                   and the v2 ids of a square one
    generate_v2(lamps, accessories)                a house of any size

Where a resource is known
    A key names it: "path#kind", with a v1 path ("/lights/1#light",
    "/groups/1#room", "/sensors/5#button3", "/groups/0#grouped_light"), a Zigbee
    address for devices ("00:17:88:…#device"), "/bridge#bridge", or "/v2/<name>"
    for what v1 does not know ("/v2/back-door#contact"). `bridge.v2_id(key)` is
    its id, `bridge.v2(key)` the resource as it is shown now.

    `full_house()` has, below /v2/: back-door (contact, tamper), yard-camera,
    doorbell, chime (speaker), living-area and home-area (MotionAware, Pro only),
    entrance (service_group), natural-light (smart_scene), and the automations
    morning, holiday (can be started and stopped), dial-setup and motion-areas.

Move it (all are control methods, so also POST /<label>/<method>)
    lamps, rooms, v1 sensors   set_light, set_group, recall_scene, set_sensor,
                               press_button, turn_dial, change, add_…, remove_…
    what only v2 has           set_contact, set_tamper, ring, set_camera_motion,
                               set_area_motion, set_area, set_smart_scene,
                               set_automation, set_entertainment, set_effect,
                               finish_sounds, set_connection, remove_resource
    anything                   change_v2(key, feature=…): merged into what is
                               shown; null stays null, "<absent>" removes
    a busy house               change_lamps(numbers), many times a second
    the stream                 shape_stream(batch_seconds, is_held, is_split,
                               is_silent), flush_stream, drop_streams, send_stream,
                               send_items, repeat_message, forget_messages,
                               ghost_buttons, update_unknown
    an overloaded bridge       overload, inject, bridge.simultaneous,
                               bridge.answer_seconds, bridge.is_fragile (a PUT
                               beside another request is answered with a web page)
    the old bridge of a move   factory_reset

Read afterwards
    bridge.violations: more than 10 commands a second to lamps or 1 to groups and
    scenes (with a little tolerance), a PUT beside another request, more than two
    requests at once beside the stream, both colours in one command, an alert
    beside other features, a transition beside an effect, a colour temperature
    beyond the lamp's own range, and writing what the documents say a client never
    writes (see `writable.FORBIDDEN`).
    bridge.identified: the ids of the devices that were told to identify themselves.
"""
