"""The published contract, with what it has wrong put right, as a judge of answers."""

from collections.abc import Callable
from functools import cache
import json
from pathlib import Path
from typing import Any

import fastjsonschema

HERE = Path(__file__).parent
PUBLISHED = json.loads((HERE / "published_contract.json").read_text())
CORRECTIONS = json.loads((HERE / "corrections.json").read_text())


def _corrected(change: dict[str, Any]) -> None:
    """Put one place of the contract right; see `corrections.json` for the reasons."""
    place = PUBLISHED["definitions"]
    *way, last = change["at"]
    for step in way:
        place = place[step]
    place[last] = change["schema"]


for correction in CORRECTIONS["changes"]:
    _corrected(correction)


@cache
def _judge(kind: str) -> Callable[[Any], Any]:
    """Return what validates a resource of a type."""
    name = PUBLISHED["types"][kind]
    definitions = PUBLISHED["definitions"]
    schema = {"$ref": f"#/definitions/{name}", "definitions": definitions}
    judge: Callable[[Any], Any] = fastjsonschema.compile(schema)
    return judge


@cache
def _envelope() -> Callable[[Any], Any]:
    definitions = PUBLISHED["definitions"]
    judge: Callable[[Any], Any] = fastjsonschema.compile(
        {"$ref": "#/definitions/ApiResponse", "definitions": definitions}
    )
    return judge


def wrong_in_answer(answer: Any) -> list[str]:
    """Return what is wrong with an answer's envelope and with its resources."""
    try:
        _envelope()(answer)
    except fastjsonschema.JsonSchemaException as err:
        return [str(err)]
    return [text for item in answer["data"] for text in wrong_in_resource(item)]


def wrong_in_resource(resource: Any) -> list[str]:
    """Return what is wrong with a resource; the contract has not all types."""
    kind = resource.get("type")
    if kind in CORRECTIONS["types_without_schema"] or kind is None:
        return []
    try:
        _judge(kind)(resource)
    except fastjsonschema.JsonSchemaException as err:
        return [f"{kind}: {err}"]
    return []
