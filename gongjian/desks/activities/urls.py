"""Addresses of organisational life."""

from django.urls import path

from gongjian.desks.activities.views import attending, joint, lists, organising, planning, replies, series, year

app_name = "activities"
urlpatterns = [
    path("", lists.overview, name="list"),
    path("mine/", lists.mine, name="mine"),
    path("month/", lists.month, name="month"),
    path("plan/", planning.plan, name="plan"),
    path("plan/options/", planning.org_options, name="org_options"),
    path("year/", year.overview, name="year"),
    path("year/suggest/", year.suggest, name="year_suggest"),
    path("series/", series.overview, name="series_list"),
    path("series/new/", series.new, name="series_new"),
    path("series/<int:series_id>/", series.detail, name="series"),
    path("series/<int:series_id>/change/", series.change, name="series_change"),
    path("series/<int:series_id>/otherwise/", series.otherwise, name="series_otherwise"),
    path("series/<int:series_id>/end/", series.end, name="series_end"),
    path("joint/<int:joining_id>/answer/", joint.answer, name="joint_answer"),
    path("<int:activity_id>/", lists.detail, name="detail"),
    path("<int:activity_id>/reply/", replies.reply, name="reply"),
    path("<int:activity_id>/replies/", replies.replies, name="replies"),
    path("<int:activity_id>/remind/", replies.remind, name="remind"),
    path("<int:activity_id>/joint/", joint.joint, name="joint"),
    path("<int:activity_id>/joint/invite/", joint.invite, name="joint_invite"),
    path("<int:activity_id>/roster/", lists.roster, name="roster"),
    path("<int:activity_id>/change/", planning.change, name="change"),
    path("<int:activity_id>/cancel/", planning.cancel, name="cancel"),
    path("<int:activity_id>/participants/", planning.participants, name="participants"),
    path("<int:activity_id>/leave-out/", planning.leave_out, name="leave_out"),
    path("<int:activity_id>/notify/", organising.notify, name="notify"),
    path("<int:activity_id>/open/", organising.open_check_in, name="open"),
    path("<int:activity_id>/screen/", organising.screen, name="screen"),
    path("<int:activity_id>/screen/code/", organising.screen_code, name="screen_code"),
    path("<int:activity_id>/screen/count/", organising.screen_count, name="screen_count"),
    path("<int:activity_id>/list/", organising.check_in_list, name="check_in_list"),
    path("<int:activity_id>/withdraw/", organising.withdraw, name="withdraw"),
    path("<int:activity_id>/decide/", organising.decide, name="decide"),
    path("<int:activity_id>/hold/", organising.hold, name="hold"),
    path("<int:activity_id>/reopen/", organising.reopen, name="reopen"),
    path("<int:activity_id>/minutes/", organising.minutes, name="minutes"),
    path("<int:activity_id>/sign-off/", organising.sign_off, name="sign_off"),
    path("<int:activity_id>/correct/", organising.correct, name="correct"),
    path("<int:activity_id>/check-in/", attending.check_in, name="check_in"),
    path("<int:activity_id>/excuse/", attending.excuse, name="excuse"),
]
