"""The shape of transfers.yaml (组织关系): letters, who may issue them, ladders, mobile members, deadlines of 党籍."""

from typing import Literal

from gongjian.ground.policy.values import Entries, FactKindName, Id, Natural, Positive, Shape, Text, Truth, Whole


class Committees(Shape):
    """转接权限: kinds of committees that issue and take letters; a branch's nearest one above acts for it.

    direct: those that may deal with any committee of the country (有审批预备党员权限的基层党委). above: party
    organisations that act only for what belongs to them directly. letter_within: whether a letter is written between
    two branches below one and the same committee.
    """

    direct: tuple[Id, ...]
    above: tuple[Id, ...] = ()
    letter_within: Truth = False
    basis: Text


class Validity(Shape):
    """介绍信有效期: usual days inside the city and outside, and the most there may be, extensions included.

    The first day is the one after the letter's date. holiday_moves_end: an end on a holiday moves to the next working day.
    """

    city_days: Positive
    outside_days: Positive
    cap_days: Positive
    cap_strength: Literal["warn", "block"]
    holiday_moves_end: Truth
    stub_years: Positive
    basis: Text


class Pace(Shape):
    """办理时限: working days that each place has before the letter is written or after it has come back."""

    branch_working_days: Positive
    committee_working_days: Positive
    judge_working_days: Positive
    basis: Text


class Rung(Shape):
    """督促阶梯: so many days after the last day (negative: before it) these are told."""

    id: Id
    days: Whole
    to: tuple[Literal["member", "holder", "from", "to", "above"], ...]
    text: Text


class Cause(Shape):
    """事由: one entry of a list that a form offers."""

    id: Id
    title: Text


class Document(Shape):
    """外出凭证: up to so many months away (0: beyond all others) a member takes this along.

    `printed`: whether there is a paper; `dues_at_host`: whether dues may be paid where the member is (2.2.11, 2.2.12).
    """

    id: Id
    title: Text
    months: Natural
    printed: Truth = True
    dues_at_host: Truth = False
    basis: Text


class Mobile(Shape):
    """流动党员: when it is asked whether the relation must move, which paper is taken, how often contact is due."""

    must_transfer_months: Positive
    contact_months: Positive
    contact_abroad_months: Positive
    documents: Entries[Document]
    host_vote: Truth = False
    basis: Text


class Standing(Shape):
    """党籍处理的时限 (months and years are complete ones)."""

    lost_months: Positive
    lost_months_basis: Text
    remove_after_stop_years: Positive
    remove_after_stop_basis: Text
    study_abroad_years: Positive
    study_abroad_basis: Text
    correction_months: Positive
    correction_basis: Text
    rejoin_bar_years: Positive
    rejoin_bar_basis: Text


class Signal(Shape):
    """供核实的线索: no fact of these kinds for so many months; without kinds the system knows nothing of it."""

    id: Id
    title: Text
    months: Positive
    facts: tuple[FactKindName, ...] = ()
    text: Text
    basis: Text


class Proceeding(Shape):
    """党籍处理事项: who it is for, what it does when the higher organisation approves.

    effect: stop, restore, leave (with `leaves`), warn (限期改正, no change of 党籍), none.
    after: what must have lasted before it can be proposed.
    """

    id: Id
    title: Text
    effect: Literal["stop", "restore", "leave", "warn"]
    leaves: Id | None = None
    after: Literal["none", "lost", "stopped", "warned", "abroad"] = "none"
    probationary_only: Truth = False
    text: Text
    basis: Text


class LeaveKind(Shape):
    """党员减少的种类: bar: whether rejoining is barred for the pack's years."""

    id: Id
    title: Text
    bar: Truth = False
    order: Natural = 100


class Transfers(Shape):
    """组织关系."""

    committees: Committees
    validity: Validity
    pace: Pace
    ladder: Entries[Rung]
    ladder_basis: Text
    reasons: Entries[Cause]
    refusal_causes: Entries[Cause]
    refusal_basis: Text
    mobile: Mobile
    standing: Standing
    signals: Entries[Signal]
    proceedings: Entries[Proceeding]
    leave_kinds: Entries[LeaveKind]
