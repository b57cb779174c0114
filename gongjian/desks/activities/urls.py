"""Addresses of organisational life."""

from django.urls import path

from gongjian.desks.activities.views import attending, hall, lists, offline, organising, planning

app_name = "activities"
urlpatterns = [
    path("", lists.overview, name="list"),
    path("mine/", lists.mine, name="mine"),
    path("month/", lists.month, name="month"),
    path("plan/", planning.plan, name="plan"),
    path("plan/options/", planning.org_options, name="org_options"),
    path("hall/", offline.shell, name="hall"),
    path("hall/worker.js", offline.worker, name="hall_worker"),
    path("<int:activity_id>/hall-list/", hall.hall_list, name="hall_list"),
    path("<int:activity_id>/hall-list/<int:person_id>/", hall.hall_tap, name="hall_tap"),
    path("<int:activity_id>/hall-list/group/", hall.hall_group, name="hall_group"),
    path("<int:activity_id>/devices/", hall.devices, name="devices"),
    path("<int:activity_id>/devices/new/", hall.device_new, name="device_new"),
    path("<int:activity_id>/devices/<int:device_id>/renew/", hall.device_renew, name="device_renew"),
    path("<int:activity_id>/devices/<int:device_id>/close/", hall.device_close, name="device_close"),
    path("<int:activity_id>/devices/rows/<int:row_id>/", hall.stranger, name="stranger"),
    path("<int:activity_id>/devices/correct/", hall.correct_by_devices, name="correct_by_devices"),
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
    path("<int:activity_id>/minutes/", organising.minutes, name="minutes"),
    path("<int:activity_id>/sign-off/", organising.sign_off, name="sign_off"),
    path("<int:activity_id>/correct/", organising.correct, name="correct"),
    path("<int:activity_id>/check-in/", attending.check_in, name="check_in"),
    path("<int:activity_id>/excuse/", attending.excuse, name="excuse"),
]
