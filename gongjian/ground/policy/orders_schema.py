"""Orders by the pack (点单、下单、接单): kinds, limits, what is asked, how long what is kept, measures."""

from typing import Literal

from gongjian.ground.policy.values import Entries, FreeText, Id, Natural, Percent, Positive, Shape, Text, Truth

Unit = Literal["working_day", "working_hour", "hour"]
Doer = Literal["organisation", "person", "offer"]


class OrderLimit(Shape):
    """时限: within how long an order is finished. hour: by the clock, day and night; the others in working time."""

    id: Id
    title: Text
    unit: Unit
    amount: Positive
    basis: Text


class OrderQuestion(Shape):
    """补充问题: asked beside the words; choices, if there are any, are taken by a tap."""

    id: Id
    title: Text
    choices: tuple[Text, ...] = ()
    required: Truth = False


class OrderKind(Shape):
    """点单种类. intake: 咨询、求助、投诉、建议; limit and urgent_limit name limits; doers: whom it may be given to.

    acceptance: whoever it is given to says yes first (else it is theirs at once); confidential: what was said is read
    only by those who dispatch it and who does it, it is never offered, and figures do not name its kind.
    """

    id: Id
    title: Text
    intake: Literal["advice", "help", "complaint", "suggestion"]
    icon: Text
    hint: Text
    limit: Id
    doers: tuple[Doer, ...]
    acceptance: Truth = True
    confidential: Truth = False
    questions: tuple[OrderQuestion, ...] = ()
    examples: FreeText = ""
    order: Natural = 100


class OrderReason(Shape):
    """原因: why a clock stands, or why an order is not taken up and where to go instead."""

    id: Id
    title: Text


class OrderMeasure(Shape):
    """口径: what a published figure counts, in words."""

    id: Literal["answered", "solved", "satisfied"]
    title: Text
    about: Text


class Orders(Shape):
    """点单.

    contact: within how long somebody speaks with who asked; extension_days: working days of an extension at most;
    again_limit: the limit of an order that is reopened; soon_hours: “will be late” looks so many working hours ahead;
    reopen_below: so many stars or fewer reopen; satisfied_from: stars that count as satisfied; rate_days: how long one
    can rate; reopen_at_most: how often one order reopens by a rating; visible_days: how many days after the end name
    and place still show to who did it; contact_days: when they are erased; alike_*: how near-duplicates are found;
    per_hour, per_day: orders from one address; call_back_percent: share of finished orders that is called back.
    """

    limits: Entries[OrderLimit]
    contact: OrderLimit
    again_limit: Id
    urgent_limit: Id
    kinds: Entries[OrderKind]
    pauses: Entries[OrderReason]
    refusals: Entries[OrderReason]
    measures: Entries[OrderMeasure]
    extension_days: Positive
    soon_hours: Positive
    rate_days: Positive
    reopen_below: Natural
    satisfied_from: Positive
    reopen_at_most: Positive
    visible_days: Natural
    contact_days: Positive
    alike_days: Positive
    alike_percent: Percent
    per_hour: Positive
    per_day: Positive
    call_back_percent: Percent
    photos_at_most: Natural
    hotline: FreeText = ""
    privacy: Text
    basis: Text
