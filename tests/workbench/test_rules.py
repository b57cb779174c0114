"""Which home page follows from which grants."""

import pytest

from gongjian.outlets.workbench.rules import Face, Held, faces, per_head, share


def held(role, order, org, level, *codes):
    return Held(role, order, org, level, frozenset(codes).__contains__)


LEADER = ("standards.view", "standards.remind")


@pytest.mark.parametrize(
    ("level", "codes", "kind"),
    [
        ("city", ("access.users", "standards.view"), "health"),
        ("city", ("access.users", *LEADER), "city"),
        ("city", ("standards.view",), "city"),
        ("district", LEADER, "area"),
        ("street", LEADER, "area"),
        ("community", LEADER, "area"),
        ("unit", LEADER, "area"),
        ("branch", ("standards.view",), "branch"),
        ("branch", ("points.view_own",), "me"),
        ("group", ("standards.view",), "me"),
    ],
)
def test_the_kind_follows_from_rights_and_level(level, codes, kind):
    assert faces([held("any", 10, 7, level, *codes)])[0].kind == kind


def test_the_highest_comes_first_and_ones_own_last():
    found = faces(
        [
            held("member", 100, 9, "branch", "points.view_own"),
            held("branch_secretary", 80, 9, "branch", "standards.view"),
            held("street_clerk", 55, 3, "street", *LEADER),
            held("street_secretary", 50, 4, "street", *LEADER),
        ]
    )
    assert [face.key for face in found] == ["area-4", "area-3", "branch-9", "me"]


def test_nobody_in_particular_has_their_own():
    assert faces([]) == [Face("me", 0, "")]


def test_one_page_for_one_organisation_however_many_roles():
    found = faces([held(role, 50, 3, "street", *LEADER) for role in ("a", "b")])
    assert [face.key for face in found] == ["area-3", "me"]


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 2, 50), (1, 3, 33), (2, 3, 67), (1, 200, 1), (0, 5, 0), (0, 0, None)]
)
def test_share(part, whole, percent):
    assert share(part, whole) == percent


def test_per_head():
    assert per_head(100, 8) == 12.5
    assert per_head(100, 0) is None
