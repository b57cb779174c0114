"""The yearly appraisal of members by the pack (民主评议): grades, the cap of 优秀, what follows a weak grade."""

from typing import Literal

from gongjian.ground.policy.values import Entries, FreeText, Id, Natural, Positive, Shape, Text, Truth


class Grade(Shape):
    """评议等次. capped: counts against the cap; follow_up: a talk is owed; needs_reason: the verdict says why."""

    id: Id
    title: Text
    capped: Truth = False
    follow_up: Truth = False
    needs_reason: Truth = False


class Reviews(Shape):
    """民主评议.

    At most one in `excellent_one_in` of the members gets a capped grade; `excellent_base` says of which members: those
    who get a grade (`graded`, formal members) or all who take part (`all`). The text says 一般: going over the cap is
    warned about and asks for a reason, it is never refused. `peer_names_shown`: whether a member reads who wrote a
    remark about them.
    """

    grades: Entries[Grade]
    excellent_one_in: Positive
    excellent_base: Literal["graded", "all"]
    rating_days: Positive
    follow_up_days: Natural
    peer_names_shown: Truth = False
    conflict: FreeText = ""
    basis: Text
