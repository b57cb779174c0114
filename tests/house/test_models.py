"""Tables: foreign keys are imports too, and every model says its Chinese name."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import CASCADE

from tests.house import ground_plan

ROOMS = [config for config in apps.get_app_configs() if config.name.startswith("gongjian.")]
MODELS = [model for config in ROOMS for model in config.get_models()]


def keys():
    """(model, field) of every foreign key, one-to-one and many-to-many of ours that leads to a room of ours."""
    for model in MODELS:
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            target = field.related_model
            if target is not None and target._meta.app_config.name.startswith("gongjian."):
                yield model, field


def test_there_is_something_to_test():
    assert len(MODELS) > 5


@pytest.mark.parametrize(
    ("model", "field"), list(keys()), ids=lambda item: getattr(item, "__name__", None) or item.name
)
def test_foreign_keys_point_downward(model, field):
    here, there = model._meta.app_config.name, field.related_model._meta.app_config.name
    if here == there:
        return
    told = f"{model.__name__}.{field.name} → {field.related_model.__name__}"
    assert ground_plan.height(there) < ground_plan.height(here), f"{told}: points upward or to a neighbour"
    assert field.remote_field.related_name == "+", f"{told}: a lower room must not know who points at it"
    assert not field.many_to_many, f"{told}: a table of the room's own, with dates, instead"
    assert field.remote_field.on_delete is not CASCADE, f"{told}: deleting there must not reach into another room"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_model_docstring_begins_with_its_chinese_term(model):
    doc = model.__doc__ or ""
    assert re.match(r"[\u4e00-\u9fff]", doc), f"{model.__module__}.{model.__name__}: {doc[:60]!r}"


@pytest.mark.django_db
def test_migrations_are_complete():
    try:
        call_command("makemigrations", *(config.label for config in ROOMS), check=True, dry_run=True, verbosity=1)
    except SystemExit as failed:
        pytest.fail(f"a model changed without a migration (exit {failed.code})")
