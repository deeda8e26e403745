"""A home that does not exist: residents, radiators and the devices that tell of them.

The simulators know the wire and the model's words, nothing of the gateway: what a device says is
checked from both sides on the same captures, or the same mistake on both sides would pass.

Everything is an iterator in order of time. A resident yields moves, a boiler yields switches, a
device turns them into messages, and the home is the merge of its devices
(:mod:`simulators.simulation`). :mod:`simulators.play` says the messages over real MQTT.
"""
