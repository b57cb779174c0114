"""Drafts as edits over a pack, bands, ages and small numbers: tables without a database."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongjian.ground.policy import folders, store
from gongjian.ground.policy.schema import Pack
from gongjian.outlets.trial import edits, rules

DAY = dt.date(2027, 1, 1)


@pytest.fixture(scope="module")
def content():
    return folders.read_pack(store.chosen_folder())[1]


def laid(content, changes, **what):
    return edits.laid_over(content, changes, **{"starts_on": DAY, "version": "2027.1", **what})


def examined(content):
    return folders.examine(folders.Draft(folders.node_of(content), []))


@pytest.mark.parametrize(
    ("part", "ident", "fields", "look", "expected"),
    [
        ("rules", "attend_theme_day", {"points": "2", "at_most.points": "4"}, lambda e: (e["points"], e["at_most"]["points"]), ("2", "4")),
        ("rules", "attend_theme_day", {"at_most.points": "", "at_most.per": ""}, lambda e: "at_most" in e, False),
        ("rules", "absent_without_leave", {"at_most.points": "", "per_quantity": "3"}, lambda e: e["per_quantity"], "3"),
        ("rules", "attend_theme_day", {"off": "true"}, lambda e: e["until"], "2026-12-31"),
        ("dimensions", "service", {"full": "20"}, lambda e: e["full"], "20"),
        ("frame", "frame", {"cap": "200"}, lambda e: e["cap"], "200"),
        ("duties", "theme_day_monthly", {"remind_days_before": []}, lambda e: "remind_days_before" in e, False),
        ("duties", "theme_day_monthly", {"applies_to": ["branch"]}, lambda e: e["applies_to"], ["branch"]),
    ],
)  # fmt: skip
def test_an_edit_lands_in_its_entry_and_nowhere_else(content, part, ident, fields, look, expected):
    made = laid(content, {edits.key_of(part, ident): fields})
    assert look(edits.entries(made, part)[ident]) == expected
    assert not examined(made)[2], "the examples follow, so the checker has nothing to say"
    told = edits.tuned(content, made)
    assert {(one[0], one[1]) for one in told} <= {(part, ident)}
    rest = edits.untuned(content, made) | {name: content[name] for name in ("version", "effective_from")}
    assert {key for key in rest if rest[key] != content[key]} <= {"examples"}


def test_no_edits_are_no_difference(content):
    assert laid(content, {}, starts_on=dt.date(2026, 1, 1), version=content["version"]) == content


def test_what_is_switched_off_before_it_began_was_never_in_force(content):
    made = laid(content, {"rules/attend_theme_day": {"off": "true"}}, starts_on=dt.date(2018, 1, 1))
    assert "attend_theme_day" not in edits.entries(made, "rules")


def test_examples_say_what_the_new_rule_gives(content):
    made = laid(content, {"rules/attend_volunteer_service": {"at_most.points": "8"}})
    example = next(one for one in made["examples"]["points"] if one["id"] == "service_monthly_cap")
    assert [line["points"] for line in example["expect"]] == ["8"]


def test_words_left_behind_are_told():
    assert edits.silent({"rules/a": {"points": "2"}, "rules/b": {"points": "2", "text": "得2分"}, "rules/c": {"off": "true"},
                         "duties/d": {"warn_days_before": "9"}, "dimensions/e": {"full": "9"}}) == ["rules/a"]  # fmt: skip


@pytest.mark.parametrize(
    ("version", "taken", "following"),
    [("2026.1", (), "2026.2"), ("2026.1", ("2026.2", "2026.3"), "2026.4"), ("7", ("8",), "9"), ("1.2.9", (), "1.2.10")],
)
def test_the_next_version_is_free(version, taken, following):
    assert edits.next_version(version, taken) == following


def test_a_whole_pack_laid_over_stored_content(content, tmp_path):
    (tmp_path / "points.yaml").write_text(
        "points:\n  rules:\n    - {id: attend_theme_day, points: 2, at_most: {points: 2, per: month}}\n"
        "    - {id: task_done, remove: true}\n", encoding="utf-8",
    )  # fmt: skip
    pack, made, problems = folders.examine(folders.over(content, tmp_path))
    assert {one.kind for one in problems} == {"example_points"}
    assert not examined(edits.with_examples(made))[2]
    assert pack.point_rule("attend_theme_day").points == 2
    assert "task_done" not in pack.points.rules
    assert len(pack.duties) == len(Pack.model_validate(content).duties)
    (tmp_path / "duties.yaml").write_text(
        "duties:\n  - {id: theme_day_monthly, times: zwei, odd: 1}\n", encoding="utf-8"
    )
    problems = folders.examine(folders.over(content, tmp_path))[2]
    assert {(one.file, one.entry, one.field) for one in problems} == {
        ("duties.yaml", "theme_day_monthly", "times"), ("duties.yaml", "theme_day_monthly", "odd"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (dt.date(1996, 1, 1), "to_30"), (dt.date(1995, 12, 31), "from_31"), (dt.date(1940, 5, 1), "from_61"),
        (None, "unknown"), (dt.date(1990, 12, 31), "from_36"),
    ],
)  # fmt: skip
def test_age_bands_count_completed_years(content, born, band):
    """Completed on the birthday itself: 民法典第一百二十四条、公报按周岁."""
    assert rules.age_band(born, dt.date(2026, 12, 31), Pack.model_validate(content)) == band


def test_scores_lie_in_their_band(content):
    pack = Pack.model_validate(content)
    places = rules.band_places(pack)
    for score in range(-5, 115):
        assert places[rules.place_of(score, places)][1] == pack.points.band(score).id


def test_parts_add_up():
    left = {"p": {"cells": [["a", "b", "c", 0, 1, 2]], "d": {"x": [1, 2]}}}
    right = {
        "p": {"cells": [["a", "b", "c", 0, 1, 3], ["z", "b", "c", 1, 1, 1]], "d": {"x": [1, 0], "y": [4, 4]}},
        "n": 1,
    }
    assert rules.merged([left, right]) == {
        "p": {"cells": [["a", "b", "c", 0, 1, 5], ["z", "b", "c", 1, 1, 1]], "d": {"x": [2, 2], "y": [4, 4]}}, "n": 1,
    }  # fmt: skip
    moves = rules.by_group([["a", "b", "c", 0, 1, 5], ["a", "b", "d", 2, 1, 4], ["z", "b", "c", 1, 1, 1]], "age", 3)
    assert moves["a"] == {"before": [5, 0, 4], "after": [0, 9, 0], "moves": [5, 0, 4]}


@given(
    st.integers(1, 5).flatmap(
        lambda wide: st.lists(st.lists(st.integers(0, 30), min_size=wide, max_size=wide), min_size=1, max_size=6)
    )
)
def test_no_hidden_number_can_be_worked_out_from_a_sum(table):
    """Whoever knows the sums of rows and columns never finds a line with exactly one hidden cell that is not alone there."""
    hidden = rules.kept_back(table, 5)
    lines = [[(at, column) for column in range(len(table[0]))] for at in range(len(table))]
    if len(table) > 1:
        lines += [[(at, column) for at in range(len(table))] for column in range(len(table[0]))]
    for line in lines:
        away = [cell for cell in line if hidden[cell[0]][cell[1]]]
        assert len(away) != 1 or len(line) == 1
    for at, row in enumerate(table):
        for column, count in enumerate(row):
            assert hidden[at][column] or not 0 < count < 5
