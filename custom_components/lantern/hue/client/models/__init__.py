"""Models of a bridge and what it has, in neutral units.

Brightness is 0 to 1, colour temperature in kelvin, temperature in °C, light in lx.
"""
