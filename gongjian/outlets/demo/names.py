"""名称: made-up names of people and units. Nothing here is taken from a real list; likeness to the living is chance."""

import random
from collections.abc import Iterator

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任卢姚钟姜崔谭陆汪"
    "范廖石金贾夏韦付方邹熊白孟秦邱江尹薛闫段雷龙黎史陶贺顾毛郝龚邵万钱覃武莫孔汤向蒙农"
)
# Earlier ones are commoner: rank r has weight 1 / (r + 8).
_WEIGHTS = [1 / (rank + 8) for rank in range(len(SURNAMES))]
_MALE = "伟强磊军勇杰涛明超平刚辉鹏华飞鑫波斌宇浩凯健俊帆旭宁峰成林龙建国志海文德胜荣庆永家兴东亮山"
_FEMALE = "芳娜敏静丽艳娟霞秀英玲桂兰燕红梅琴萍云雪莹慧婷倩颖洁琳欣怡佳蓉凤美春菊珍月巧淑惠芬莲"
_BOTH = "文晓小思雨子志雅一清源安嘉新然宁航乐天书诗"

_PAIRS = (
    "明德致远和顺宏远锦程博雅育英启明长青同心万和瑞丰金禾银河青松翠竹碧云远航恒泰百川日新春晖丹青云岭望江听松临水观澜秀林静山玉泉凤鸣紫荆榕荫晨光星辰朝晖平湖清流飞鸿致和厚德"
    "勤朴嘉禾景行思齐立人求真惠民安康丰润悦来华岭兴达利民通达建业天成广源正和福临鼎新汇通众诚"
)
WORDS = tuple(_PAIRS[at : at + 2] for at in range(0, len(_PAIRS), 2))
# (title, sector, trade): units of a town
UNITS = (
    ("小学", "institution", "education"), ("中学", "institution", "education"), ("幼儿园", "institution", "education"),
    ("医院", "institution", "health"), ("社区卫生服务中心", "institution", "health"), ("供水公司", "state_company", "utilities"),
    ("公交公司", "state_company", "transport"), ("建筑公司", "private_company", "construction"),
    ("物业服务公司", "private_company", "property"), ("商贸公司", "private_company", "retail"),
    ("软件公司", "private_company", "technology"), ("食品厂", "private_company", "manufacturing"),
    ("机械厂", "state_company", "manufacturing"), ("农商银行支行", "state_company", "finance"),
    ("律师事务所", "social", "legal"), ("养老服务中心", "social", "care"), ("快递分拨中心", "private_company", "logistics"),
)  # fmt: skip
TOURISM = (
    "旅行社",
    "国际旅行社",
    "景区",
    "酒店",
    "民宿",
    "游船公司",
    "旅游客运公司",
    "研学基地",
    "旅游商品店",
    "导游服务中心",
)


def numeral(number: int) -> str:
    """A number from 1 to 999 as it is written in a name: 三, 十, 十二, 二十一, 一百零三, 一百一十二."""
    digits = " 一二三四五六七八九"
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        link = "" if not rest else "零" if rest < 10 else "一" if rest < 20 else ""
        return f"{digits[hundreds]}百{link}{numeral(rest)}"
    tens, ones = divmod(number, 10)
    return ((digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")).strip()


def person_name(rng: random.Random, sex: str) -> str:
    """A name of two or three characters, by sex as in GB/T 2261.1 (1 male, 2 female)."""
    surname = rng.choices(SURNAMES, _WEIGHTS)[0]
    own = _MALE if sex == "1" else _FEMALE
    last = rng.choice(own)
    return surname + last if rng.random() < 0.25 else surname + rng.choice(own + _BOTH) + last


def units(rng: random.Random, kinds: tuple) -> Iterator[tuple]:
    """Endless different units: (name, *rest of the kind); numbered once every pair of word and kind is used."""
    round_number = 1
    while True:
        pairs = [(word, kind) for word in WORDS for kind in kinds]
        rng.shuffle(pairs)
        for word, kind in pairs:
            title, *rest = kind if isinstance(kind, tuple) else (kind,)
            yield (word + ("" if round_number == 1 else f"第{numeral(round_number)}") + title, *rest)
        round_number += 1


def joined(place: str, word: str) -> str:
    """A place with a word behind it, what overlaps written once: 某某街道 + 街道大工委 → 某某街道大工委."""
    for length in range(min(len(place), len(word)), 0, -1):
        if place.endswith(word[:length]):
            return place + word[length:]
    return place + word
