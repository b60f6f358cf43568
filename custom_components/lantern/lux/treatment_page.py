"""Treatments as a page that can be printed, for a doctor."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from homeassistant.util import dt as dt_util

_STYLE = """
body { font: 11pt sans-serif; color: #000; background: #fff; margin: 2em; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #999; padding: .3em .6em .3em 0; text-align: left; }
td.number, th.number { text-align: right; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
tr.unknown td { font-style: italic; }
"""


FIELDS = ("start", "duration", "intensity", "ending", "source", "note")
_NUMBERS = ("duration", "intensity")


def _time(value: datetime | None) -> str:
    return dt_util.as_local(value).strftime("%Y-%m-%d %H:%M") if value else "…"


def _cell(text: object, kind: str = "td", of: str = "") -> str:
    shown = "" if text is None else escape(str(text))
    return f"<{kind}{f' class="{of}"' if of else ''}>{shown}</{kind}>"


def _line(row: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """Return a treatment, or a day of which something is unknown."""
    source = texts.get(f"source.{row['source']}", row["source"])
    if row["duration"] is None:
        return (
            f'<tr class="unknown">{_cell(row["start"])}'
            f'<td colspan="3"></td>{_cell(source)}<td></td></tr>'
        )
    start = row["start"][:16].replace("T", " ")
    ending = row["ending"] and texts.get(f"ending.{row['ending']}", row["ending"])
    return (
        f"<tr>{_cell(start)}{_cell(round(row['duration'] / 60), of='number')}"
        f"{_cell(row['intensity'], of='number')}{_cell(ending)}{_cell(source)}"
        f"{_cell(row['note'])}</tr>"
    )


def write_page(
    rows: Iterable[Mapping[str, Any]],
    texts: Mapping[str, str],
    *,
    language: str,
    name: str | None,
    start: datetime | None,
    end: datetime | None,
) -> str:
    """Return an HTML page that needs nothing else; it holds no name but the given."""
    rows = list(rows)
    texts = {**texts, "field.duration": f"{texts['field.duration']} (min)"}
    durations = [row["duration"] for row in rows if row["duration"] is not None]
    title = escape(texts["title"])
    heads = (
        _cell(texts[f"field.{field}"], "th", "number" if field in _NUMBERS else "")
        for field in FIELDS
    )
    body = "\n".join(_line(row, texts) for row in rows)
    whose = f"<h2>{escape(name)}</h2>\n" if name else ""
    duration = escape(texts["field.duration"])
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{title}</title>\n<style>{_STYLE}</style>\n'
        f"</head>\n<body>\n<h1>{title}</h1>\n{whose}"
        f"<p>{_time(start)} – {_time(end)}</p>\n"
        f"<p>{title}: {len(durations)} · {duration}: {round(sum(durations) / 60)}</p>\n"
        f"<table>\n<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>\n{body}\n"
        f"</tbody>\n</table>\n</body>\n</html>\n"
    )
