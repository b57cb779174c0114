"""Log-in, lockout, second factor, grants, accounts and tokens (DOMAIN 7.3; SAFETY.md)."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused, UndeclaredPermission
from gongjian.records.access import actions, queries
from gongjian.records.access.models import ApiToken, RoleGrant, User
from gongjian.records.access.passwords import PackPasswordValidator, classes_in
from gongjian.records.facts.models import Fact

pytestmark = pytest.mark.django_db
GOOD = "Liu-zhou-8821"


def log_in(username: str, password: str, client: Client | None = None):
    client = client or Client()
    return client, client.post(reverse("account_login"), {"login": username, "password": password})


@pytest.fixture
def secretary(clock, cast):
    user = cast.secretary.user
    user.set_password(GOOD)
    user.save()
    return user


def test_log_in_leads_home(secretary):
    _client, answer = log_in(secretary.username, GOOD)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_wrong_password_says_nothing_of_which_was_wrong(secretary):
    _one, known = log_in(secretary.username, "wrong")
    _two, unknown = log_in("nobody-of-this-name", "wrong")
    assert "登录名或密码不对" in known.content.decode()
    assert "登录名或密码不对" in unknown.content.decode()


def test_lockout_after_the_packs_attempts_and_release_after_its_minutes(secretary, clock):
    """等保 2.0 三级 8.1.4.1：登录失败处理；次数与时长由政策包定。"""
    rule = policy.current().settings.lockout
    for _attempt in range(rule.attempts):
        _client, answer = log_in(secretary.username, "wrong")
    assert answer.status_code == 429
    _client, answer = log_in(secretary.username, GOOD)
    assert answer.status_code == 429, "locked even with the right password"
    assert str(rule.minutes) in answer.content.decode()
    clock.forward(minutes=rule.minutes, seconds=5)
    _client, answer = log_in(secretary.username, GOOD)
    assert answer.status_code == 302


def test_closed_account_cannot_log_in_and_loses_its_session(secretary, cast):
    client, _answer = log_in(secretary.username, GOOD)
    User.objects.filter(pk=secretary.pk).update(is_active=False)
    assert client.get(reverse("access:security")).status_code == 302
    _client, answer = log_in(secretary.username, GOOD)
    assert answer.status_code != 302 or "inactive" in answer["Location"]


@pytest.mark.parametrize(
    ("password", "classes"), [("abc", 1), ("abcABC", 2), ("abcABC1", 3), ("abcABC1-", 4), ("", 0), ("口令", 1)]
)
def test_classes_of_characters(password, classes):
    assert classes_in(password) == classes


@pytest.mark.parametrize("password", ["Aa1-", "abcdefghijkl", "ABCDEFGH1234"])
def test_weak_passwords_are_refused(password):
    with pytest.raises(ValidationError):
        PackPasswordValidator().validate(password)


def test_old_passwords_are_not_taken_again(secretary):
    secretary.set_password("Another-one-77")
    secretary.save()
    with pytest.raises(ValidationError, match="最近"):
        PackPasswordValidator().validate(GOOD, secretary)


def test_initial_password_must_be_changed(cast, settings):
    settings.DEMO = False
    user = User.objects.create_user("fresh", GOOD, must_change_password=True)
    client, _answer = log_in("fresh", GOOD)
    answer = client.get("/access/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_change_password"))
    client.post(
        reverse("account_change_password"),
        {"oldpassword": GOOD, "password1": "My-own-word-9", "password2": "My-own-word-9"},
    )
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.password_changed_at is not None


def test_expired_password_must_be_changed(secretary, clock, settings):
    settings.DEMO = False
    days = policy.current().settings.password.max_age_days
    client, _answer = log_in(secretary.username, GOOD)
    clock.forward(days=days + 1)
    client, _answer = log_in(secretary.username, GOOD)
    assert client.get("/access/")["Location"] == reverse("account_change_password")


def test_roles_that_the_pack_names_need_a_second_factor(cast, settings):
    """等保 2.0 三级 8.1.4.1：两种以上鉴别技术。"""
    settings.DEMO = False
    answer = cast.admin.client.get("/access/")
    assert answer["Location"] == reverse("mfa_activate_totp")
    assert cast.secretary.client.get(reverse("access:security")).status_code == 200
    settings.DEMO = True
    assert cast.admin.client.get("/access/").status_code == 200


def test_second_factor_is_asked_at_log_in_and_sealed_at_rest(secretary):
    secret = generate_totp_secret()
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(secretary, secret)
    assert secret not in str(Authenticator.objects.get(user=secretary).data)
    client, answer = log_in(secretary.username, GOOD)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("access:security")).status_code == 302, "not in yet"
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    answer = client.post(reverse("mfa_authenticate"), {"code": code})
    assert answer.status_code == 302
    assert client.get(reverse("access:security")).status_code == 200


def test_nobody_signs_up_alone(db):
    answer = Client().post(reverse("account_signup"), {"username": "x", "password1": GOOD, "password2": GOOD})
    assert not User.objects.filter(username="x").exists()
    assert answer.status_code in (200, 302)


class TestGrants:
    """授权: at a node, along a line, with dates; never more than one holds oneself."""

    def test_given_and_ended_with_facts(self, cast, city):
        row = actions.give(
            person=cast.member.person, role="community_clerk", org=city.community, by=SYSTEM, reason="换岗"
        )
        assert queries.actor_of(cast.member.user).may_at("people.manage", city.branch)
        actions.end(grant=row, by=SYSTEM)
        assert not queries.actor_of(cast.member.user).may_at("people.manage", city.branch)
        kinds = list(Fact.objects.filter(object_kind="grant").order_by("id").values_list("kind", flat=True))
        assert kinds[-2:] == ["grant.given", "grant.ended"]

    def test_twice_is_refused(self, cast, city):
        actions.give(person=cast.member.person, role="community_clerk", org=city.community, by=SYSTEM)
        with pytest.raises(Refused):
            actions.give(person=cast.member.person, role="community_clerk", org=city.community, by=SYSTEM)

    def test_nobody_gives_what_they_do_not_hold(self, cast, city):
        with pytest.raises(Forbidden):
            actions.give(person=cast.member.person, role="admin", org=city.street, by=cast.street.actor)
        with pytest.raises(Forbidden):
            actions.give(person=cast.member.person, role="branch_viewer", org=city.other_street, by=cast.street.actor)
        with pytest.raises(Forbidden):
            actions.give(person=cast.street.person, role="branch_viewer", org=city.street, by=cast.street.actor)
        actions.give(person=cast.member.person, role="community_clerk", org=city.community, by=cast.street.actor)
        actions.give(person=cast.member.person, role="district_leader", org=city.district, by=cast.admin.actor)

    def test_unknown_role_and_line(self, cast, city):
        with pytest.raises(Invalid):
            actions.give(person=cast.member.person, role="king", org=city.street, by=SYSTEM)
        with pytest.raises(Invalid):
            actions.give(person=cast.member.person, role="branch_viewer", org=city.street, by=SYSTEM, line="up")

    def test_line_of_territory_reaches_those_who_sit_there(self, cast, city):
        actions.give(person=cast.member.person, role="community_clerk", org=city.community, by=SYSTEM, line="territory")
        actor = queries.actor_of(cast.member.user)
        assert actor.may_at("people.manage", city.unit_branch)
        row = RoleGrant.objects.get(person=cast.member.person)
        actions.end(grant=row, by=SYSTEM)
        actions.give(person=cast.member.person, role="community_clerk", org=city.community, by=SYSTEM, line="parent")
        assert not queries.actor_of(cast.member.user).may_at("people.manage", city.unit_branch)

    def test_dates_hold(self, cast, city, clock):
        actions.give(
            person=cast.member.person, role="community_clerk", org=city.community, by=SYSTEM,
            until=dt.date(2026, 12, 1),
        )  # fmt: skip
        assert queries.actor_of(cast.member.user, dt.date(2026, 11, 30)).holds("community_clerk")
        assert not queries.actor_of(cast.member.user, dt.date(2026, 12, 1)).holds("community_clerk")

    def test_posts_and_membership_give_roles_by_themselves(self, cast):
        assert cast.secretary.actor.holds("branch_secretary")
        assert cast.member.actor.holds("member")
        assert cast.resident.actor.holds("resident")

    def test_undeclared_permission_raises(self, cast):
        with pytest.raises(UndeclaredPermission):
            cast.admin.actor.may("orgs.everything")

    def test_outsider_sees_no_grant_and_no_account(self, cast, city):
        row = actions.give(person=cast.member.person, role="branch_viewer", org=city.branch, by=SYSTEM)
        assert not queries.grants_visible_to(cast.outsider.actor).filter(pk=row.pk).exists()
        with pytest.raises((NotFound, Forbidden)):
            queries.grant_for(cast.outsider.actor, row.pk)
        assert cast.member.user not in queries.accounts_visible_to(cast.outsider.actor)


class TestTokens:
    """接口令牌."""

    def token(self, player, **values):
        return actions.issue_token(
            user=player.user, by=player.actor, **{"name": "对接", "scopes": ["figures.view"], "days": 30, **values}
        )

    def test_acts_within_its_scopes_only(self, cast, settings):
        settings.DEMO = True
        _row, text = self.token(cast.admin)
        headers = {"Authorization": f"Bearer {text}"}
        assert Client().get("/api/v1/figures", headers=headers).status_code == 200
        assert Client().get("/api/v1/facts", headers=headers).status_code == 403

    def test_expires_and_is_revoked(self, cast, clock):
        row, text = self.token(cast.admin)
        assert queries.by_token(text)
        clock.forward(days=31)
        assert queries.by_token(text) is None
        row, text = self.token(cast.admin)
        actions.revoke_token(token=row, by=cast.admin.actor)
        assert queries.by_token(text) is None
        with pytest.raises(Refused):
            actions.revoke_token(token=row, by=cast.admin.actor)

    def test_text_is_not_kept(self, cast):
        row, text = self.token(cast.admin)
        assert text not in str(ApiToken.objects.filter(pk=row.pk).values())

    @pytest.mark.parametrize(
        ("values", "field"),
        [({"name": " "}, "name"), ({"days": 0}, "days"), ({"days": 999}, "days"), ({"scopes": []}, "scopes")],
    )
    def test_bad_input(self, cast, values, field):
        with pytest.raises(Invalid) as problem:
            self.token(cast.admin, **values)
        assert problem.value.field == field

    def test_scope_beyond_ones_own_rights_is_refused(self, cast):
        with pytest.raises(Invalid):
            self.token(cast.admin, scopes=["people.view_protected"])

    @pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic abc", "Bearer " + "x" * 5000])
    def test_nonsense_is_nobody(self, db, header):
        answer = Client().get("/api/v1/figures", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"


def test_api_by_session_needs_the_token_against_forgery(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.secretary.user)
    answer = client.post("/api/v1/activities", data="{}", content_type="application/json")
    assert answer.status_code == 403


def test_pages_of_accounts(cast, settings):
    settings.DEMO = True
    admin = cast.admin.client
    for url in ("access:list", "access:accounts", "access:security"):
        assert admin.get(reverse(url)).status_code == 200
    person = cast.member.person.pk
    User.objects.filter(person=person).delete()
    answer = admin.post(reverse("access:open", args=[person]), {"person": person, "username": "lm2026"})
    assert "lm2026" in answer.content.decode()
    user = User.objects.get(username="lm2026")
    assert user.must_change_password
    answer = admin.post(reverse("access:account", args=[user.pk]), {"deed": "reset"})
    assert "初始密码" in answer.content.decode()
    admin.post(reverse("access:account", args=[user.pk]), {"deed": "close", "reason": "离岗"})
    user.refresh_from_db()
    assert not user.is_active
    assert cast.outsider.client.get(reverse("access:account", args=[user.pk])).status_code in (403, 404)
