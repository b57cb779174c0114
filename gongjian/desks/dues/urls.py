"""Addresses of dues."""

from django.urls import path

from gongjian.desks.dues.views import assessing, collecting, committee, own, papers, relieving

app_name = "dues"
urlpatterns = [
    path("", committee.home, name="home"),
    path("mine/", own.mine, name="mine"),
    path("mine/income/", own.income, name="income"),
    path("mine/pay/", own.pay, name="pay"),
    path("mine/gift/", own.gift, name="gift"),
    path("mine/consent/", own.consent, name="consent"),
    path("receipts/<int:payment_id>/", own.receipt, name="receipt"),
    path("receipts/<int:payment_id>/pdf/", papers.receipt_pdf, name="receipt_pdf"),
    path("announcements/<int:announcement_id>/", own.announcement, name="announcement"),
    path("<int:org_id>/month/<str:month>/", collecting.month, name="month"),
    path("<int:org_id>/month/<str:month>/collect/", collecting.collect, name="collect"),
    path("<int:org_id>/month/<str:month>/export/", collecting.export, name="export"),
    path("<int:org_id>/month/<str:month>/pdf/", papers.sheet_pdf, name="month_pdf"),
    path("<int:org_id>/late/", collecting.late, name="late"),
    path("<int:org_id>/people/<int:person_id>/", collecting.member, name="member"),
    path("<int:org_id>/people/<int:person_id>/collect/", collecting.collect_one, name="collect_one"),
    path("<int:org_id>/people/<int:person_id>/give/", collecting.give, name="give"),
    path("<int:org_id>/people/<int:person_id>/finding/", relieving.finding, name="finding"),
    path("<int:org_id>/people/<int:person_id>/relief/", relieving.ask, name="ask_relief"),
    path("<int:org_id>/people/<int:person_id>/assess/", assessing.assess, name="assess"),
    path("<int:org_id>/assessments/", assessing.overview, name="assessments"),
    path("<int:org_id>/carry-over/", assessing.carry_over, name="carry_over"),
    path("assessments/<int:assessment_id>/", assessing.review, name="review"),
    path("payments/<int:payment_id>/reverse/", collecting.reverse_payment, name="reverse"),
    path("reliefs/", relieving.overview, name="reliefs"),
    path("reliefs/<int:relief_id>/decide/", relieving.decide, name="decide_relief"),
    path("reliefs/<int:relief_id>/end/", relieving.end, name="end_relief"),
    path("consents/", relieving.consents, name="consents"),
    path("consents/<int:consent_id>/answer/", relieving.answer, name="answer_consent"),
    path("movements/", committee.movements, name="movements"),
    path("movements/<int:movement_id>/", committee.movement, name="movement"),
    path("movements/<int:movement_id>/confirm/", committee.confirm, name="confirm_movement"),
    path("movements/<int:movement_id>/undo/", committee.undo, name="undo_movement"),
    path("<int:org_id>/hand-over/", committee.hand_over, name="hand_over"),
    path("<int:org_id>/movements/new/", committee.new_movement, name="new_movement"),
    path("<int:org_id>/overview/<str:month>/", committee.overview, name="overview"),
    path("<int:org_id>/year/<int:year>/", committee.year, name="year"),
]
