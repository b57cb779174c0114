"""积分单, on the phone and as a PDF with the proof of its facts."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongjian.appraisal.points.queries import deciding
from gongjian.appraisal.points.queries.statement import statement as sheet
from gongjian.ground import paper
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts.proof import proof_of


def _year(request: HttpRequest) -> str:
    return deciding.year_or_refuse(request.GET.get("year", clock.year_of(clock.today())))


@needs("points.view_own")
def statement(request: HttpRequest) -> HttpResponse:
    """我的积分单 of a year."""
    year = _year(request)
    years = [str(clock.today().year - n) for n in range(3)]
    return page(
        request, "points/statement.html",
        {**sheet(request.actor.person, year), "tabs": [(y, y, f"?year={y}") for y in years]},
    )  # fmt: skip


@needs("points.view_own")
def statement_paper(request: HttpRequest) -> HttpResponse:
    """The same as a PDF; the facts of its entries travel inside with their proof."""
    found = sheet(request.actor.person, _year(request))
    title = _("%(year)s年度党员积分单") % {"year": found["year"]}
    return paper.response(
        request, "points/statement_paper.html", {**found, "proof": proof_of(found["facts"])}, title=title,
        filename=title, author=found["org"].name if found["org"] else "",
    )  # fmt: skip
