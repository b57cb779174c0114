"""Reads of admissions; every one knows who asks. Nobody outside branch, higher committee, guides and person sees one."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.desks.admissions import rules
from gongjian.desks.admissions.models import Admission, Guide, Observation, PoolReview, StepRecord
from gongjian.desks.admissions.states import UNDER_WAY
from gongjian.engines.publication import queries as publications
from gongjian.engines.voting import expected
from gongjian.engines.voting import queries as polls
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.admissions_schema import Admissions, AdmissionStep
from gongjian.ground.policy.calendar import add_working_days, next_working_day
from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Circumstance, Dated, Membership, Person

MISSING = "没有找到这份发展档案，或者它不在您的可见范围内。"
CLOSED_TO = ("done", "failed")


# --- who sees ------------------------------------------------------------------------------------------------------
def visible_to(actor: Actor) -> QuerySet[Admission]:
    """Files of branches that the actor may look into, also on their way there."""
    if actor.kind == "system":
        return Admission.objects.all()
    return Admission.objects.filter(
        scope_q(actor, "admissions.view", prefix="org__") | scope_q(actor, "admissions.keep", prefix="target__")
    )


def guided_by(actor: Actor) -> QuerySet[Admission]:
    """Files of the persons whom the actor accompanies now as contact or introducer."""
    if not actor.person or not _may_read_own(actor):
        return Admission.objects.none()
    mine = Guide.objects.filter(admission=OuterRef("pk"), person=actor.person, until__isnull=True)
    return Admission.objects.filter(Exists(mine))


def _may_read_own(actor: Actor) -> bool:
    return actor.token_scopes is None or "admissions.own" in actor.token_scopes


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Admission:
    """One file that the actor may see in full: branch, higher committee, guides; NotFound otherwise."""
    found = Admission.objects.filter(
        Q(pk__in=visible_to(actor).values("pk")) | Q(pk__in=guided_by(actor).values("pk"))
    ).exclude(person=actor.person) if actor.kind != "system" else Admission.objects.all()  # fmt: skip
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.select_related("org", "person", "target").get(pk=ident)
    except (Admission.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(MISSING) from None


def own(actor: Actor) -> Admission | None:
    """One's own file, the latest; what of it one may see is decided by the page."""
    if not actor.person or not _may_read_own(actor):
        return None
    return Admission.objects.filter(person=actor.person).select_related("org", "person").order_by("-id").first()


def persons_open(orgs: Iterable[int]) -> QuerySet[Admission]:
    """Files under way of some branches."""
    return Admission.objects.filter(org__in=list(orgs), state=UNDER_WAY)


def approver_of(org: Organisation, pack: Pack) -> Organisation:
    """The committee that approves for a branch: the nearest above of a kind that may; Refused if there is none."""
    above = Organisation.objects.in_bulk(org.ancestor_ids)
    for ident in reversed(org.ancestor_ids):
        found = above.get(ident)
        if found and found.kind in pack.admissions.approving_kinds and found.is_alive:
            return found
    raise Refused(f"“{org.name}”上面没有可以审批预备党员的党委。（{pack.admissions.approving_basis}）")


# --- the case as rules see it --------------------------------------------------------------------------------------
def subject_of(admission: Admission, step: AdmissionStep | str) -> Ref:
    """The Ref under which a step's publication and poll are kept: one for each round."""
    name = step if isinstance(step, str) else step.id
    return Ref.of("admission_step", f"{admission.pk}:{name}:{admission.round}")


def subject_ids(admission: Admission, table: Admissions) -> list[str]:
    """The ids under which publications of this file may be kept, in all rounds."""
    asked = {c.of for step in table.steps for c in step.conditions if c.kind == "publication"}
    return [f"{admission.pk}:{name}:{turn}" for name in asked for turn in range(1, admission.round + 1)]


def records_of(admission: Admission, *, every: bool = False) -> list[StepRecord]:
    """Steps done, in their order; with `every` also failed, withdrawn and replaced ones."""
    found = StepRecord.objects.filter(admission=admission)
    return list((found if every else found.filter(state="done")).order_by("number", "round", "id"))


def values_in(step: AdmissionStep | None, values: dict) -> dict:
    """Recorded values as rules want them: dates as dates."""
    found = dict(values)
    for name, value in values.items():
        described = step.fields.get(name) if step else None
        if described and described.kind == "date" and value:
            found[name] = dt.date.fromisoformat(value)
    return found


def case_before(person: Person) -> rules.Case:
    """A person as rules look at one before there is a file: the age, and a bar on rejoining."""
    return rules.Case(person.birth_date, barred_until=people.barred_until(person.pk))


