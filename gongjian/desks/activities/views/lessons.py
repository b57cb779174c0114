"""Whether the secretaries of committees have given their lesson this year."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongjian.desks.activities import lessons
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.lists import Column, Listing


@needs("activities.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Committees below, with their secretary and the lessons given this year."""
    day = clock.today()
    listing = Listing(
        request, lessons.bound(request.actor, day),
        columns=[
            Column("name", _("党组织"), link="orgs:detail", phone="title"),
            Column("secretary", _("书记"), phone="meta"),
            Column("lessons", _("今年讲党课（次）"), kind="number", phone="meta"),
            Column("lesson_state", _("情况"), kind="badge", phone="meta"),
        ],
        search=("name", "short_name", "initials"), order=("path", "id"), export="xlsx,csv", name=_("书记讲党课"),
        prepare=lambda rows: lessons.put_lessons(rows, day), empty=_("没有党委（总支）"),
        empty_hint=_("书记讲党课只看政策包里列出的党委、总支。"), search_hint=_("党组织名称或拼音首字母"),
    )  # fmt: skip
    return listing.response("activities/lessons.html", {"rule": policy.on(day).meetings.secretary_lessons, "day": day})
