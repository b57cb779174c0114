"""Identifiers by DOMAIN 7.1 (GB 11643, GB 32100, GB/T 2260 with the statistical codes)."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongjian.ground.kernel import identifiers as ids

TODAY = dt.date(2026, 11, 2)
GOOD = ids.make_demo_identity(3, dt.date(1990, 1, 1), "male")


def identity(area: str, birth: str, serial: str) -> str:
    return area + birth + serial + ids.identity_check_digit(area + birth + serial)


def test_the_check_digit_of_the_standards_own_example() -> None:
    # GB 11643-1999 gives 11010519491231002X and 440524188001010014 as its examples
    assert ids.identity_check_digit("11010519491231002") == "X"
    assert ids.identity_check_digit("44052418800101001") == "4"


def test_a_number_tells_birth_date_and_sex() -> None:
    found = ids.check_identity_number("11010519491231002x", today=TODAY)
    assert (found.normalised, found.birth_date, found.sex, found.area) == (
        "11010519491231002X",
        dt.date(1949, 12, 31),
        "female",
        "110105",
    )


@pytest.mark.parametrize(
    "area",
    ["450312", "450322", "999999", "450399"],  # 450312 exists only since 2013, before it was 450322 (DOMAIN 7.1)
)
def test_the_area_is_never_looked_up(area: str) -> None:
    number = identity(area, "19700101", "123")
    assert ids.check_identity_number(number, today=TODAY).normalised == number


@pytest.mark.parametrize(
    "written",
    [
        GOOD,
        f" {GOOD[:6]} {GOOD[6:14]} {GOOD[14:]} ",
        "".join(chr(0xFEE0 + ord(c)) for c in GOOD),
        f"\u200b{GOOD}\u202c",
    ],
)
def test_writing_is_put_right(written: str) -> None:
    assert ids.check_identity_number(written, today=TODAY).normalised == GOOD


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "没有填写"),
        (GOOD[:15], "15 位的旧身份证号"),
        (GOOD[:17], "应为 18 位，现在是 17 位"),
        (GOOD[:5] + "O" + GOOD[6:], "第 6 位“O”不是数字"),
        (GOOD[:17] + "Y", "最后一位应为数字或 X"),
        (identity("450399", "19900230", "001"), "19900230”不存在"),
        (identity("450399", "20261103", "001"), "在今天以后"),
        (identity("450399", "18000101", "001"), "过早"),
        (GOOD[:17] + ("1" if GOOD[17] != "1" else "2"), "校验位对不上"),
        (GOOD[0] + GOOD[2] + GOOD[1] + GOOD[3:], "校验位对不上"),
        ("٤" * 18, "不是数字"),
    ],
)
def test_what_is_wrong_is_said(written: str, says: str) -> None:
    with pytest.raises(ids.IdentifierError, match=says) as caught:
        ids.check_identity_number(written, today=TODAY)
    assert GOOD not in str(caught.value)


def test_a_birth_date_of_today_is_possible() -> None:
    assert ids.check_identity_number(identity("450399", "20261102", "002"), today=TODAY).birth_date == TODAY


@given(st.integers(0, 498), st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)), st.sampled_from(["male", "female"]))
def test_demo_numbers_pass_and_carry_what_they_were_made_of(sequence: int, birth: dt.date, sex: str) -> None:
    found = ids.check_identity_number(ids.make_demo_identity(sequence, birth, sex), today=TODAY)
    assert (found.birth_date, found.sex) == (birth, sex)
    assert ids.is_demo_identity(found.normalised)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, add: int) -> None:
    wrong = GOOD[:place] + str((int(GOOD[place]) + add) % 10) + GOOD[place + 1 :]
    with pytest.raises(ids.IdentifierError):
        ids.check_identity_number(wrong, today=TODAY)


def test_demo_numbers_differ() -> None:
    birth = dt.date(1990, 1, 1)
    made = {ids.make_demo_identity(n, birth, sex) for n in range(499) for sex in ("male", "female")}
    assert len(made) == 998
    with pytest.raises(ValueError, match="499"):
        ids.make_demo_identity(499, birth, "male")


def test_a_traceback_does_not_show_the_number() -> None:
    assert GOOD not in repr(ids.check_identity_number(GOOD, today=TODAY))


# --- GB 32100 ------------------------------------------------------------


def credit(first17: str) -> str:
    return first17 + ids.credit_check_character(first17)


def test_a_published_credit_code_passes() -> None:
    # 91350100M000100Y43 is the code printed in GB 32100-2015 as its example
    assert ids.check_credit_code("91350100m000100y43").normalised == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "没有填写"),
        ("9135", "应为 18 位，现在是 4 位"),
        ("9135O100M000100Y43", "第 5 位不会是字母 O，可能是“0”"),
        ("91350100M000100Y4中", "第 18 位“中”"),
        ("913501A0M000100Y43", "第 3 至 8 位"),
        ("91350100M000100Y44", "校验位对不上"),
    ],
)
def test_a_wrong_credit_code(written: str, says: str) -> None:
    with pytest.raises(ids.IdentifierError, match=says):
        ids.check_credit_code(written)


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9))
def test_credit_codes_round_trip(body: str) -> None:
    code = credit("12450399" + body)
    assert ids.check_credit_code(f" {code.lower()[:9]}-{code.lower()[9:]}").normalised == code


# --- divisions ------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "code", "level", "kind", "parent"),
    [
        ("45", "45", "province", "", ""),
        ("450300", "4503", "city", "", "45"),
        ("450302000000", "450302", "county", "", "4503"),
        ("450302001000", "450302001", "street", "street", "450302"),
        ("450302100", "450302100", "street", "town", "450302"),
        ("450302001001", "450302001001", "community", "residents_committee", "450302001"),
        ("450302001200", "450302001200", "community", "village_committee", "450302001"),
        ("450302001001003", "450302001001003", "grid", "", "450302001001"),
        ("441900003000", "441900003", "street", "street", "441900"),  # a city without counties
    ],
)
def test_division_codes(written: str, code: str, level: str, kind: str, parent: str) -> None:
    found = ids.check_division_code(written)
    assert (found.code, found.level, found.kind, found.parent) == (code, level, kind, parent)
    assert len(found.twelve) == 12


@pytest.mark.parametrize(
    ("written", "level", "says"),
    [
        ("4503020", "", "现在是 7 位"),
        ("45030a", "", "全部为数字"),
        ("450302", "street", "要填街道（乡镇）的代码，现在填的是县级的"),
        ("000000", "", "不会以 00 开头"),
        ("450302000001", "", "中间缺少一级"),
    ],
)
def test_wrong_division_codes(written: str, level: str, says: str) -> None:
    with pytest.raises(ids.IdentifierError, match=says):
        ids.check_division_code(written, level=level)


# --- phones ------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "normalised", "kind"),
    [
        ("13800000000", "13800000000", "mobile"),
        ("+86 138-0000-0000", "13800000000", "mobile"),
        ("1３８ ００００ ００００", "13800000000", "mobile"),
        ("008613800000000", "13800000000", "mobile"),
        ("0773-2800000", "0773-2800000", "fixed"),
        ("（0773）2800000转12", "0773-2800000-12", "fixed"),
        ("07732800000", "0773-2800000", "fixed"),
        ("010-12345678", "010-12345678", "fixed"),
    ],
)
def test_phones(written: str, normalised: str, kind: str) -> None:
    found = ids.check_phone(written)
    assert (found.normalised, found.kind) == (normalised, kind)
    assert ids.check_phone(normalised) == found


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "没有填写"),
        ("1380000000", "手机号应为 11 位，现在是 10 位"),
        ("12800000000", "没有以 12 开头"),
        ("2800000", "请加区号"),
        ("13800000000/13900000000", "只填一个"),
        ("0773-28", "固定电话应为"),
        ("99999999999", "11 位手机号，或者"),
    ],
)
def test_wrong_phones(written: str, says: str) -> None:
    with pytest.raises(ids.IdentifierError, match=says):
        ids.check_phone(written)


# --- masks ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张小明", "张**"),
        ("欧阳小明", "欧阳**"),
        ("欧阳", "欧*"),
        ("阿依·买买提", "阿*·***"),
        ("张", "*"),
        ("", ""),
    ],
)
def test_masked_names(name: str, masked: str) -> None:
    assert ids.mask_name(name) == masked


def test_masked_numbers_and_addresses() -> None:
    assert ids.mask_identity("450399199001010079") == "450***********0079"
    assert ids.mask_identity("4503") == "****"
    assert ids.mask_phone("13800005678") == "138****5678"
    assert ids.mask_phone("0773-2800067") == "0773-*****67"
    assert ids.mask_address("某某市某某区某某街道中山路12号3栋") == "某某市某某区某某街道****"
    assert ids.mask_address("某县某镇某村1号") == "某县某镇****"
    assert "3栋" not in ids.mask_address("某小区3栋2单元")


@given(st.text(max_size=40))
def test_masks_take_any_text_and_give_nothing_new(text: str) -> None:
    ids.mask_name(text)
    assert len(ids.mask_identity(text)) == len(text.strip())
    ids.mask_phone(text)
    ids.mask_address(text)


@given(st.text(max_size=30))
def test_any_text_is_right_or_refused_in_words(text: str) -> None:
    for check in (ids.check_identity_number, ids.check_credit_code, ids.check_division_code, ids.check_phone):
        with contextlib.suppress(ids.IdentifierError):  # any other exception fails the test
            found = check(text)
            assert check(str(found)) == found


def test_full_width_digits() -> None:
    assert ids.normalise_digits("５号楼Ａ座") == "5号楼Ａ座"
