"""Which form stands behind a deed (一件事的表单), and how many of its fields must be filled in.

The pack states the number, so that a pack can be judged without the program; a test holds both equal.
"""

from django import forms

from gongjian.desks.activities.forms import PlanForm
from gongjian.desks.activities.views.minuting import MinutesForm
from gongjian.desks.reviews.forms import OpenForm, SelfForm
from gongjian.desks.talks.forms import TalkForm

#: deed of the pack → its form; a deed without one is a button
FORMS: dict[str, type[forms.Form]] = {
    "plan": PlanForm,
    "minutes": MinutesForm,
    "talk": TalkForm,
    "self_rate": SelfForm,
    "review": OpenForm,
}


def required_fields(deed: str) -> int:
    """How many fields of the deed's form are required, those that a person sees; 0 for a button."""
    form = FORMS.get(deed)
    return sum(field.required and not field.widget.is_hidden for field in form.base_fields.values()) if form else 0
