"""Deeds: draft a policy, change it entry by entry, try it, hand it in, publish it or give it up."""

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy import folders, store
from gongjian.ground.policy.problems import Problem
from gongjian.outlets.trial import edits, queries, working
from gongjian.outlets.trial.models import Draft, Part, Trial
from gongjian.outlets.trial.states import BUSY, DONE, DRAFTING, DROPPED, PUBLISHED, SUBMITTED
from gongjian.records import facts
from gongjian.records.facts.stream import last_number, number_pending

LARGEST = 1024 * 1024  # bytes of all uploaded files together; a pack is some hundred thousand


class Wrong(Invalid):
    """The pack's checker refuses (政策包有问题); `problems` says what, each with its place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems[:20]))


def begin(
    *, title: str, by: Actor, reason: str = "", files: Mapping[str, bytes] | None = None, at: dt.datetime | None = None
) -> Draft:
    """Begin a draft from the newest pack (起草), or from a pack's YAML files.

    With a `pack.yaml` the files are a whole pack; without it they are laid over the newest one, as a city's over the
    base. Raises Wrong with everything that the checker finds.
    """
    queries.require(by, "trial.draft")
    moment = at or clock.now()
    version, base = store.latest()
    uploaded = _read(base, files) if files else None
    return Draft.objects.create(
        title=title, reason=reason, pack=base["id"], base=base, base_version=base["version"],
        base_digest=version.digest if version else folders.digest_of(base), uploaded=uploaded, author=by.person,
        created_at=moment, changed_at=moment,
    )  # fmt: skip


def _read(base: dict, files: Mapping[str, bytes]) -> dict:
    if sum(map(len, files.values())) > LARGEST:
        raise Invalid(_("文件合计超过 1 MB，请只上传政策包的 YAML 文件。"), field="files")
    known = {"fact_kinds": set(registry.fact_kinds()), "permissions": set(registry.permissions())}
    with tempfile.TemporaryDirectory(prefix="gongjian-pack-") as home:
        folder = Path(home) / base["id"]
        folder.mkdir()
        for name, content in files.items():
            if Path(name).name != name or not name.endswith(".yaml") or name.startswith("."):
                raise Invalid(
                    _("“%(name)s”不是政策包的文件，应是 points.yaml 这样的名字。") % {"name": name}, field="files"
                )
            (folder / name).write_bytes(content)
        given = folders.draft(folder) if "pack.yaml" in files else folders.over(base, folder)
    _pack, content, problems = folders.examine(given, **known)
    if problems and "examples.yaml" not in files and all(one.kind.startswith("example_") for one in problems):
        content = edits.with_examples(content)  # who changes a rule by a file need not bring its examples
        problems = queries.checked(content)[1]
    if problems:
        raise Wrong(problems)
    return content


def _held(draft: Draft, *states: str) -> Draft:
    """The draft's row, locked, if it is in one of these states."""
    held = Draft.objects.select_for_update().get(pk=draft.pk)
    if held.state not in states:
        raise Refused(_("这份草案现在是“%(state)s”，不能这样办理。") % {"state": held.get_state_display()})
    return held


@transaction.atomic
def describe(*, draft: Draft, title: str, reason: str, by: Actor, at: dt.datetime | None = None) -> Draft:
    """Change a draft's name and reason."""
    queries.require(by, "trial.draft")
    held = _held(draft, DRAFTING)
    held.title, held.reason, held.changed_at = title, reason, at or clock.now()
    held.save()
    return held


@transaction.atomic
def change(
    *, draft: Draft, part: str, ident: str, values: Mapping[str, str | list[str]], by: Actor, revision: int | None = None,
    at: dt.datetime | None = None,
) -> Draft:  # fmt: skip
    """Change one entry of a draft (改一条): what differs from where the draft began is kept, what is as it was is not.

    Raises Wrong with what the pack's checker says of the entry, Refused when somebody else saved since `revision`.
    """
    queries.require(by, "trial.draft")
    held = _held(draft, DRAFTING)
    if revision is not None and revision != held.revision:
        raise Refused(_("别的同志刚改过这份草案，请核对下面的内容后再保存。"))
    start = queries.start_of(held)
    entry = edits.entries(start, part).get(ident) if part in edits.FIELDS else None
    if entry is None:
        raise Invalid(_("政策包里没有这一条。"))
    fields = edits.changed(edits.values_of(entry, part), values)
    if fields.get(edits.OFF):
        fields = {edits.OFF: fields[edits.OFF]}
    before = dict(held.edits)
    held.edits = {key: value for key, value in before.items() if key != edits.key_of(part, ident)}
    if fields:
        held.edits[edits.key_of(part, ident)] = fields
    if held.edits == before:
        return held
    _pack, problems = queries.checked(queries.content_of(held, starts_on=clock.day_of(at or clock.now())))
    if problems:
        raise Wrong(problems)
    held.revision += 1
    held.changed_at = at or clock.now()
    held.save()
    return held


