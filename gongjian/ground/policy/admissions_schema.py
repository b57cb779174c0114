"""The shape of `admissions.yaml` (发展党员): stages, steps, what each needs and when, as data that the machine reads."""

from functools import cached_property
from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gongjian.ground.policy.values import Entries, FreeText, Id, Natural, Positive, Shape, Text, Truth

Strength = Literal["block", "warn"]
ConditionKind = Literal[
    "age",  # years: full years of age on the day of the step
    "rejoin",  # no bar on rejoining holds on the day of the step (how long a bar is: transfers.yaml)
    "after",  # months, of: full months since another step
    "within",  # months or days, of: no later than so long after another step; last_months: never later than that
    "fresh",  # months, of: another step is no older than that
    "full",  # of: the probation counted from that step is full
    "given",  # field: something is filled in
    "chosen",  # field, values: one of these is chosen
    "amount",  # days, hours: the fields `days` or `hours` reach one of them
    "leaving",  # field, months: the date in the field lies no further away than that
    "persons",  # field, least, most: so many formal members, none barred
    "observed",  # months, of: an observation in each such span since another step
    "publication",  # of, working_days: a publication after another step is over and no objection was upheld
    "committee",  # half of the committee or more was there
    "vote",  # rule: the vote passes by that rule of voting.yaml
    "extension",  # least, most: months of a longer probation; once
]


class AdmissionChoice(Shape):
    """选项."""

    id: Id
    title: Text


class AdmissionField(Shape):
    """要填的一项: what a step records besides its date. `person`, `people`: members of the branch or its committees."""

    id: Id
    title: Text
    kind: Literal["line", "text", "date", "number", "person", "people", "group", "choice"]
    choices: Entries[AdmissionChoice] = Entries()
    required: Truth = True
    help: FreeText = ""


class AdmissionCondition(Shape):
    """条件: one thing that must hold for a step; `block` refuses (应当、必须), `warn` asks for a reason (一般).

    `only`: applies when the field of the first word has the value of the second, such as `outcome: extend`.
    """

    id: Id
    kind: ConditionKind
    strength: Strength = "block"
    of: Id | None = None
    field: Id | None = None
    values: tuple[Id, ...] = ()
    only: dict[Id, Id] = {}
    years: Positive | None = None
    months: Positive | None = None
    days: Positive | None = None
    hours: Positive | None = None
    last_months: Positive | None = None
    working_days: Positive | None = None
    least: Natural | None = None
    most: Natural | None = None
    rule: Id | None = None
    basis: Text


NEEDS = {
    "age": ("years",), "rejoin": (), "after": ("of", "months"), "within": ("of",), "fresh": ("of", "months"), "full": ("of",),
    "given": ("field",), "chosen": ("field", "values"), "amount": ("days", "hours"), "leaving": ("field", "months"),
    "persons": ("field", "least", "most"), "observed": ("of", "months"), "publication": ("of", "working_days"),
    "committee": (), "vote": ("rule",), "extension": ("least", "most"),
}  # fmt: skip


class AdmissionStep(Shape):
    """步骤: one of the steps, in their order. `who`: the branch or the committee that may approve.

    `makes`: what the person is called from this step on. `again`: may be done anew while later steps stand (重新政审).
    `role`: what the people named by this step become, contact or introducer. `repeats`: done once more after an extension.
    `effect`: what it does beyond the file: admit (预备党员登记), group (编入党小组), decide (决议转正、延长或取消), confirm
    (办理该决议), file (归档, the end).
    """

    id: Id
    number: Positive
    title: Text
    stage: Id
    who: Literal["branch", "higher"]
    task: Text
    makes: Id | None = None
    again: Truth = False
    repeats: Truth = False
    role: Literal["contact", "introducer"] | None = None
    effect: Literal["", "admit", "group", "decide", "confirm", "file"] = ""
    fields: Entries[AdmissionField] = Entries()
    conditions: Entries[AdmissionCondition] = Entries()
    fails_on: dict[Id, Id] = {}
    basis: Text


class AdmissionStage(Shape):
    """阶段."""

    id: Id
    title: Text


class Admissions(Shape):
    """发展党员.

    `probation_months`; `approving_kinds`: kinds of organisation that approve, the nearest above the branch does;
    `late_days`: a step told later than this counts as entered later and needs its evidence; `observe_months`: how often
    an observation of a probationary member is due; `pool_months`: how often a committee looks at its pool.
    """

    probation_months: Positive
    probation_basis: Text
    approving_kinds: tuple[Id, ...]
    approving_basis: Text
    late_days: Natural
    late_basis: Text
    pool_months: Positive
    pool_basis: Text
    standings: Entries[AdmissionChoice]
    stages: Entries[AdmissionStage]
    steps: Entries[AdmissionStep]

    @model_validator(mode="after")
    def _fits_together(self) -> "Admissions":
        """Numbers run 1, 2, 3 …; a condition has what its kind needs and speaks of a step that comes before."""
        for place, step in enumerate(self.steps, 1):
            if step.number != place:
                raise PydanticCustomError("step_number", "{value}", {"value": str(step.number), "allowed": str(place)})
            earlier = [other.id for other in self.steps if other.number < place]
            if step.stage not in self.stages or (step.makes and step.makes not in self.standings):
                name = step.makes if step.stage in self.stages else step.stage
                raise PydanticCustomError("step_names", "{value}", {"value": str(name), "allowed": step.id})
            for condition in step.conditions:
                where = f"{step.id}.{condition.id}"
                lacks = [name for name in NEEDS[condition.kind] if getattr(condition, name) in (None, ())]
                if condition.kind == "within" and not (condition.months or condition.days):
                    lacks.append("months")
                if lacks:
                    raise PydanticCustomError(
                        "condition_lacks", "{value}", {"value": where, "allowed": "、".join(lacks)}
                    )
                if condition.of is not None and condition.of not in earlier:
                    raise PydanticCustomError("step_names", "{value}", {"value": condition.of, "allowed": where})
        return self

    @cached_property
    def last(self) -> int:
        """The number of the last step."""
        return len(self.steps)

    def numbered(self, number: int) -> AdmissionStep | None:
        """The step of a number, None beyond the last."""
        return self.steps[number - 1] if 1 <= number <= self.last else None

    @cached_property
    def first_repeated(self) -> int:
        """The first step that is done once more after an extension."""
        return next(step.number for step in self.steps if step.repeats)

    def standing_after(self, number: int) -> str:
        """What a person is called when this many steps are done; "" before the first that names it."""
        found = ""
        for step in self.steps:
            if step.number <= number and step.makes:
                found = step.makes
        return found
