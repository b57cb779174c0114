"""A pack's rules of voting (表决规则): who must be there, how many must agree, who may be left out."""

from typing import Literal

from gongjian.ground.policy.values import Entries, FreeText, Id, Shape, Text, Truth

Quorum = Literal["none", "half_or_more", "over_half", "four_fifths", "over_four_fifths"]
PassBase = Literal["due", "present", "none"]


class VotingRule(Shape):
    """表决规则.

    quorum: what share of those who should attend must be present (half_or_more and four_fifths include the bound);
    pass_base: yes-votes must exceed half of those who should attend (due) or of those present; none: nothing to pass;
    written_opinions: whether an absent member's written opinion counts as a vote; results_for: who reads the numbers after
    the close: everyone on the roll, or (where they are about single persons) those who organise; conflict: what the page tells readers
    where official texts differ or are silent.
    """

    id: Id
    title: Text
    quorum: Quorum
    pass_base: PassBase
    written_opinions: Truth = False
    secret: Truth = False
    results_for: Literal["voters", "organisers"] = "voters"
    conflict: FreeText = ""
    basis: Text


class CircumstanceKind(Shape):
    """不计入应到情形: a circumstance in which a member has no vote, or may be left out of 应到会."""

    id: Id
    title: Text
    loses_vote: Truth
    may_be_left_out: Truth
    needs_higher_consent: Truth
    basis: Text


class Voting(Shape):
    """表决."""

    rules: Entries[VotingRule]
    circumstances: Entries[CircumstanceKind]
