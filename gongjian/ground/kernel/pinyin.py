"""Pinyin (拼音): spelling of names for search and sorting, and the normaliser of what a person types to search."""

import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from gongjian.ground.kernel.identifiers import drop_invisible, surname_length

# Characters read otherwise as a surname than in a text. 覃 is Qin in Guangxi and most of the country (Tan elsewhere).
_SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "任": "ren", "朴": "piao",
    "盖": "ge", "冼": "xian", "洗": "xian", "缪": "miao", "乐": "yue", "覃": "qin", "翟": "zhai", "种": "chong",
    "繁": "po", "黑": "he", "秘": "bi", "员": "yun", "召": "shao", "折": "she", "祭": "zhai", "葛": "ge",
    "逄": "pang", "么": "yao", "谌": "chen", "都": "du", "薄": "bo", "牟": "mu", "粘": "nian", "能": "nai",
    "燕": "yan", "应": "ying", "瞿": "qu", "宁": "ning", "华": "hua", "尉": "wei", "车": "che", "石": "shi",
    "沈": "shen", "叶": "ye", "柏": "bai", "宿": "su", "长": "chang", "晟": "cheng", "佴": "nai", "呙": "guo",
    "哈": "ha", "那": "na", "盛": "sheng", "行": "xing", "纪": "ji", "贾": "jia", "卜": "bu", "褚": "chu",
    "郗": "xi", "隗": "wei", "曲": "qu", "过": "guo", "要": "yao", "幸": "xing", "撒": "sa", "重": "chong",
    "尹": "yin", "适": "shi", "相": "xiang", "谷": "gu", "占": "zhan", "令": "ling", "干": "gan", "臧": "zang",
}  # fmt: skip
_COMPOUND = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "澹台": ("tan", "tai"),
    "令狐": ("ling", "hu"), "单于": ("chan", "yu"), "宰父": ("zai", "fu"), "亓官": ("qi", "guan"),
    "乐正": ("yue", "zheng"), "子车": ("zi", "ju"), "拓跋": ("tuo", "ba"), "谷梁": ("gu", "liang"),
    "鲜于": ("xian", "yu"),
}  # fmt: skip


@lru_cache(maxsize=65536)
def spell(text: str, name: bool = False) -> tuple[str, str]:
    """Pinyin without tones or spaces, and the initials: "单小明" with `name=True` → ("shanxiaoming", "sxm").

    `name=True` reads the first character (or a compound surname) as a surname. Letters and digits stay, in lower case;
    punctuation is left out. ü is written v, as on a keyboard. Never fails: what has no reading stays as it is.
    """
    text = _fold(text)
    syllables: list[str] = []
    if name and text:
        head = text[:2] if text[:2] in _COMPOUND and len(text) > 2 else text[: surname_length(text)]
        if head in _COMPOUND:
            syllables.extend(_COMPOUND[head])
            text = text[len(head) :]
        elif head in _SURNAMES:
            syllables.append(_SURNAMES[head])
            text = text[1:]
    if text:
        syllables.extend(lazy_pinyin(text, style=Style.NORMAL, errors=_keep))  # type: ignore[arg-type]  # lists too
    # a run without a reading ("abc12") is one "syllable" to pypinyin, but every digit of it counts in the initials
    initials = "".join(part if part[:1].isdigit() else part[:1] for part in syllables)
    return _letters("".join(syllables)), _letters(initials)


def search_key(text: str) -> str:
    """What a person typed, ready to compare: half width, lower case, no spaces or punctuation, ü as v.

    "Lü  Xiao-ming" → "lvxiaoming"; Chinese characters stay, so that one key serves names, pinyin and initials.
    """
    return _letters(_fold(text))


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", drop_invisible(text)).casefold())
    # ü is u with two dots; other marks (the tones of zhāng) are dropped; NFC puts Korean syllables together again
    plain = "".join(char for char in folded.replace("u\u0308", "v") if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", plain)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _keep(run: str) -> list[str]:
    """Split what has no reading into runs of digits and of the rest: "a3栋" style codes keep their numbers."""
    parts: list[str] = []
    for char in run:
        if parts and char.isalnum() and char.isdigit() == parts[-1][-1:].isdigit() and parts[-1].isalnum():
            parts[-1] += char
        else:
            parts.append(char)
    return parts
