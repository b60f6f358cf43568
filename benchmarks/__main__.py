import logging

logging.basicConfig(level=logging.WARNING)
import asyncio
from . import refresh

for one in asyncio.run(refresh.measure()):
    print(
        one.entities, one.changed, {k: round(v) for k, v in one.us.items()}, one.events
    )