def case_of(
    admission: Admission, pack: Pack, *, step: AdmissionStep | None = None, on: dt.date | None = None,
    values: rules.Values | None = None,
) -> rules.Case:  # fmt: skip
    """The file as rules look at it, for a step on a day with what is filled in."""
    table, day, given = pack.admissions, on or clock.today(), values or {}
    done = {
        row.step: rules.Done(row.on, values_in(table.steps.get(row.step), row.values))
        for row in records_of(admission)
        if row.round == admission.round
        or row.number < table.first_repeated  # 转正 is gone through anew after an extension
    }
    observed = list(
        Observation.objects.filter(admission=admission, kind="observation", withdrawn=False).values_list(
            "on", flat=True
        )
    )
    named = {}
    for described in step.fields if step else ():
        if described.kind == "people":
            named[described.id] = [named_on(pk, day, pack) for pk in given.get(described.id) or ()]
    asked = any(condition.kind == "rejoin" for condition in step.conditions) if step else False
    return rules.Case(
        admission.person.birth_date, done, tuple(observed), named, shown_of(admission, step, given),
        admission.extended_months, people.barred_until(admission.person_id) if asked else None,
    )  # fmt: skip


def shown_of(admission: Admission, step: AdmissionStep | None, values: rules.Values) -> rules.Shown | None:
    """The publication that a step waits for: the one in the product, else the one on paper that is filled in."""
    condition = next((c for c in step.conditions if c.kind == "publication"), None) if step else None
    if condition is None:
        return None
    found = publications.of(subject_of(admission, condition.of or ""))
    if found is not None:
        return rules.Shown(found.starts_on, found.ends_on, found.state == "closed", found.result == "upheld")
    posted, last = values.get("shown_on"), values.get("shown_until")
    if isinstance(posted, dt.date) and isinstance(last, dt.date):
        return rules.Shown(posted, last, True, values.get("shown_result") == "upheld")
    return None


def named_on(person: int, day: dt.date, pack: Pack) -> rules.Named:
    """Whether somebody is a formal member on a day, and what stands against naming them (留党察看, 权利暂停)."""
    name = Person.objects.filter(pk=person).values_list("name", flat=True).first() or "？"
    member = people.membership_of(person, day=day)
    if member is None or member.kind != "formal" or (member.formal_on and member.formal_on > day):
        return rules.Named(name, False)
    if member.state != "normal":
        return rules.Named(name, True, "党员权利没有恢复")
    kinds = {kind.id: kind for kind in pack.voting.circumstances}
    for row in Circumstance.objects.filter(Dated.current_q(day), person_id=person):
        if row.kind in kinds and kinds[row.kind].loses_vote:
            return rules.Named(name, True, f"{kinds[row.kind].title}，党员权利没有恢复")
    return rules.Named(name)


def years_old(birth: dt.date | None, day: dt.date) -> int | None:
    """Full years on a day; None without a birth date."""
    return None if birth is None else day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def tools_of(pack: Pack) -> rules.Tools:
    """The calendar and the voting rules of a pack."""
    return rules.Tools(
        rules.Calendar(lambda day: next_working_day(day, pack), lambda day, n: add_working_days(day, n, pack)),
        {rule.id: rules.VoteRule(rule.quorum, rule.pass_base) for rule in pack.voting.rules},
    )


def window_of(admission: Admission, pack: Pack, today: dt.date) -> rules.Window:
    """When the next step can and must be done."""
    step = pack.admissions.numbered(admission.step)
    if step is None or admission.state != UNDER_WAY:
        return rules.Window(None, None, "")
    case = case_of(admission, pack, step=step, on=today)
    return rules.window(step, case, pack.admissions, tools_of(pack).calendar, today)


def next_step(admission: Admission, table: Admissions) -> AdmissionStep | None:
    """The step that comes next; None when all are done or the file is closed."""
    return table.numbered(admission.step) if admission.state == UNDER_WAY else None


def poll_of(admission: Admission, step: AdmissionStep) -> object | None:
    """The poll of a step that was not annulled, the latest."""
    return polls.polls_of(subject_of(admission, step)).exclude(state="void").last()


def numbers_of_poll(poll: object) -> dict | None:
    """What a declared poll says, by the names of the step's fields, and whether it is valid; None before it is declared."""
    outcome = polls.outcome_of(poll)
    if outcome is None:
        return None
    votes = next(iter(outcome.tallies.values()), {})
    return {
        "valid": outcome.ballots_ok, "due": outcome.due, "present": outcome.present, "written": outcome.opinions,
        "yes": votes.get("yes", 0), "no": votes.get("no", 0), "abstain": votes.get("abstain", 0),
    }  # fmt: skip


