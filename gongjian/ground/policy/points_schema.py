"""Classes of members and the words of the yearly verdict by the pack (党员类别、年度评定)."""

from typing import Literal

from gongjian.ground.policy.values import Id, Positive, Shape, Text, Truth


class Counted(Shape):
    """计入维度: a dimension that counts for a class of members; its full points for them where they are fewer."""

    dimension: Id
    full: Positive | None = None


class MemberClass(Shape):
    """党员类别: whose year is judged by which part of the frame; the first class that fits a person is theirs.

    posts, kinds (probationary, formal), mobile, exempt: whoever has any of them belongs here; a class without any is for
    all. scored: whether a year is judged at all; counts: the dimensions that count (none named: all, as in the frame).
    """

    id: Id
    title: Text
    posts: tuple[Id, ...] = ()
    kinds: tuple[Literal["probationary", "formal"], ...] = ()
    mobile: Truth = False
    exempt: Truth = False
    scored: Truth = True
    counts: tuple[Counted, ...] = ()
    about: Text
    basis: Text


class VerdictWord(Shape):
    """年度评定: a verdict that a committee can give for a year."""

    id: Id
    title: Text
    about: Text
