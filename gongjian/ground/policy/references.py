"""Checks among a pack's entries (条目之间的检查): names that must exist, bounds that must fit, examples that must hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from gongjian.ground.policy.assessments_schema import ONLY_PLACES
from gongjian.ground.policy.rules import Deed, Event, OrgView, Tally, assessed, standing_of
from gongjian.ground.policy.schema import Pack


@dataclass(frozen=True)
class Found:
    """A problem at a path in the pack (发现): the path leads through field names and positions."""

    kind: str
    path: tuple
    value: str = ""
    allowed: str = ""


def references(pack: Pack, fact_kinds=None, permissions=None) -> list[Found]:
    """Every problem that needs more than one field to see. The examples run only when all else is right."""
    found = [
        *_names(pack),
        *_bounds(pack),
        *_lists(pack),
        *_facts(pack, fact_kinds),
        *_permissions(pack, permissions),
    ]
    return found or list(_examples(pack))


def _names(pack: Pack) -> Iterator[Found]:
    ids = {
        "levels": {entry.id for entry in pack.levels},
        "org_kinds": {entry.id for entry in pack.org_kinds},
        "posts": {entry.id for entry in pack.posts},
        "roles": {entry.id for entry in pack.roles},
        "activity_kinds": {entry.id for entry in pack.activity_kinds},
        "dimensions": {entry.id for entry in pack.points.dimensions},
        "rules": {entry.id for entry in pack.points.rules},
        "duties": {entry.id for entry in pack.duties},
        "voting_rules": {entry.id for entry in pack.voting.rules},
    }

    def need(section: str, name: str, *path) -> Iterator[Found]:
        if name not in ids[section]:
            yield Found("unknown_ref", path, name, "、".join(sorted(ids[section])))

    def need_all(section: str, names, *path) -> Iterator[Found]:
        for at, name in enumerate(names):
            yield from need(section, name, *path, at)

    def kinds_in(where: dict, *path) -> Iterator[Found]:
        for name in where.get("activity_kind", ()):
            yield from need("activity_kinds", name, *path, "where", "activity_kind")

    for i, kind in enumerate(pack.org_kinds):
        yield from need("levels", kind.level, "org_kinds", i, "level")
        yield from need_all("org_kinds", kind.parents, "org_kinds", i, "parents")
        for j, rule in enumerate(kind.size_rules):
            if rule.at_level is not None:
                yield from need("levels", rule.at_level, "org_kinds", i, "size_rules", j, "at_level")
    for i, post in enumerate(pack.posts):
        yield from need_all("org_kinds", post.org_kinds, "posts", i, "org_kinds")
        for kind, role in post.confers.items():
            yield from need("org_kinds", kind, "posts", i, "confers", kind)
            yield from need("roles", role, "posts", i, "confers", kind)
    for i, kind in enumerate(pack.activity_kinds):
        yield from need_all("org_kinds", kind.holders, "activity_kinds", i, "holders")
        yield from need_all("roles", kind.convener_roles, "activity_kinds", i, "convener_roles")
        yield from need_all("posts", kind.convener_posts, "activity_kinds", i, "convener_posts")
    ids["asked"] = {entry.id for entry in pack.burden.deeds}
    for i, budget in enumerate(pack.burden.budgets):
        yield from need("roles", budget.id, "burden", "budgets", i, "id")
    for i, deed in enumerate(pack.burden.deeds):
        yield from need("roles", deed.role, "burden", "deeds", i, "role")
    for i, chain in enumerate(pack.burden.chains):
        for j, share in enumerate(chain.deeds):
            yield from need("asked", share.deed, "burden", "chains", i, "deeds", j, "deed")
        for name in chain.messages:
            yield from need("roles", name, "burden", "chains", i, "messages", name)
    meetings = pack.meetings
    for i, form in enumerate(meetings.kinds):
        yield from need("activity_kinds", form.id, "meetings", "kinds", i, "id")
        if form.voting is not None:
            yield from need("voting_rules", form.voting, "meetings", "kinds", i, "voting")
    yield from need_all("posts", meetings.chairing.delegate_posts, "meetings", "chairing", "delegate_posts")
    lessons = meetings.secretary_lessons
    yield from need("activity_kinds", lessons.kind, "meetings", "secretary_lessons", "kind")
    yield from need_all("posts", lessons.posts, "meetings", "secretary_lessons", "posts")
    yield from need_all("org_kinds", lessons.org_kinds, "meetings", "secretary_lessons", "org_kinds")
    for i, rule in enumerate(pack.points.rules):
        yield from need("dimensions", rule.dimension, "points", "rules", i, "dimension")
        yield from kinds_in(rule.where, "points", "rules", i)
    for i, described in enumerate(pack.points.classes):
        yield from need_all("posts", described.posts, "points", "classes", i, "posts")
        for j, counted in enumerate(described.counts):
            yield from need("dimensions", counted.dimension, "points", "classes", i, "counts", j, "dimension")
    for i, duty in enumerate(pack.duties):
        yield from need_all("org_kinds", duty.applies_to, "duties", i, "applies_to")
        yield from kinds_in(duty.done_by.where, "duties", i, "done_by")
        yield from kinds_in(duty.planned_by.where, "duties", i, "planned_by")
        for field in ("also_done_by", "withdrawn_by"):
            for j, match in enumerate(getattr(duty, field)):
                yield from kinds_in(match.where, "duties", i, field, j)
    for part in ("direct", "above"):
        yield from need_all("org_kinds", getattr(pack.transfers.committees, part), "transfers", "committees", part)
    for i, proceeding in enumerate(pack.transfers.proceedings):
        if proceeding.effect == "leave" and proceeding.leaves not in pack.transfers.leave_kinds:
            allowed = "、".join(pack.transfers.leave_kinds.ids())
            yield Found("unknown_ref", ("transfers", "proceedings", i, "leaves"), str(proceeding.leaves), allowed)
    for i, entry in enumerate(pack.assessments.lists):
        at = ("assessments", "lists", i)
        yield from need("levels", entry.assessed_by, *at, "assessed_by")
        yield from need_all("org_kinds", entry.org_kinds, *at, "org_kinds")
        for j, k, item in _items(entry):
            check, path = item.records, (*at, "dimensions", j, "items", k, "records")
            if check is None:
                continue
            yield from kinds_in(check.where, *path)
            yield from need_all("posts", check.posts, *path, "posts")
            if check.duty is not None:
                yield from need("duties", check.duty, *path, "duty")
    for i, evening in enumerate(pack.planning.evenings):
        yield from need_all("activity_kinds", evening, "planning", "evenings", i)
    allowed = "、".join(pack.orders.limits.ids())
    for path, name in (
        (("again_limit",), pack.orders.again_limit), (("urgent_limit",), pack.orders.urgent_limit),
        *((("kinds", i, "limit"), kind.limit) for i, kind in enumerate(pack.orders.kinds)),
    ):  # fmt: skip
        if name not in pack.orders.limits:
            yield Found("unknown_ref", ("orders", *path), name, allowed)
    for i, example in enumerate(pack.examples.points):
        named = set()
        for j, fact in enumerate(example.facts):
            if fact.corrects is not None and fact.corrects not in named:
                path = ("examples", "points", i, "facts", j, "corrects")
                yield Found("unknown_ref", path, fact.corrects, "、".join(sorted(named)))
            named.add(fact.id)
        for j, expected in enumerate(example.expect):
            yield from need("rules", expected.rule, "examples", "points", i, "expect", j, "rule")
    for i, example in enumerate(pack.examples.assessments):
        entry, at = pack.assessments.lists.get(example.list), ("examples", "assessments", i)
        if entry is None:
            yield Found("unknown_ref", (*at, "list"), example.list, "、".join(pack.assessments.lists.ids()))
            continue
        known = [item.id for item in entry.items]
        for name in (*example.earned, *example.skip):
            if name not in known:
                yield Found("unknown_ref", (*at, "earned"), name, "、".join(known))
    for i, example in enumerate(pack.examples.standings):
        yield from need("duties", example.duty, "examples", "standings", i, "duty")
        yield from need("org_kinds", example.org.kind, "examples", "standings", i, "org", "kind")


def _items(entry) -> Iterator[tuple]:
    """(place of the dimension, place of the item, item) of a standard list."""
    for j, dimension in enumerate(entry.dimensions):
        for k, item in enumerate(dimension.items):
            yield j, k, item


def _lists(pack: Pack) -> Iterator[Found]:
    """A list's items are evidenced in exactly one way, by checks that fit what it is for, and its bands begin at 0."""
    for i, entry in enumerate(pack.assessments.lists):
        at = ("assessments", "lists", i)
        if (entry.of == "organisation") != bool(entry.org_kinds):
            yield Found("list_kinds", (*at, "org_kinds"), entry.of)
        if min((band.at_least for band in entry.bands), default=1) > 0:
            yield Found("bands", (*at, "bands"), str(min((b.at_least for b in entry.bands), default="—")), "0")
        seen: set[str] = set()
        for j, k, item in _items(entry):
            path = (*at, "dimensions", j, "items", k)
            if item.id in seen:
                yield Found("list_item_twice", (*path, "id"), item.id)
            seen.add(item.id)
            if (item.records is None) == (not item.levels):
                yield Found("list_evidence", path, item.id)
            elif item.levels and max(level.points for level in item.levels) != item.points:
                highest = max(level.points for level in item.levels)
                yield Found("list_levels", (*path, "levels"), str(highest), str(item.points))
            elif len({level.points for level in item.levels}) != len(item.levels):
                yield Found("list_levels", (*path, "levels"), item.id, str(item.points))
            check = item.records
            if check is not None and check.check in ONLY_PLACES and entry.of == "organisation":
                yield Found("list_check", (*path, "records", "check"), check.check, entry.of)
            if check is not None and None not in (check.at_least, check.at_most) and check.at_least > check.at_most:
                yield Found("bounds", (*path, "records", "at_least"), str(check.at_least), str(check.at_most))


