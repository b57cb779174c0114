"""Addresses of organisational life."""

from django.urls import path

from gongjian.desks.activities.views import attending, follow_ups, lists, meeting, minuting, organising, planning

app_name = "activities"
urlpatterns = [
    path("", lists.overview, name="list"),
    path("mine/", lists.mine, name="mine"),
    path("month/", lists.month, name="month"),
    path("plan/", planning.plan, name="plan"),
    path("plan/options/", planning.org_options, name="org_options"),
    path("<int:activity_id>/", lists.detail, name="detail"),
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
    path("<int:activity_id>/minutes/", minuting.minutes, name="minutes"),
    path("<int:activity_id>/sign-off/", meeting.sign_off, name="sign_off"),
    path("<int:activity_id>/correct/", organising.correct, name="correct"),
    path("<int:activity_id>/minutes/draft/", minuting.draft, name="draft"),
    path("<int:activity_id>/everyone/", meeting.everyone, name="everyone"),
    path("<int:activity_id>/particulars/", meeting.particulars, name="particulars"),
    path("<int:activity_id>/delegate/", meeting.delegate, name="delegate"),
    path("<int:activity_id>/vote/", meeting.vote, name="vote"),
    path("<int:activity_id>/file/", meeting.file, name="file"),
    path("<int:activity_id>/file.pdf", meeting.file_pdf, name="file_pdf"),
    path("follow-ups/", follow_ups.overview, name="follow_ups"),
    path("follow-ups/mine/", follow_ups.mine, name="my_follow_ups"),
    path("follow-ups/<int:follow_up_id>/", follow_ups.detail, name="follow_up"),
    path("<int:activity_id>/check-in/", attending.check_in, name="check_in"),
    path("<int:activity_id>/excuse/", attending.excuse, name="excuse"),
]
