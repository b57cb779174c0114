"""Shapes of the API."""

import datetime as dt

from ninja import Field, Schema


class KindOut(Schema):
    """一类点单."""

    id: str
    title: str
    intake: str = Field(description="advice 咨询，help 求助，complaint 投诉，suggestion 建议")
    confidential: bool
    questions: list[dict] = Field(description="补充问题：id、title、choices、required")


class CommunityOut(Schema):
    """一个社区."""

    id: int
    code: str
    name: str
    street: str


class RaiseIn(Schema):
    """点单."""

    kind: str
    community: str = Field(description="社区的编号、代码或者名称")
    text: str = Field(max_length=1000)
    where: str = ""
    answers: dict[str, str] = Field({}, description="补充问题的答案，键为问题的 id")
    name: str = ""
    phone: str = ""
    key: str = Field(
        description="客户端自己生成的随机串，至少 32 个字符；同一个串再发一次是同一件，泄露了别人就能看到这件点单"
    )


class RaisedOut(Schema):
    """提出的点单: the token of the private link is given here and nowhere else."""

    number: str
    token: str = Field(description="私密链接里的串，凭它查进度、评价、撤回")


class StepOut(Schema):
    """经过."""

    at: dt.datetime
    title: str
    text: str


class FollowOut(Schema):
    """凭私密链接看到的点单."""

    number: str
    kind: str
    community: str
    state: str
    due_at: dt.datetime | None
    result: str
    stars: int | None
    steps: list[StepOut]


class RateIn(Schema):
    """评价."""

    stars: int
    solved: bool
    text: str = ""


class OrderOut(Schema):
    """点单，经办人和接单人看到的."""

    id: int
    number: str
    kind: str
    intake: str
    confidential: bool
    urgent: bool
    state: str
    org: int
    place: str
    text: str = Field(description="别人可以看的内容；保密的为空")
    said: str = Field(description="原话，只给可以看的人")
    contact_masked: str
    doer: int | None
    doer_org: int | None
    raised_at: dt.datetime
    next_due: dt.datetime | None
    finished_at: dt.datetime | None
    result: str
    stars: int | None
    solved: bool | None


class ContactOut(Schema):
    """联系方式: 看过会留痕."""

    name: str = ""
    phone: str = ""
    where: str = ""


class ToIn(Schema):
    """派给谁: 一个人或者一个组织."""

    person: int | None = None
    org: int | None = None


class OfferIn(Schema):
    """公开征集的范围."""

    org: int


class TextIn(Schema):
    """说明."""

    text: str = ""


class ReasonIn(Schema):
    """原因的代码和说明."""

    reason: str
    text: str = ""


class ExtendIn(Schema):
    """申请延期."""

    days: int
    text: str


class DecideIn(Schema):
    """批准延期."""

    approved: bool


class CallIn(Schema):
    """回访结果."""

    solved: bool
    text: str = ""


class PersonIn(Schema):
    """一个人."""

    person: int


class RatesOut(Schema):
    """一个社区一个月的三项指标."""

    org: int
    name: str
    raised: int
    answered: int
    assessed: int
    answered_rate: int | None
    solved: int
    asked: int
    solved_rate: int | None
    satisfied: int
    rated: int
    satisfied_rate: int | None