@transaction.atomic
def renew(*, draft: Draft, by: Actor, at: dt.datetime | None = None) -> Draft:
    """Lay the draft's edits over the newest pack, because another was stored since (换底稿). Not for uploaded files."""
    queries.require(by, "trial.draft")
    held = _held(draft, DRAFTING)
    if held.uploaded is not None:
        raise Refused(_("这份草案是上传的文件，请按最新的政策包改好文件，重新上传。"))
    version, base = store.latest()
    held.base, held.base_version, held.pack = base, base["version"], base["id"]
    held.base_digest = version.digest if version else folders.digest_of(base)
    held.edits = {
        key: fields for key, fields in held.edits.items()
        if key.partition("/")[2] in edits.entries(base, key.partition("/")[0])
    }  # fmt: skip
    held.revision += 1
    held.version, held.changed_at = "", at or clock.now()
    _pack, problems = queries.checked(queries.content_of(held, starts_on=clock.day_of(held.changed_at)))
    if problems:
        raise Wrong(problems)
    held.save()
    return held


@transaction.atomic
def drop(*, draft: Draft, by: Actor, at: dt.datetime | None = None) -> Draft:
    """Give a draft up (作废); its trials that still run are stopped."""
    queries.require(by, "trial.draft")
    held = _held(draft, DRAFTING, SUBMITTED)
    moment = at or clock.now()
    held.state, held.changed_at = DROPPED, moment
    held.save()
    for trial in held.trials.filter(state__in=BUSY):
        working.cancel(trial)
    _tell("policy_draft.dropped", held, by, moment, number=0)
    return held


def _tell(kind: str, draft: Draft, by: Actor, at: dt.datetime, number: int, **data: object) -> None:
    facts.record(
        kind, by=by, at=at, org=queries.root().pk, obj=Ref("policy_draft", str(draft.pk)), data={"pack": draft.pack, **data},
        source=f"{kind}:{draft.pk}:{number}",
    )  # fmt: skip


# --- trying out ---------------------------------------------------------------------------------------------------
def try_out(*, draft: Draft, year: int, by: Actor, at: dt.datetime | None = None) -> Trial:
    """Begin a trial of a draft over a year (试算); the one that runs already, or found the same, is returned instead."""
    queries.require(by, "trial.draft")
    moment = at or clock.now()
    if year not in queries.years():
        raise Invalid(_("这一年没有记录，不能试算。"), field="year")
    if draft.state not in (DRAFTING, SUBMITTED):
        raise Refused(_("这份草案已经办结，请另起一份再试算。"))
    while number_pending():
        pass
    first, digest = dt.date(year, 1, 1), queries.digest_of(draft)
    upto = last_number()
    same = draft.trials.filter(year=year, digest=digest)
    known = same.filter(state__in=BUSY).first() or same.filter(state=DONE, upto=upto).first()
    if known is not None:
        return known
    after = queries.content_of(draft, starts_on=first)
    before = draft.base | {"effective_from": first.isoformat()}
    try:
        with transaction.atomic():
            trial = Trial.objects.create(
                draft=draft, year=year, before=before, after=after, digest=digest, day=clock.day_of(moment), upto=upto,
                asked_by=by.person, asked_at=moment,
            )  # fmt: skip
            Part.objects.bulk_create(working.parts_for(trial, *queries.most()))
    except IntegrityError:  # somebody else began it at the same moment
        return same.filter(state__in=BUSY).latest("pk")
    return trial


def cancel(*, trial: Trial, by: Actor) -> None:
    """Stop a trial (取消试算). Raises Refused if it is over."""
    queries.require(by, "trial.draft")
    if not working.cancel(trial):
        raise Refused(_("这次试算已经结束，不用取消。"))


