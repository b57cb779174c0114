"""办理: doing a deed in a view, and telling the reader when it is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from gongjian.ground.kernel.errors import Refused


class Attempt:
    """Whether the deed was done: false until its block has run to the end."""

    def __init__(self) -> None:
        self.done = False
        self.refusal: Refused | None = None

    def __bool__(self) -> bool:
        return self.done


@contextmanager
def attempt(request: HttpRequest, form: forms.BaseForm | None = None, success: str = "") -> Iterator[Attempt]:
    """Run a deed; a `Refused` becomes an error of the form (at its field, if the form has it) or a message.

        with attempt(request, form) as ok:
            actions.found(by=request.actor, …)
        if ok:
            return redirect(…)

    Other errors (Forbidden, NotFound, faults) pass through. `success` is told as a message when the deed is done.
    """
    outcome = Attempt()
    try:
        yield outcome
    except Refused as refusal:
        outcome.refusal = refusal
        text = getattr(refusal, "message", None) or str(refusal)
        field = getattr(refusal, "field", None)
        if form is not None and form.is_bound and hasattr(form, "cleaned_data"):
            form.add_error(field if field in form.fields else None, text)
        else:
            messages.error(request, text)
    else:
        outcome.done = True
        if success:
            messages.success(request, success)
