"""What several pages of points share."""

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.ground.kernel.actor import Actor


def nav(actor: Actor) -> list[tuple[str, str, str]]:
    """The pages of points on the desk that this actor may open: key, word, address."""
    pages = (
        ("organisations", _("组织积分"), "points:organisations", "points.view_orgs"),
        ("closing", _("结账公示"), "points:closing", "points.view_orgs"),
        ("appeals", _("申诉"), "points:appeals", "points.review_appeals"),
        ("exemptions", _("豁免"), "points:exemptions", "points.exempt"),
        ("verdicts", _("年度评定"), "points:verdicts", "points.verdict"),
    )
    return [(key, word, reverse(name)) for key, word, name, permission in pages if actor.may(permission)]
