"""Classes of members and how a year is measured, as tables. Sources: DOMAIN 5 (four classes), 2.2.13 (mobile members)."""

import datetime as dt

import pytest

from gongjian.appraisal.points import classes
from gongjian.appraisal.points.classes import Told

D = dt.date
ADMITTED = Told("member.admitted", D(2020, 1, 1), "membership:1", {"kind": "formal", "joined_on": "2019-01-01"})
SECRETARY = Told("appointment.started", D(2024, 3, 1), "7", {"post": "secretary", "on": "2024-03-01"})


@pytest.mark.parametrize(
    ("facts", "day", "expected"),
    [
        ([], D(2026, 1, 1), "ordinary"),
        ([ADMITTED], D(2026, 1, 1), "ordinary"),
        ([Told("member.admitted", D(2026, 1, 1), "1", {"kind": "probationary"})], D(2026, 6, 1), "probationary"),
        (
            [
                Told("member.admitted", D(2026, 1, 1), "1", {"kind": "probationary"}),
                Told("member.became_formal", D(2027, 1, 1), "1", {"on": "2027-01-01"}),
            ],
            D(2027, 1, 1),
            "ordinary",
        ),
        ([ADMITTED, SECRETARY], D(2024, 3, 1), "backbone"),
        ([ADMITTED, SECRETARY], D(2024, 2, 29), "ordinary"),
        ([ADMITTED, SECRETARY, Told("appointment.ended", D(2026, 5, 1), "7", {"on": "2026-05-01"})], D(2026, 5, 1), "ordinary"),
        ([ADMITTED, SECRETARY, Told("appointment.ended", D(2026, 5, 1), "8", {"on": "2026-05-01"})], D(2026, 5, 1), "backbone"),
        ([ADMITTED, Told("mobile.registered", D(2026, 4, 9), "3", {"since": "2026-04-01"})], D(2026, 4, 2), "mobile"),
        (
            [
                ADMITTED,
                Told("member.state_changed", D(2026, 4, 1), "1", {"on": "2026-04-01", "after": {"mobile": "True"}}),
                Told("member.state_changed", D(2026, 9, 1), "1", {"on": "2026-09-01", "after": {"mobile": "False"}}),
            ],
            D(2026, 9, 1),
            "ordinary",
        ),
        # an exemption goes before everything else, from its first to its last day
        ([SECRETARY, Told("points.exempted", D(2026, 5, 3), "4", {"from": "2026-04-01", "until": "2026-12-31"})],
         D(2026, 12, 31), "special"),
        ([Told("points.exempted", D(2026, 5, 3), "4", {"from": "2026-04-01", "until": "2026-12-31"})],
         D(2027, 1, 1), "ordinary"),
        (
            [
                Told("points.exempted", D(2026, 5, 3), "4", {"from": "2026-04-01", "until": "2026-12-31"}),
                Told("points.exemption_ended", D(2026, 6, 1), "4", {"on": "2026-06-01"}),
            ],
            D(2026, 6, 1),
            "ordinary",
        ),
    ],
)  # fmt: skip
def test_the_class_of_a_day(pack, facts, day, expected):
    assert classes.class_of(pack.points, classes.state_on(facts, day)).id == expected


def test_the_base_pack_names_each_class_its_source(pack):
    assert [entry.id for entry in pack.points.classes] == ["special", "mobile", "probationary", "backbone", "ordinary"]
    assert all(entry.basis for entry in pack.points.classes)
    assert not pack.points.classes["special"].scored


YEAR = {"organisational_life": 25, "learning": 20, "duties": 10, "service": 30, "appraisal": 10, "bonus": 5}


@pytest.mark.parametrize(
    ("described", "points", "of", "hundredths"),
    [("ordinary", 100, 100, 100), ("mobile", 75, 75, 100), ("backbone", 100, 100, 100)],
)
def test_a_year_is_measured_on_the_dimensions_of_the_class(pack, described, points, of, hundredths):
    found = classes.measure(pack.points, pack.points.classes[described], YEAR, 100)
    assert (found.points, found.of, found.hundredths) == (points, of, hundredths)


def test_a_class_caps_a_dimension_at_its_own_full(pack):
    narrow = pack.points.classes["mobile"].model_copy(update={"counts": (pack.points.classes["mobile"].counts[0],)})
    found = classes.measure(pack.points, narrow, {"learning": 99, "service": 30})
    assert (found.points, found.of) == (20, 20)