def _bounds(pack: Pack) -> Iterator[Found]:
    for section, entries, path in (("rules", pack.points.rules, ("points", "rules")), ("", pack.duties, ("duties",))):
        for i, entry in enumerate(entries):
            if entry.until is not None and entry.until < entry.from_:
                yield Found("dates", (*path, i, "until"), str(entry.until), str(entry.from_))
            if section and entry.points == 0:
                yield Found("zero_points", (*path, i, "points"))
            if section and entry.at_most is not None:
                if entry.points < 0:
                    yield Found("cap_sign", (*path, i, "at_most"))
                elif entry.at_most.points < entry.points:
                    at = (*path, i, "at_most", "points")
                    yield Found("cap_small", at, str(entry.at_most.points), str(entry.points))
    if not pack.calendar.hours:
        yield Found("missing", ("calendar", "hours"))
    for i, (before, span) in enumerate(zip((None, *pack.calendar.hours), pack.calendar.hours, strict=False)):
        if span.closes <= span.opens or (before is not None and span.opens < before.closes):
            yield Found("bounds", ("calendar", "hours", i), span.opens, span.closes)
    for i, kind in enumerate(pack.org_kinds):
        for j, rule in enumerate(kind.size_rules):
            at = ("org_kinds", i, "size_rules", j)
            if rule.at_least is None and rule.at_most is None and not rule.odd:
                yield Found("nothing_bound", at)
            if None not in (rule.at_least, rule.at_most) and rule.at_least > rule.at_most:
                yield Found("bounds", (*at, "at_least"), str(rule.at_least), str(rule.at_most))
    total = sum(dimension.full for dimension in pack.points.dimensions)
    if total > pack.points.frame.cap:
        yield Found("frame", ("points", "frame", "cap"), str(total), str(pack.points.frame.cap))
    fulls = {dimension.id: dimension.full for dimension in pack.points.dimensions}
    for i, described in enumerate(pack.points.classes):
        for j, counted in enumerate(described.counts):
            if counted.full is not None and counted.full > fulls.get(counted.dimension, counted.full):
                at = ("points", "classes", i, "counts", j, "full")
                yield Found("class_full", at, str(counted.full), str(fulls[counted.dimension]))
    lowest = min((band.at_least for band in pack.points.bands), default=None)
    if lowest is None or lowest > max(pack.points.frame.floor, 0):
        yield Found("bands", ("points", "bands"), "—" if lowest is None else str(lowest), str(pack.points.frame.floor))
    for i, figure in enumerate(pack.figures):
        if (figure.range is None) if figure.op == "range" else (figure.value is None):
            yield Found("figure_value", ("figures", i))
        elif figure.range is not None and figure.range[0] > figure.range[1]:
            yield Found("bounds", ("figures", i, "range"), str(figure.range[0]), str(figure.range[1]))


