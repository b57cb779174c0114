"""Addresses of orders: asking and following for everybody, the desk, the jobs of members."""

from django.urls import path

from gongjian.desks.orders.views import asking, desk, working

app_name = "orders"
urlpatterns = [
    path("", asking.start, name="start"),
    path("new/<slug:kind>/", asking.ask, name="ask"),
    path("communities/", asking.communities, name="communities"),
    path("places/", asking.places, name="places"),
    path("similar/", asking.similar, name="similar"),
    path("f/<slug:token>/", asking.follow, name="follow"),
    path("f/<slug:token>/photo/<slug:key>/", asking.photo, name="photo"),
    path("f/<slug:token>/<slug:deed>/", asking.follow_deed, name="follow_deed"),
    path("mine/", asking.mine, name="mine"),
    path("mine/<int:order_id>/", asking.own, name="own"),
    path("mine/<int:order_id>/<slug:deed>/", asking.own_deed, name="own_deed"),
    path("desk/", desk.listing, name="desk"),
    path("desk/queue/", desk.queue, name="queue"),
    path("desk/note/", desk.note, name="note"),
    path("desk/rates/", desk.rates, name="rates"),
    path("desk/poster/<int:org_id>/", desk.poster, name="poster"),
    path("jobs/", working.jobs, name="jobs"),
    path("o/<int:order_id>/", working.order, name="order"),
    path("o/<int:order_id>/takers/", working.takers, name="takers"),
    path("o/<int:order_id>/<slug:deed>/", working.deed, name="deed"),
]
