"""The four services on loopback, written from their documents alone.

Nothing here imports the integration: what a service would refuse is refused
here, and what its contract forbids a client to do is kept as a violation.
"""