def voters_due(org: Organisation, day: dt.date) -> int:
    """How many should attend with a vote (应到会有表决权人数), the left-out not counted."""
    return expected.due(expected.expected_of(org, day), left_out_agreed=True)


def committee_size(org: Organisation, day: dt.date) -> int:
    """How many sit in an organisation's committee; where there is none, the branch's voters decide (细则第八条)."""
    sitting = expected.committee_of(org, day)
    if org.level == "branch" and len(sitting) < 3:
        return voters_due(org, day)
    return len(sitting)


# --- lists ---------------------------------------------------------------------------------------------------------
def candidates_for_guides(org: Organisation, day: dt.date) -> list[Person]:
    """Formal members of a branch, by name."""
    rows = Membership.objects.filter(Dated.current_q(day), org=org, kind="formal").select_related("person")
    return [row.person for row in rows.order_by("person__pinyin", "person_id")]


def groups_of(org: Organisation) -> list[Organisation]:
    """The Party groups of a branch."""
    return list(Organisation.objects.filter(parent=org, kind="group", dissolved_on__isnull=True).order_by("code"))


def guides_of(admission: Admission) -> list[Guide]:
    """Present contacts and introducers."""
    return list(
        Guide.objects.filter(admission=admission, until__isnull=True).select_related("person").order_by("role", "id")
    )


def observations_of(admission: Admission) -> list[Observation]:
    """Observations and thought reports, newest first."""
    return list(Observation.objects.filter(admission=admission, withdrawn=False).order_by("-on", "-id"))


def observation_for(actor: Actor, ident: int) -> Observation:
    """One observation of a file that the actor may see; NotFound otherwise."""
    row = Observation.objects.filter(pk=ident, withdrawn=False).first()
    try:
        if row is None:
            raise NotFound(MISSING)
        row.admission = get_for(actor, row.admission_id)
    except NotFound:  # the same words whether there is one or not
        raise NotFound(_("没有找到这条考察记录，或者它不在您的可见范围内。")) from None
    return row


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id."""
    return people.names(ident for ident in ids if ident)


def waiting_at(actor: Actor, code: str) -> QuerySet[Admission]:
    """Files under way where the actor holds a permission over the branch, the most urgent first."""
    return (
        Admission.objects.filter(scope_q(actor, code, prefix="org__"), state=UNDER_WAY)
        .exclude(person=actor.person).select_related("person", "org").order_by("due_on", "id")
    )  # fmt: skip


def hash_of(identity: str) -> str:
    """By what a person is found without the number itself."""
    return keyed_hash(identity, context="person.identity")


def officers_first(org: int) -> int | None:
    """The secretary of a branch, else its first officer; None if it has none."""
    posts = list(people.officers_of(org))
    found = next((row for row in posts if row.post == "secretary"), posts[0] if posts else None)
    return found.person_id if found else None


def without_file(actor: Actor) -> list[Membership]:
    """Probationary members in the actor's branches whose file is not in the system yet."""
    rows = Membership.objects.filter(
        Dated.current_q(clock.today()), scope_q(actor, "admissions.keep", prefix="org__"), kind="probationary"
    ).exclude(person__in=Admission.objects.filter(state=UNDER_WAY).values("person"))
    return list(rows.exclude(person=actor.person).select_related("person", "org").order_by("joined_on", "id")[:200])


def membership_for(actor: Actor, person: int) -> Membership:
    """The present membership of a probationary member in the actor's branches; NotFound otherwise."""
    found = Membership.objects.filter(
        Dated.current_q(clock.today()), scope_q(actor, "admissions.keep", prefix="org__"), kind="probationary", person=person
    ).select_related("person", "org").first()  # fmt: skip
    if found is None:
        raise NotFound("没有找到这名预备党员，或者不在您的管理范围内。")
    return found


def pool_of(org: Organisation) -> QuerySet[Admission]:
    """All who are on the way in a committee's branches and not yet members."""
    return Admission.objects.filter(org__path__startswith=org.path, state=UNDER_WAY, admitted_on__isnull=True)


def pools_for(actor: Actor) -> list[Organisation]:
    """Committees whose pool the actor reviews: of kinds that approve, where the actor holds the right to."""
    kinds = policy.current().admissions.approving_kinds
    held = [grant.org for grant in actor.grants if "admissions.approve" in grant.permissions]
    return list(Organisation.objects.filter(pk__in=held, kind__in=kinds, dissolved_on__isnull=True).order_by("path"))


def pool_reviews(org: Organisation) -> list[PoolReview]:
    """A committee's reviews, the newest first."""
    return list(PoolReview.objects.filter(org=org).order_by("-year"))
