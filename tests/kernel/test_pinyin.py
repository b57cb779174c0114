"""Pinyin: surname readings, initials, and what a person types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongjian.ground.kernel.pinyin import search_key, spell


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单小明", "shanxiaoming", "sxm"),
        ("曾华", "zenghua", "zh"),
        ("仇英", "qiuying", "qy"),
        ("解放", "xiefang", "xf"),
        ("区小红", "ouxiaohong", "oxh"),
        ("任重", "renzhong", "rz"),
        ("查良", "zhaliang", "zl"),
        ("覃小丽", "qinxiaoli", "qxl"),
        ("万俟雪", "moqixue", "mqx"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("欧阳小明", "ouyangxiaoming", "oyxm"),
        ("吕布", "lvbu", "lb"),
        ("单", "shan", "s"),
    ],
)
def test_names(name: str, pinyin: str, initials: str) -> None:
    assert spell(name, name=True) == (pinyin, initials)


@pytest.mark.parametrize(
    ("text", "pinyin", "initials"),
    [
        ("长江社区", "changjiangshequ", "cjsq"),
        ("Ａ3栋12单元", "a3dong12danyuan", "a3d12dy"),
        ("单位", "danwei", "dw"),
        ("重庆路", "chongqinglu", "cql"),
        ("", "", ""),
    ],
)
def test_texts(text: str, pinyin: str, initials: str) -> None:
    assert spell(text) == (pinyin, initials)


def test_what_a_person_types() -> None:
    assert search_key(" Lǚ  Xiao-Ming ") == "lvxiaoming"
    assert search_key("ＺＳ") == "zs"
    assert search_key("张 三") == "张三"


@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    pinyin, initials = spell(text, name=True)
    assert len(initials) <= len(pinyin)
    assert search_key(search_key(text)) == search_key(text)
