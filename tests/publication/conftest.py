"""A publication of the branch, posted on Monday 16 November 2026."""

import pytest

from gongjian.engines.publication import actions
from gongjian.ground.kernel.ref import Ref


@pytest.fixture
def post(clock, city, cast):
    """`post("7")`: one row about somebody, for five working days."""

    def build(ident: str = "1", **fields):
        given = {
            "by": cast.secretary.actor, "org": city.branch, "subject": Ref("test", ident), "title": "发展对象公示",
            "rows": [{"姓名": "欧阳小明", "单位": "第一中学"}], **fields,
        }  # fmt: skip
        return actions.publish(**given)

    return build
