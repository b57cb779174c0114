"""点单的故事: what residents of the demo community ask for, in every state; and some all over the city."""

import datetime as dt

from django.db import transaction

from gongjian.desks.orders import actions
from gongjian.desks.orders.models import Order
from gongjian.desks.orders.queries import WITH
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import ANONYMOUS, SYSTEM, Actor
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch, urban_communities
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation
from gongjian.records.places.models import Place

ORDER = 70
# kind, what was said, days ago, how far it came: see _Story.go
ASKED = (
    ("repair", "三单元门口的路灯不亮了，老人晚上不敢下楼", 0, "raised"),
    ("environment", "垃圾投放点旁边堆了旧家具，几天没人清", 0, "raised"),
    ("errand", "腿脚不便，想请人到社区药店代买降压药", 0, "raised"),
    ("advice", "异地医保报销要带什么材料？", 0, "raised"),
    ("elder", "父亲独居，想请人每周上门看看", 1, "offered"),
    ("study", "孩子四年级，数学应用题想请人辅导", 1, "offered"),
    ("repair", "单元门禁刷卡没反应，门关不上", 1, "dispatched"),
    ("neighbours", "楼上半夜拖椅子，说了几次都没用，想请人去说说", 1, "dispatched_person"),
    ("environment", "沿街餐馆油烟直接排到楼道窗口", 2, "accepted"),
    ("errand", "快递太重，想请人帮忙搬到五楼", 2, "accepted_member"),
    ("repair", "地下车库入口减速带松了，过车响得厉害", 3, "paused"),
    ("elder", "老人眼镜坏了不会网上买，想请人陪着去配", 3, "extension"),
    ("hardship", "家里老人住院，低保不知道怎么申请", 3, "accepted_self"),
    ("repair", "健身器材的把手断了，有孩子划了手", 5, "handed_back"),
    ("environment", "楼道堆满电动车，消防通道走不过去", 9, "late"),
    ("repair", "楼顶漏水，一下雨顶楼天花板就滴水", 12, "reopened"),
    ("errand", "请人帮忙把旧冰箱抬下楼", 6, "finished"),
    ("advice", "老年公交卡在哪里办，要多久？", 6, "finished_desk"),
    ("suggestion", "小广场晚上能不能多装两盏灯", 7, "finished_desk"),
    ("elder", "请人帮忙教老人用手机挂号", 8, "rated5"),
    ("repair", "楼梯扶手松动，老人扶着晃", 9, "rated5"),
    ("study", "想给孩子找个写作业的地方", 10, "rated4"),
    ("environment", "绿化带里狗粪没人收拾", 11, "rated3"),
    ("repair", "井盖翘起来一角，差点绊倒人", 13, "rated5"),
    ("errand", "住院回来，想请人代取一次药", 14, "rated5"),
    ("elder", "老两口搬不动煤气罐", 15, "rated4"),
    ("repair", "单元楼信报箱锁坏了一排", 18, "rated2"),
    ("environment", "下水道返味，一楼受不了", 20, "called_back"),
    ("suggestion", "建议周末开放社区图书角", 21, "rated5"),
    ("advice", "想问问租房备案怎么办", 4, "withdrawn"),
    ("environment", "邻居家装修纠纷已经起诉了，社区能不能判", 5, "declined"),
)
FAR = (
    ("repair", "楼道声控灯坏了，上下楼摸黑"),
    ("environment", "小区门口积水，进出要绕路"),
    ("elder", "请人上门帮老人量量血压"),
    ("advice", "孩子上小学报名要准备什么？"),
)
NAMES = ("莫大妈", "秦师傅", "阳女士", "老蒋", "唐阿姨", "廖先生")


class _Story:
    """One community's orders, with those who work on them."""

    def __init__(self, home: Organisation, desk: Actor, now: dt.datetime) -> None:
        self.home, self.desk, self.now = home, desk, now
        self.places = list(Place.objects.filter(community=home, kind="estate").order_by("code"))

    def ago(self, days: int, hour: int, minute: int = 0) -> dt.datetime:
        """A moment some days ago at an hour, never after now."""
        return min(self.now, clock.at_time(clock.day_of(self.now) - dt.timedelta(days=days), hour, minute))

    def ask(self, number: int, kind: str, text: str, days: int, by: Actor = ANONYMOUS) -> tuple[Order, str]:
        """Raise one; places, names and hours go round."""
        place = self.places[number % len(self.places)] if self.places and number % 4 else None
        return actions.raise_order(
            kind=kind, org=self.home, text=text, by=by, key=f"demo-order-{self.home.pk}-{number}".ljust(32, "-"), place=place,
            where=f"{number % 9 + 1}号楼{number % 3 + 1}单元", name=NAMES[number % len(NAMES)], phone=f"139{45030000 + number:08d}",
            at=self.ago(days, 8 + number % 8, number * 7 % 60),
        )  # fmt: skip

    def fresh(self, order: Order) -> Order:
        """The order as it stands now."""
        return Order.objects.select_related(*WITH).get(pk=order.pk)


