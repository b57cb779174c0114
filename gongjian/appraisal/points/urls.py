from django.urls import path

from gongjian.appraisal.points.views import appeals, closing, deciding, pages, statement

app_name = "points"
urlpatterns = [
    path("", pages.organisations, name="organisations"),
    path("mine/", pages.mine, name="mine"),
    path("mine/panel/", pages.panel_mine, name="panel_mine"),
    path("rules/", pages.rules, name="rules"),
    path("persons/<int:ident>/", pages.person, name="person"),
    path("persons/<int:ident>/give/", pages.give, name="give"),
    path("facts/<int:fact>/reverse/", pages.reverse_fact, name="reverse"),
    path("organisations/<int:ident>/", pages.organisation, name="organisation"),
    path("organisations/<int:ident>/named/", pages.named, name="named"),
    path("organisations/<int:ident>/named/request/", pages.request_basis, name="request_basis"),
    path("named/<int:ident>/approve/", pages.approve_basis, name="approve_basis"),
    path("named/<int:ident>/end/", pages.end_basis, name="end_basis"),
    path("mine/statement/", statement.statement, name="statement"),
    path("mine/statement/pdf/", statement.statement_paper, name="statement_paper"),
    path("mine/appeals/", appeals.mine, name="my_appeals"),
    path("mine/appeals/raise/", appeals.raise_appeal, name="raise_appeal"),
    path("mine/appeals/<int:ident>/", appeals.my_appeal, name="my_appeal"),
    path("mine/appeals/<int:ident>/withdraw/", appeals.withdraw, name="withdraw_appeal"),
    path("posted/<int:ident>/", closing.posted, name="posted"),
    path("closing/", closing.overview, name="closing"),
    path("closing/<int:ident>/", closing.detail, name="close"),
    path("closing/<int:ident>/again/", closing.close_again, name="close_again"),
    path("appeals/", appeals.overview, name="appeals"),
    path("appeals/<int:ident>/", appeals.detail, name="appeal"),
    path("exemptions/", deciding.exemptions, name="exemptions"),
    path("exemptions/<int:ident>/", deciding.exemption, name="exemption"),
    path("exemptions/<int:ident>/approve/", deciding.approve, name="approve_exemption"),
    path("exemptions/<int:ident>/refuse/", deciding.refuse, name="refuse_exemption"),
    path("exemptions/<int:ident>/end/", deciding.end, name="end_exemption"),
    path("persons/<int:person>/exempt/", deciding.request_exemption, name="request_exemption"),
    path("verdicts/", deciding.verdicts, name="verdicts"),
    path("verdicts/<int:person>/<str:year>/", deciding.verdict, name="verdict"),
]
