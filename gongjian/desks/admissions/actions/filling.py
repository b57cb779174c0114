"""What is filled in for a step, checked against the fields of the table."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gongjian.desks.admissions.models import Admission
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.policy.admissions_schema import AdmissionField, AdmissionStep
from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

MOST = {"line": 120, "text": 2000}
MOST_NUMBER = 100_000
PAPER_SHOWN = ("shown_on", "shown_until", "shown_result", "shown_note")
RESULTS = ("clear", "answered", "upheld")


def clean(step: AdmissionStep, values: Mapping[str, Any], admission: Admission, pack: Pack) -> dict[str, Any]:
    """The values of a step's fields, each of its kind; Invalid names the field. What the table does not ask for is refused."""
    shows = any(condition.kind == "publication" for condition in step.conditions)
    unknown = set(values) - set(step.fields.ids()) - (set(PAPER_SHOWN) if shows else set())
    if unknown:
        raise Invalid(f"这一步没有这些内容：{'、'.join(sorted(unknown))}。", field="values")
    found: dict[str, Any] = {}
    for field in step.fields:
        value = _one(field, values.get(field.id), admission)
        if value in (None, "", []):
            if field.required:
                raise Invalid(f"请填写“{field.title}”。", field=field.id)
        else:
            found[field.id] = value
    return found | (_shown(values) if shows else {})


def _one(field: AdmissionField, value: Any, admission: Admission) -> Any:
    if value in (None, "", []):
        return None
    if field.kind in ("line", "text"):
        return str(value).strip()[: MOST[field.kind]]
    if field.kind == "date":
        return _day(field.id, value)
    if field.kind == "number":
        return _number(field, value)
    if field.kind == "choice":
        if value not in field.choices:
            raise Invalid(f"请选择“{field.title}”。", field=field.id)
        return value
    if field.kind == "group":
        if not Organisation.objects.filter(pk=_id(field, value), parent=admission.org, kind="group").exists():
            raise Invalid("党小组不属于这个支部。", field=field.id)
        return int(value)
    return _people(field, value, admission)


def _id(field: AdmissionField, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Invalid(f"“{field.title}”不对，请从列表中选择。", field=field.id) from None


def _people(field: AdmissionField, value: Any, admission: Admission) -> Any:
    ids = [_id(field, one) for one in (value if field.kind == "people" else [value])]
    if len(set(ids)) < len(ids):
        raise Invalid(f"“{field.title}”有重复。", field=field.id)
    if admission.person_id in ids:
        raise Invalid(f"“{field.title}”不能是本人。", field=field.id)
    if Person.objects.filter(pk__in=ids).count() < len(ids):
        raise Invalid(f"“{field.title}”里有系统中没有的人。", field=field.id)
    return ids if field.kind == "people" else ids[0]


def _day(name: str, value: Any) -> dt.date:
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise Invalid("日期应写成 2026-11-16 的样子。", field=name) from None


def _number(field: AdmissionField, value: Any) -> int:
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit() or int(value) > MOST_NUMBER:
        raise Invalid(f"“{field.title}”应是整数。", field=field.id)
    return int(value)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """A publication that was on paper (线下公示): from when to when, and how it ended."""
    if values.get("shown_on") in (None, "") or values.get("shown_until") in (None, ""):
        return {}
    result = values.get("shown_result") or "clear"
    if result not in RESULTS:
        raise Invalid("请选择公示结果。", field="shown_result")
    note = str(values.get("shown_note") or "").strip()[:300]
    if len(note) < 5:
        raise Invalid("线下公示请写明张贴地点和凭据，例如“社区公示栏，照片已上传”。", field="shown_note")
    return {
        "shown_on": _day("shown_on", values["shown_on"]), "shown_until": _day("shown_until", values["shown_until"]),
        "shown_result": result, "shown_note": note,
    }  # fmt: skip