@transaction.atomic
def play(crowd: Crowd, now: dt.datetime) -> None:
    """The demo community's orders by real deeds; then a sprinkling over other communities, one of them late here and there."""
    names, communities = people_of(crowd), urban_communities(crowd.tree)
    home = Organisation.objects.select_related("parent").get(pk=communities[0].pk)
    branch = Organisation.objects.get(pk=demo_branch(crowd.tree).pk)

    def actor(person: int) -> Actor:
        return actor_of_person(crowd.people[person - 1])

    story = _Story(home, actor(names["community"]), now)
    takers = [actor(names["member"]), actor(names["secretary"])]
    takers += [actor(row.person_id) for row in crowd.members[branch.pk][:6] if row.kind == "formal"]
    resident = actor(names["resident"])
    for number, (kind, text, days, end) in enumerate(ASKED):
        order, token = story.ask(number, kind, text, days, resident if number % 5 == 2 else ANONYMOUS)
        _live(story, order, token, end, days, takers[number % len(takers)], branch, crowd)
    _elsewhere(crowd, communities[1:], now, actor)
    actions.escalate(by=SYSTEM, at=now)


def _live(
    story: _Story, order: Order, token: str, end: str, days: int, taker: Actor, branch: Organisation, crowd: Crowd
) -> None:  # fmt: skip
    """Let an order go on until `end`."""
    desk, later = story.desk, order.raised_at
    if end in ("raised", "late"):
        return
    if end == "withdrawn":
        actions.withdraw(order=order, by=ANONYMOUS, token=token, at=story.ago(max(days - 1, 0), 11))
        return
    if end == "declined":
        actions.decline(order=order, reason="court", note="可以到街道司法所咨询。", by=desk, at=story.ago(days - 1, 10))
        return
    met = min(story.now, later + dt.timedelta(minutes=40))
    actions.contacted(order=order, by=desk, at=met)
    step = min(story.now, later + dt.timedelta(hours=1))
    if end == "offered":
        actions.offer(order=story.fresh(order), org=story.home, by=desk, at=step)
        return
    person = crowd.people[taker.person - 1]
    if end == "finished_desk":
        _finish(story, order, desk, days, "电话里讲清楚了，材料清单也发给他了。")
        return
    if end in ("dispatched", "accepted"):
        actions.dispatch(order=story.fresh(order), org=branch, by=desk, at=step)
        if end == "dispatched":
            return
    elif end == "accepted_self":
        actions.dispatch(order=story.fresh(order), person=crowd.people[desk.person - 1], by=desk, at=step)
        return
    else:
        if end == "accepted_member":
            taker = actor_of_person(crowd.people[people_of(crowd)["member"] - 1])
            person = crowd.people[taker.person - 1]
        actions.dispatch(order=story.fresh(order), person=person, by=desk, at=step)
        if end == "dispatched_person":
            return
    taken = min(story.now, step + dt.timedelta(hours=1))
    actions.accept(order=story.fresh(order), by=taker, at=taken)
    if end in ("accepted", "accepted_member"):
        return
    if end == "handed_back":
        actions.hand_back(
            order=story.fresh(order), reason="要动电焊，我们弄不了，得请厂家。", by=taker, at=story.ago(days - 1, 9)
        )
        return
    if end == "paused":
        actions.pause(
            order=story.fresh(order),
            reason="supplier",
            note="减速带后天到货。",
            by=desk,
            at=min(story.now, taken + dt.timedelta(hours=1)),
        )
        return
    if end == "extension":
        actions.ask_extension(
            order=story.fresh(order),
            days=3,
            reason="老人这几天在女儿家，回来再去。",
            by=desk,
            at=min(story.now, taken + dt.timedelta(hours=2)),
        )
        return
    _finish(story, order, taker, days, "上门看过，当场办好了，请老人试过。")
    if end == "finished":
        return
    rated = story.ago(max(days - 3, 0), 19)
    if end == "reopened":
        actions.rate(
            order=story.fresh(order),
            by=ANONYMOUS,
            token=token,
            stars=1,
            solved=False,
            text="只看了看，没修。",
            at=rated,
        )
        return
    if end == "called_back":
        Order.objects.filter(pk=order.pk).update(sampled=True)  # whether or not its number is drawn, one is shown
        actions.call_back(order=story.fresh(order), solved=True, by=desk, note="说味道没有了。", at=rated)
        return
    words = {"5": "来得真快，谢谢！", "4": "办得不错。", "3": "慢了点，好在办了。", "2": "换的锁不太好用。"}
    actions.rate(
        order=story.fresh(order),
        by=ANONYMOUS,
        token=token,
        stars=int(end[-1]),
        solved=True,
        text=words[end[-1]],
        at=rated,
    )


def _finish(story: _Story, order: Order, by: Actor, days: int, note: str) -> None:
    actions.finish(order=story.fresh(order), by=by, note=note, at=story.ago(max(days - 2, 0), 15))


def _elsewhere(crowd: Crowd, communities: list[Organisation], now: dt.datetime, actor) -> None:
    """A few orders in communities all over the city, more in a larger one; most are done, some wait, some are late."""
    step = max(1, len(communities) // (12 if crowd.tree.size.name == "small" else 60))
    for at, community in enumerate(communities[::step]):
        home = Organisation.objects.select_related("parent").get(pk=community.pk)
        story = _Story(home, actor(crowd.holder(community)), now)
        for number in range(2):
            kind, text = FAR[(at + number) % len(FAR)]
            days = (at * 3 + number * 5) % 25
            order, token = story.ask(number, kind, text, days)
            if (at + number) % 4 == 3:
                continue
            actions.contacted(order=order, by=story.desk, at=min(now, order.raised_at + dt.timedelta(hours=2)))
            _finish(story, order, story.desk, days, "已经办好，居民看过了。")
            if days > 3 and (at + number) % 3:
                actions.rate(
                    order=story.fresh(order), by=ANONYMOUS, token=token, stars=5 - at % 3, solved=at % 7 != 6,
                    at=story.ago(max(days - 3, 0), 20),
                )  # fmt: skip
