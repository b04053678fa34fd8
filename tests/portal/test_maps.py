"""Small maps: the frame fits the places, those outside stand at its edge, labels keep apart."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid
from longmai.kernel.regions import RegionPack, find_pack
from longmai.portal.maps import MapView, Place, map_of

OUTLINE = RegionPack.load(find_pack()).prefecture_boundaries
EAST, WEST = Place("East", 105.7, 35.4), Place("West", 103.8, 36.1)
AWAY = Place("Far south", 113.3, 23.1)


def drawn(*places: Place) -> MapView:
    """Draw a map that has something to show."""
    view = map_of(OUTLINE, places, "en")
    assert view is not None
    return view


def test_places_stand_in_their_order_and_directions() -> None:
    """East is right of west, and the first place is number one."""
    east, west = drawn(EAST, WEST).marks
    assert (east.number, west.number) == (1, 2)
    assert east.x > west.x
    assert east.y > west.y


def test_a_place_outside_stands_at_the_edge() -> None:
    """A shop in another province is drawn at the frame, in its direction, and marked."""
    view = drawn(EAST, AWAY)
    [mark] = [mark for mark in view.marks if mark.outside]
    assert mark.y > view.height * 0.9
    assert mark.name == "Far south"


def test_places_close_together_share_a_mark() -> None:
    """Neighbouring shops are one dot with both names."""
    view = drawn(WEST, Place("Next door", WEST.lon + 0.001, WEST.lat), EAST)
    assert [mark.name for mark in view.marks] == ["West, Next door", "East"]


def test_no_place_inside_gives_no_map() -> None:
    """A journey that never touches the region needs no map of it."""
    assert map_of(OUTLINE, [AWAY], "en") is None


@given(st.lists(st.tuples(st.floats(92, 120), st.floats(20, 43)), min_size=1, max_size=12))
def test_every_mark_and_label_begins_inside(points: list[tuple[float, float]]) -> None:
    """Wherever places lie, dots are in the frame and so are the labels' anchors."""
    view = map_of(OUTLINE, [Place(f"P{i}", lon, lat) for i, (lon, lat) in enumerate(points)])
    if view is None:
        return
    for mark in view.marks:
        assert 0 <= mark.x <= view.width
        assert 0 <= mark.y <= view.height
        assert -20 <= mark.label_x <= view.width + 20


def test_a_file_that_is_no_outline_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    file = tmp_path / "outline.geojson"
    file.write_text(json.dumps({"features": [{"properties": {}}]}), "utf-8")
    with pytest.raises(Invalid, match=r"outline\.geojson"):
        map_of(file, [EAST])
