"""Schedules: the next moment that fits, held against a search through every second."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.brand.model.query.schedule import BEIJING, Schedule
from longmai.kernel.errors import Invalid

_STARTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31))  # noqa: DTZ001 - zoned below


@settings(max_examples=40)
@given(
    _STARTS,
    st.fixed_dictionaries(
        {"minute": st.integers(0, 59).map(str)},
        optional={"second": st.sampled_from(["*", "[10-20],40"]), "hour": st.just("*")},
    ),
)
def test_the_next_moment_is_the_first_that_fits(start: datetime, fields: dict[str, str]) -> None:
    """Second by second, for up to an hour."""
    start = start.replace(tzinfo=BEIJING)
    schedule = Schedule.of(fields)
    wanted = start.replace(microsecond=0) + timedelta(seconds=1)
    while not (
        wanted.minute in schedule.fields["minute"] and wanted.second in schedule.fields["second"]
    ):
        wanted += timedelta(seconds=1)
    assert schedule.next(start) == wanted


@pytest.mark.parametrize(
    ("fields", "after", "wanted"),
    [
        ({"hour": "6"}, "2025-10-01T06:00:00", "2025-10-02T06:00:00"),
        ({"dayOfMonth": "31"}, "2025-11-01T00:00:00", "2025-12-31T00:00:00"),
        ({"month": "2", "dayOfMonth": "29"}, "2025-01-01T00:00:00", "2028-02-29T00:00:00"),
        ({"dayOfWeek": "1", "hour": "9"}, "2025-10-01T00:00:00", "2025-10-06T09:00:00"),
        ({"second": "[0-59]"}, "2025-12-31T23:59:59", "2026-01-01T00:00:00"),
    ],
)
def test_days_months_and_weeks(fields: dict[str, str], after: str, wanted: str) -> None:
    """Finer fields that are not given are once; coarser ones are any."""
    found = Schedule.of(fields).next(datetime.fromisoformat(after).replace(tzinfo=BEIJING))
    assert found.replace(tzinfo=None).isoformat() == wanted


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"year": "2025"},
        {"hour": "24"},
        {"minute": "-1"},
        {"minute": "[5-1]"},
        {"minute": ""},
        {"minute": "a"},
        {"dayOfWeek": "0"},
    ],
)
def test_a_schedule_that_cannot_be_is_refused(fields: dict[str, str]) -> None:
    """With the field that is wrong."""
    with pytest.raises(Invalid):
        Schedule.of(fields)


def test_a_day_that_never_comes_is_told() -> None:
    """Rather than looked for without end."""
    with pytest.raises(Invalid, match="cannot be kept"):
        Schedule.of({"month": "2", "dayOfMonth": "30"}).next(datetime(2025, 1, 1, tzinfo=BEIJING))
