"""A pack of a few point rules with tight bounds, so that short sequences of facts reach every one of them."""

from gongjian.ground.policy.schema import Points

BASIS = "测试"
FRAME = {
    "floor": "0", "cap": "40", "close": "month", "posting_per": "quarter", "posting_days": "7",
    "appeal_working_days": "7", "basis": BASIS,
}  # fmt: skip
RANKS = {
    "periods": ["month", "quarter", "year"], "named_lists": "false", "guard": "测试：不公布个人名单。",
    "private": "名次仅本人可见。", "basis": BASIS,
}  # fmt: skip


def rule(id, fact, points, dimension, to="person", **more):
    return {
        "id": id, "title": f"规则{id}", "fact": fact, "points": str(points), "dimension": dimension, "to": to,
        "evidence": "签到", "text": f"{id}的说明", "basis": BASIS, "from": "2020-01-01", **more,
    }  # fmt: skip


def make(base):
    """The base pack with the small pack's point rules in place of its own."""
    rules = [
        rule("attend", "activity.attended", 3, "life", at_most={"points": "5", "per": "month"}),
        rule("hours", "activity.attended", 2, "study", per_quantity="60", quantity_at_most="180",
             where={"activity_kind": ["lecture"]}),
        rule("help", "points.awarded", 7, "service", where={"rule": ["help"]}, at_most={"points": "10", "per": "quarter"}),
        rule("absent", "points.deducted", -4, "life", where={"rule": ["absent"]}),
        rule("held", "activity.signed_off", 6, "life", to="organisation", at_most={"points": "10", "per": "month"}),
    ]  # fmt: skip
    points = Points(
        frame=FRAME,
        dimensions=[
            {"id": "life", "title": "组织生活", "full": "12", "about": "测试"},
            {"id": "study", "title": "学习", "full": "20", "about": "测试"},
            {"id": "service", "title": "服务", "full": "15", "about": "测试"},
        ],
        bands=[{"id": "good", "title": "优秀", "at_least": "30"}, {"id": "low", "title": "待努力", "at_least": "0"}],
        ranks=RANKS,
        rules=rules,
    )
    return base.model_copy(update={"id": "small", "version": "1", "title": "小政策包", "points": points})
