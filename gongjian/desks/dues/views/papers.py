"""What is printed: a receipt, and the month's sheet."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongjian.desks.dues import queries, rules
from gongjian.desks.dues.views.collecting import sheet_rows
from gongjian.desks.dues.views.own import receipt_context
from gongjian.desks.dues.views.shared import month_of, word
from gongjian.ground import paper
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.records.facts.proof import proof_of


@signed_in
def receipt_pdf(request: HttpRequest, payment_id: int) -> HttpResponse:
    """A receipt as PDF, with its proof from the facts."""
    context = receipt_context(request, payment_id)
    payment = context["payment"]
    context["proof"] = proof_of([payment.fact]) if payment.fact else None
    context["capital"] = rules.capital(payment.amount)
    name = f"{_('党费收据')}-{context['serial']}.pdf"
    return paper.response(request, "dues/paper/receipt.html", context, title=_("党费收据"), filename=name)


@needs("dues.collect")
def sheet_pdf(request: HttpRequest, org_id: int, month: str) -> HttpResponse:
    """The month's sheet of a branch as PDF, for the wall or the file."""
    org, month = queries.branch_for(request.actor, org_id, "dues.collect"), month_of(month)
    title = _("%(month)s党费收缴表") % {"month": word(month)}
    return paper.response(
        request, "dues/paper/month.html", {"org": org, "rows": sheet_rows(org, month)}, title=title,
        filename=f"{org.name}-{title}.pdf",
    )  # fmt: skip
