"""Nothing known is asked twice, as far as a machine can tell: no form outside the records asks what the records keep.

A field counts as known when it has the name or the label of a column about a person that `records` holds. This finds a form
that asks for somebody's birth date again; it does not find the same question in other words, in free text or in a sheet.
"""

from importlib import import_module

import pytest
from django.apps import apps
from django.forms import BaseForm

from gongjian.records.people.models import Membership, Person

KNOWN = {
    "sex", "ethnic", "birth_date", "education", "degree", "work_unit", "occupation", "identity", "phone",
    "joined_on", "formal_on",
}  # fmt: skip
LABELS = {str(model._meta.get_field(name).verbose_name) for model in (Person, Membership) for name in KNOWN if name in
          {field.name for field in model._meta.get_fields()}} | {"姓名", "身份证号", "电话", "手机", "手机号", "住址"}  # fmt: skip
# Forms that take in somebody whom the records do not know yet, or that show what is known and let it be put right.
# orders: who asks need not be known at all, and PersonForm looks somebody up by name.
ABOUT_STRANGERS = {
    "admissions.StartForm",
    "transfers.KeyInForm",
    "orders.AskForm",
    "orders.NoteForm",
    "orders.PersonForm",
}
KEEPERS = {"people", "orgs", "access"}


def forms() -> dict[str, type[BaseForm]]:
    """Every form of our rooms by room and name."""
    for config in apps.get_app_configs():
        if config.name.startswith("gongjian."):
            for drawer in ("urls", "forms"):
                try:
                    import_module(f"{config.name}.{drawer}")
                except ModuleNotFoundError as missing:
                    if missing.name != f"{config.name}.{drawer}":
                        raise
    found, todo = {}, [BaseForm]
    while todo:
        for form in todo.pop().__subclasses__():
            todo.append(form)
            if form.__module__.startswith("gongjian.") and hasattr(form, "base_fields"):
                found[f"{form.__module__.split('.')[2]}.{form.__name__}"] = form
    return found


def asked_again() -> dict[str, list[str]]:
    """Form → its fields that the records know already."""
    found = {}
    for name, form in forms().items():
        again = [key for key, field in form.base_fields.items() if key in KNOWN or str(field.label) in LABELS]
        if again and name.split(".")[0] not in KEEPERS:
            found[name] = again
    return found


def test_no_form_asks_for_what_the_records_know():
    assert len(forms()) > 40
    assert set(asked_again()) <= ABOUT_STRANGERS, asked_again()


@pytest.mark.parametrize("name", sorted(ABOUT_STRANGERS))
def test_each_exception_is_needed(name):
    assert name in asked_again()