# --- publishing ---------------------------------------------------------------------------------------------------
@transaction.atomic
def submit(
    *, draft: Draft, effective_from: dt.date, by: Actor, version: str = "", at: dt.datetime | None = None
) -> Draft:
    """Hand a draft in for publication from a day on (提交批准). Raises Invalid or Refused with what is missing."""
    queries.require(by, "trial.draft")
    held = _held(draft, DRAFTING)
    moment = at or clock.now()
    _refuse_early(effective_from, moment)
    if queries.is_behind(held):
        raise Refused(_("起草以后又登记了新的政策包。请先换成最新的底稿，核对后重新试算。"))
    held.effective_from, held.version = effective_from, version or queries.proposed_version(held)
    if not queries.differences(held, effective_from):
        raise Refused(_("草案和现行政策包没有不同，没有什么可以发布。"))
    if policy.current().trials.must_try and queries.tried(held) is None:
        raise Refused(_("请先用过去一年的记录试算现在这份草案，再提交。"))
    _checked(held)
    held.state, held.submitted_by, held.submitted_at, held.changed_at = SUBMITTED, by.person, moment, moment
    held.decided_by = held.decided_at = None
    held.returned = ""
    held.revision += 1
    held.save()
    _tell(
        "policy_draft.submitted", held, by, moment, held.revision, version=held.version, on=effective_from.isoformat()
    )
    return held


def _refuse_early(day: dt.date, moment: dt.datetime) -> None:
    if day < clock.day_of(moment):
        raise Invalid(_("新政策不能改写过去，生效日期最早是今天。"), field="effective_from")


def _checked(draft: Draft) -> tuple[policy.Pack, dict]:
    content = queries.content_of(draft, starts_on=draft.effective_from, version=draft.version)
    pack, problems = queries.checked(content)
    if problems or pack is None:
        raise Wrong(problems)
    return pack, content


@transaction.atomic
def send_back(*, draft: Draft, by: Actor, reason: str = "", at: dt.datetime | None = None) -> Draft:
    """Return a draft for more work: its approver with a reason (退回), or whoever handed it in (撤回)."""
    held = _held(draft, SUBMITTED)
    moment = at or clock.now()
    own = by.person is not None and by.person == held.submitted_by
    queries.require(by, "trial.draft" if own else "trial.approve")
    if not own and not reason.strip():
        raise Invalid(_("请写明退回的理由。"), field="reason")
    held.state, held.returned, held.changed_at = DRAFTING, reason.strip()[:500], moment
    held.revision += 1
    held.save()
    _tell("policy_draft.returned", held, by, moment, held.revision)
    return held


@transaction.atomic
def publish(*, draft: Draft, by: Actor, burden_reason: str = "", at: dt.datetime | None = None) -> Draft:
    """Approve a draft and store it as a version of the pack (批准发布): by another person than the one who handed it in.

    `burden_reason`: why it may ask more of people than the burden's budget, for which the approver answers by name.
    Raises Refused when another pack was stored meanwhile, VersionTaken when the number or the day no longer fits,
    OverBudget when the budget is broken and no reason is given.
    """
    queries.require(by, "trial.approve")
    moment = at or clock.now()
    held = _held(draft, SUBMITTED)
    if by.person is None or by.person == held.submitted_by:
        raise Refused(_("提交的人不能自己批准，请另一位同志批准。"))
    _refuse_early(held.effective_from, moment)
    if store.latest()[0] is None:
        # While files are used, the first version stored would hold for all the past: so those come first.
        store.load(store.chosen_folder(), by=by.person, at=moment)
    if queries.is_behind(held):
        raise Refused(_("起草以后又登记了新的政策包。请退回，换成最新的底稿，重新试算。"))
    pack, content = _checked(held)
    held.published, _new = store.keep(pack, content, by=by.person, at=moment, approver=by.name, reason=burden_reason)
    held.state, held.decided_by, held.decided_at, held.changed_at = PUBLISHED, by.person, moment, moment
    held.save()
    _tell(
        "policy_draft.published", held, by, moment, 0, version=held.version, on=held.effective_from.isoformat(),
        submitted_by=held.submitted_by,
    )  # fmt: skip
    return held
