"""Trying a policy out before it is published (政策试算)."""

from gongjian.ground.policy.values import FreeText, Positive, Shape, Truth


class Trials(Shape):
    """政策试算. keep_days: a finished trial is kept so many days; least_shown: counts of persons below it are not shown;
    must_try: a draft is handed in only after a trial of exactly its content.

    It has defaults, so that versions stored before there were trials can still be read.
    """

    keep_days: Positive = 90
    least_shown: Positive = 5
    must_try: Truth = True
    basis: FreeText = ""
