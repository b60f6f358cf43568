"""The page on architecture shows the packages as their imports build them."""

import pytest

from .import_graph import PAGE, arrows, floors, graph, section


def test_the_page_is_drawn_from_the_imports() -> None:
    """No circle among the packages, and the page has today's floors and arrows."""
    assert floors(arrows(graph()))["transport"] == 0
    assert section() in PAGE.read_text(), "run `python -m tests.import_graph`"


def test_a_circle_is_found() -> None:
    """Two packages that import each other have no floor."""
    with pytest.raises(ValueError, match="a circle among"):
        floors({"hue": {"shared"}, "shared": {"hue"}})