def _facts(pack: Pack, known) -> Iterator[Found]:
    if known is None:
        return
    for i, rule in enumerate(pack.points.rules):
        if rule.fact not in known:
            yield Found("unknown_fact", ("points", "rules", i, "fact"), rule.fact)
    for i, duty in enumerate(pack.duties):
        named = [("done_by", duty.done_by), ("planned_by", duty.planned_by)]
        for field, match in named:
            if match.fact not in known:
                yield Found("unknown_fact", ("duties", i, field, "fact"), match.fact)
        for field in ("also_done_by", "withdrawn_by"):
            for j, match in enumerate(getattr(duty, field)):
                if match.fact not in known:
                    yield Found("unknown_fact", ("duties", i, field, j, "fact"), match.fact)
    for i, entry in enumerate(pack.assessments.lists):
        for j, k, item in _items(entry):
            if item.records is not None and item.records.fact is not None and item.records.fact not in known:
                path = ("assessments", "lists", i, "dimensions", j, "items", k, "records", "fact")
                yield Found("unknown_fact", path, item.records.fact)


def _permissions(pack: Pack, known) -> Iterator[Found]:
    if known is None:
        return
    rooms = {code.partition(".")[0] for code in known}
    for i, role in enumerate(pack.roles):
        for j, code in enumerate(role.permissions):
            room, _, verb = code.partition(".")
            if code != "*" and not (room in rooms if verb == "*" else code in known):
                yield Found("unknown_permission", ("roles", i, "permissions", j), code)


