"""A pack's rules of elections (换届选举规则): candidates, order on the ballot, filling seats, terms."""

from typing import Literal

from gongjian.ground.policy.values import Id, Natural, Positive, Shape, Text, Truth


class Candidates(Shape):
    """候选人: exceed the seats by so many percent (rounded up), by one at least; these posts stand single (等额)."""

    surplus_percent: Natural
    surplus_at_least: Natural
    single_posts: tuple[Id, ...]
    standing_years: Natural
    basis: Text


class BallotOrder(Shape):
    """选票排列: by strokes of the surname or by pinyin; which of one surname stands first."""

    by: Literal["strokes", "pinyin"]
    same_surname: Literal["short_first", "strokes"]
    basis: Text


class Filling(Shape):
    """补足名额: revote_needs_majority: whether those tied must have a majority again; how many seats may stay empty."""

    revote_needs_majority: Truth
    reduce_missing_at_most: Natural
    basis: Text


class Deputies(Shape):
    """副书记人数."""

    in_branch_at_most: Natural
    elsewhere_at_most: Natural
    basis: Text


class Congress(Shape):
    """党员代表大会: from so many members on it may be held with approval; its size."""

    from_members: Positive
    delegates_from: Positive
    delegates_usual: Positive
    delegates_at_most: Positive
    basis: Text


class Elections(Shape):
    """换届选举."""

    candidates: Candidates
    ballot_order: BallotOrder
    filling: Filling
    deputies: Deputies
    congress: Congress
