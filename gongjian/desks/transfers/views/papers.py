"""The letter as PDF."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from gongjian.desks.transfers.queries import moving
from gongjian.ground.kernel.access import signed_in


@signed_in
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """To come with ground/paper."""
    return redirect("transfers:detail", moving.letter_for(request.actor, letter_id).transfer_id)