def _examples(pack: Pack) -> Iterator[Found]:
    for i, example in enumerate(pack.examples.points):
        tally = Tally(pack)
        got: dict[tuple, int] = {}
        for fact in example.facts:
            deed = Deed(
                id=fact.id,
                kind=fact.fact,
                day=fact.at,
                person=fact.person,
                org=fact.org,
                quantity=fact.quantity,
                data=fact.data,
                corrects=fact.corrects,
            )
            for award in tally.add(deed):
                key = (award.rule.id, award.subject)
                got[key] = got.get(key, 0) + award.points
        for j, expected in enumerate(example.expect):
            subject = ("person", expected.person) if expected.person is not None else ("organisation", expected.org)
            points = got.pop((expected.rule, subject), 0)
            if points != expected.points:
                path = ("examples", "points", i, "expect", j, "points")
                yield Found("example_points", path, str(points), str(expected.points))
        for (rule, subject), points in got.items():
            if points:  # points that the example does not speak of
                yield Found("example_points", ("examples", "points", i), f"{rule} {subject[1]} {points}", "0")
    for i, example in enumerate(pack.examples.standings):
        org = OrgView(
            kind=example.org.kind,
            formal_count=example.org.formal_count,
            group_count=example.org.group_count,
            founded_on=example.org.founded_on,
            dissolved_on=example.org.dissolved_on,
        )
        events = [Event(day=o.on, state=o.state, counts_for=o.counts_for or None) for o in example.occurrences]
        standing = standing_of(pack, pack.duty(example.duty), org, events, example.today, example.on)
        state = standing.state if standing is not None else "not_applicable"
        if state != example.expect:
            yield Found("example_standing", ("examples", "standings", i, "expect"), state, example.expect)
    for i, example in enumerate(pack.examples.assessments):
        entry = pack.assessments.lists[example.list]
        got: dict[str, int | None] = {item.id: example.earned.get(item.id, 0) for item in entry.items}
        got.update(dict.fromkeys(example.skip))
        outcome = assessed(entry, got)
        wanted = f"{example.expect.percent}% {example.expect.band}"
        if (said := f"{outcome.percent}% {outcome.band}") != wanted:
            yield Found("example_assessment", ("examples", "assessments", i, "expect"), said, wanted)
