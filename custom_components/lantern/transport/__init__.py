"""How Lantern talks to a service: one request path, one token keeper, one language.

Nothing in here knows Home Assistant.
"""
