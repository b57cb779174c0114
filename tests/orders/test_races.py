"""Two at once: the database decides, on both of them."""

import pytest

from gongjian.desks.orders import actions
from gongjian.desks.orders.models import Order, Sender, Step
from gongjian.ground.kernel.errors import Refused
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_exactly_one_gets_it_and_a_form_sent_twice_is_one_order(city, cast, ask):
    order, _token = ask(kind="errand", text="帮老人买降压药，社区门口药店就有")
    actions.offer(order=order, org=city.community, by=cast.community.actor)
    players = (cast.member, cast.colleague, cast.neighbour, cast.unit_secretary)
    actors = [player.actor for player in players][:3]

    def take(actor):
        return lambda: actions.accept(order=Order.objects.select_related("org", "doer_org").get(pk=order.pk), by=actor)

    told = at_once([take(actor) for actor in actors])
    won = [answer for answer in told if not isinstance(answer, Refused)]
    assert len(won) == 1, told
    row = Order.objects.get(pk=order.pk)
    assert row.state == "accepted"
    assert row.doer_id == won[0].doer_id
    assert Step.objects.filter(order=order, deed="accepted").count() == 1
    key = "r" * 32
    twice = at_once([lambda: ask("楼道灯坏了，看不见路", key=key, address="10.1.1.1")] * 2)
    assert len({answer[0].pk for answer in twice}) == 1
    many = at_once([lambda n=n: ask(f"第{n}件，楼道灯坏了", address="10.1.1.2") for n in range(8)])
    assert sum(not isinstance(answer, Refused) for answer in many) == 5, (
        "five an hour from one address, however they come"
    )
    assert max(Sender.objects.values_list("count", flat=True)) == 5
