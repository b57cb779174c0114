"""Pages of grants, accounts and one's own account."""

from django.urls import path

from gongjian.records.access import views

app_name = "access"
urlpatterns = [
    path("", views.grants, name="list"),
    path("give/<int:person>/", views.give, name="give"),
    path("end/<int:grant>/", views.end, name="end"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/open/<int:person>/", views.open_account, name="open"),
    path("accounts/<int:user>/", views.account, name="account"),
    path("security/", views.security, name="security"),
    path("security/tokens/new/", views.issue_token, name="issue_token"),
    path("security/tokens/<int:token>/revoke/", views.revoke_token, name="revoke_token"),
]
