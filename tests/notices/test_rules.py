"""Rules of outside messages as tables."""

import datetime as dt

import pytest

from gongjian.records.notices import rules


@pytest.mark.parametrize(
    ("now", "free"),
    [
        ("2026-11-16 20:59", "2026-11-16 20:59"),
        ("2026-11-16 21:00", "2026-11-17 08:00"),
        ("2026-11-16 23:59", "2026-11-17 08:00"),
        ("2026-11-17 00:00", "2026-11-17 08:00"),
        ("2026-11-17 07:59", "2026-11-17 08:00"),
        ("2026-11-17 08:00", "2026-11-17 08:00"),
        ("2026-12-31 22:00", "2027-01-01 08:00"),
    ],
)
def test_quiet_hours_over_midnight(now, free):
    moment = dt.datetime.fromisoformat(now)
    assert rules.allowed_from(moment, "21:00", "08:00") == dt.datetime.fromisoformat(free)


def test_waits_grow_and_are_bounded():
    assert [rules.wait_after(n, 60, 4, 21600) for n in (1, 2, 3, 4, 5, 6, 500)] == [
        60, 240, 960, 3840, 15360, 21600, 21600,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "size"), [("短", 3), ("党" * 682, 2046), ("党" * 683, 2046), ("a" + "党" * 900, 2047)]
)
def test_texts_are_cut_between_characters(text, size):
    """WeCom's group robots take text of at most 2048 bytes of UTF-8."""
    cut = rules.clip(text)
    assert len(cut.encode()) == size
    assert cut == text or cut.endswith("…")


def test_dingtalk_signature():
    """钉钉开放平台《自定义机器人安全设置》: HMAC-SHA256 of "timestamp\\nsecret" keyed by the secret, then base64.

    The value was reckoned beside this code: printf '1577262236757\\nSECabc' | openssl dgst -sha256 -hmac SECabc -binary | base64
    """
    assert rules.dingtalk_signature("SECabc", 1577262236757) == "I5TKCOTTj6fad4sJ4q9RsIffw0PAChVQZQGTdtRbNEQ="


def test_masks():
    assert rules.mask_mail("zhang.wei@example.com") == "z***@example.com"
    assert rules.mask_mail("nothing") == ""
    assert rules.mask_token("0123456789abcdef") == "****cdef"
    assert rules.mask_token("short") == "****"
    assert rules.week_of(dt.date(2026, 11, 22)) == dt.date(2026, 11, 16)
