"""Identifiers (编码与证件号码): checking, normalising and masking; pure functions, no Django.

Rules are those of DOMAIN 7.1 (GB 11643, GB 32100, GB/T 2260 with the statistical codes). A wrong value raises
`IdentifierError`, whose text is plain Chinese that says what is wrong and can be shown to the person who typed it; it
never repeats the whole number, so that it may stand in a log.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass


def gettext_noop(text: str) -> str:
    """Mark a source string for the catalogue without translating it here (this file does not know Django)."""
    return text


class IdentifierError(ValueError):
    """A number that breaks its rule (号码有误).

    `template` and `params` let a caller translate: `gettext(error.template) % error.params`; `str(error)` is Chinese.
    """

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = params
        super().__init__(template % params if params else template)


# --- characters ------------------------------------------------------------

# Zero-width and direction marks ride along when a number is copied from a chat or a web page; nobody sees them.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)
_ANY_INVISIBLE = re.compile("[" + "".join(map(chr, _INVISIBLE)) + "]")  # most texts have none; a search is cheap
_DIGITS = {0xFF10 + n: str(n) for n in range(10)}
_DASHES = re.compile("[-\u2010-\u2015\u2212\uff0d]")
_SPACES = re.compile(r"\s+")  # \s knows the full-width space and the no-break space


def drop_invisible(text: str) -> str:
    """Text without zero-width characters and direction marks."""
    return text if text.isascii() or not _ANY_INVISIBLE.search(text) else text.translate(_INVISIBLE)


def normalise_digits(text: str) -> str:
    """Full-width digits become ASCII digits, everything else stays: "５号楼" → "5号楼"."""
    return text if text.isascii() else text.translate(_DIGITS)


def _compact(text: object) -> str:
    """Upper-case half-width characters with no spaces or invisible marks."""
    plain = text if isinstance(text, str) else str(text)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", drop_invisible(plain))
    return _SPACES.sub("", plain).upper()


def _only_ascii_digits(text: str) -> bool:
    # str.isdigit() also accepts Arabic-Indic digits and superscripts
    return text.isascii() and text.isdigit()


# --- citizens' identity numbers (GB 11643) ------------------------------------------------------------

MALE, FEMALE = "male", "female"
DEMO_AREA = "450399"  # DOMAIN 7.1 [choice]: assigned to nobody, so that a made-up number never belongs to a real person
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A checked citizen identity number (公民身份号码)."""

    normalised: str
    birth_date: dt.date
    sex: str  # "male" | "female"

    @property
    def area(self) -> str:
        """The six digits of the place of first registration; says nothing about where the person lives now."""
        return self.normalised[:6]

    def __str__(self) -> str:
        return self.normalised

    def __repr__(self) -> str:  # a number in a traceback is a leak
        return f"IdentityNumber({mask_identity(self.normalised)!r})"


def identity_check_digit(first17: str) -> str:
    """The 18th character for 17 digits (GB 11643: weighted sum modulo 11)."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def check_identity_number(text: object, *, today: dt.date | None = None) -> IdentityNumber:
    """Check a citizen identity number by GB 11643 (DOMAIN 7.1) and return it normalised, with birth date and sex.

    Full-width characters, spaces and a lower-case x are put right. The area is deliberately not looked up: areas are
    abolished and renamed while the numbers stay valid. `today` is the last day allowed as a birth date.
    """
    number = _compact(text)
    if not number:
        raise IdentifierError(gettext_noop("没有填写身份证号"))
    if len(number) == 15 and _only_ascii_digits(number):
        raise IdentifierError(gettext_noop("这是 15 位的旧身份证号，已经停用，请填写 18 位的新号码"))
    if len(number) != 18:
        raise IdentifierError(gettext_noop("身份证号应为 18 位，现在是 %(length)d 位"), length=len(number))
    if not _only_ascii_digits(number[:17]):
        place = next(i for i, char in enumerate(number[:17], 1) if not _only_ascii_digits(char))
        raise IdentifierError(
            gettext_noop("身份证号第 %(place)d 位“%(char)s”不是数字（只有最后一位可以是 X）"),
            place=place,
            char=number[place - 1],
        )
    if number[17] not in _CHECK:
        raise IdentifierError(gettext_noop("身份证号最后一位应为数字或 X，现在是“%(char)s”"), char=number[17])
    birth = number[6:14]
    try:
        born = dt.date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        raise IdentifierError(
            gettext_noop("身份证号中的出生日期“%(date)s”不存在（第 7 至 14 位）"), date=birth
        ) from None
    if born.year < 1850:
        raise IdentifierError(gettext_noop("身份证号中的出生日期“%(date)s”过早（第 7 至 14 位）"), date=birth)
    if born > (today or dt.date.today()):
        raise IdentifierError(gettext_noop("身份证号中的出生日期“%(date)s”在今天以后（第 7 至 14 位）"), date=birth)
    if identity_check_digit(number[:17]) != number[17]:
        raise IdentifierError(gettext_noop("身份证号的校验位对不上，请核对有没有抄错一位或两位颠倒"))
    return IdentityNumber(number, born, MALE if int(number[16]) % 2 else FEMALE)


def make_demo_identity(sequence: int, birth: dt.date, sex: str) -> str:
    """A made-up identity number in the unassigned area 450399, with a right check digit (演示用号码).

    `sequence` is 0 to 498 for one birth date and sex; the same arguments always give the same number.
    """
    if sex not in (MALE, FEMALE):
        raise ValueError(f"sex is {MALE!r} or {FEMALE!r}, not {sex!r}")
    if not 0 <= sequence <= 498:
        raise ValueError("one birth date and sex has 499 demo numbers: sequence 0 to 498")
    serial = 2 * sequence + (1 if sex == MALE else 2)
    first17 = f"{DEMO_AREA}{birth:%Y%m%d}{serial:03d}"
    return first17 + identity_check_digit(first17)


def is_demo_identity(number: str) -> bool:
    """Whether an identity number is one of the made-up ones."""
    return number.startswith(DEMO_AREA)


# --- unified social credit codes (GB 32100) ------------------------------------------------------------

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I O S V Z
_CREDIT_VALUE = {char: value for value, char in enumerate(_CREDIT_ALPHABET)}
_CREDIT_LIKELY = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A checked unified social credit code (统一社会信用代码)."""

    normalised: str

    @property
    def registrar_class(self) -> str:
        """Registering body and class of the organisation: 11 agency, 12 institution, 54/55 committees, 91 company …"""
        return self.normalised[:2]

    @property
    def area(self) -> str:
        """Division of the registering body, six digits."""
        return self.normalised[2:8]

    @property
    def body(self) -> str:
        """The nine characters of the organisation code inside."""
        return self.normalised[8:17]

    def __str__(self) -> str:
        return self.normalised


def credit_check_character(first17: str) -> str:
    """The 18th character for 17 characters: (31 − Σ cᵢ·3^(i−1) mod 31) mod 31 (GB 32100, DOMAIN 7.1)."""
    total = sum(_CREDIT_VALUE[char] * pow(3, place, 31) for place, char in enumerate(first17))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def check_credit_code(text: object) -> CreditCode:
    """Check a unified social credit code by GB 32100 (DOMAIN 7.1); case, width, spaces and hyphens are put right."""
    code = _DASHES.sub("", _compact(text))
    if not code:
        raise IdentifierError(gettext_noop("没有填写统一社会信用代码"))
    if len(code) != 18:
        raise IdentifierError(gettext_noop("统一社会信用代码应为 18 位，现在是 %(length)d 位"), length=len(code))
    for place, char in enumerate(code, 1):
        if char in _CREDIT_LIKELY:
            raise IdentifierError(
                gettext_noop("统一社会信用代码第 %(place)d 位不会是字母 %(char)s，可能是“%(likely)s”"),
                place=place,
                char=char,
                likely=_CREDIT_LIKELY[char],
            )
        if char not in _CREDIT_VALUE:
            raise IdentifierError(
                gettext_noop("统一社会信用代码第 %(place)d 位“%(char)s”不是数字或大写字母"), place=place, char=char
            )
    if not _only_ascii_digits(code[2:8]):
        raise IdentifierError(gettext_noop("统一社会信用代码第 3 至 8 位是行政区划代码，应全部为数字"))
    if credit_check_character(code[:17]) != code[17]:
        raise IdentifierError(gettext_noop("统一社会信用代码的校验位对不上，请核对有没有抄错"))
    return CreditCode(code)


# --- division codes (GB/T 2260 and the statistical codes) ------------------------------------------------------------

_DIVISION_LEVELS = {2: "province", 4: "city", 6: "county", 9: "street", 12: "community", 15: "grid"}
_STREET_KINDS = ((1, 99, "street"), (100, 199, "town"), (200, 399, "township"), (400, 599, "street_like"))
_COMMUNITY_KINDS = (
    (1, 199, "residents_committee"),
    (200, 399, "village_committee"),
    (400, 499, "residents_committee_like"),
    (500, 599, "village_committee_like"),
)


@dataclass(frozen=True, slots=True)
class DivisionCode:
    """A division or grid code (区划代码、网格编码) without the zeros that only fill it up."""

    code: str
    level: str  # province | city | county | street | community | grid

    @property
    def twelve(self) -> str:
        """The statistical code of twelve digits, filled up with zeros (a grid gives its community's)."""
        return self.code[:12].ljust(12, "0")

    @property
    def parent(self) -> str:
        """The code one level up, "" above a province."""
        return self.code[: {2: 0, 4: 2, 6: 4, 9: 6, 12: 9, 15: 12}[len(self.code)]]

    @property
    def kind(self) -> str:
        """Kind by the ranges of DOMAIN 7.1 for streets and communities, "" when no range says."""
        if len(self.code) not in (9, 12):
            return ""
        number = int(self.code[-3:])
        table = _STREET_KINDS if len(self.code) == 9 else _COMMUNITY_KINDS
        return next((kind for low, high, kind in table if low <= number <= high), "")

    def __str__(self) -> str:
        return self.code


def check_division_code(text: object, *, level: str = "") -> DivisionCode:
    """Check the shape of a division code of 2, 4, 6, 9 or 12 digits, or a grid code of 15 (community 12 + 3).

    Codes are not looked up in a table, since divisions change every year. `level` asks for one level only.
    """
    code = _compact(text)
    if not code:
        raise IdentifierError(gettext_noop("没有填写区划代码"))
    if not _only_ascii_digits(code):
        raise IdentifierError(gettext_noop("区划代码应全部为数字"))
    if len(code) not in _DIVISION_LEVELS:
        raise IdentifierError(
            gettext_noop("区划代码应为 2、4、6、9、12 位（网格为 15 位），现在是 %(length)d 位"), length=len(code)
        )
    if len(code) <= 12:  # filled up with zeros: 450300000000 is a city
        while len(code) > 2 and not code[9 if len(code) == 12 else 6 if len(code) == 9 else len(code) - 2 :].strip("0"):
            code = code[: 9 if len(code) == 12 else 6 if len(code) == 9 else len(code) - 2]
    if code[:2] == "00":
        raise IdentifierError(gettext_noop("区划代码不会以 00 开头"))
    if any(not part.strip("0") for part in _division_parts(code)):
        raise IdentifierError(gettext_noop("区划代码中间缺少一级（有一段全为 0）"))
    found = DivisionCode(code, _DIVISION_LEVELS[len(code)])
    if level and found.level != level:
        raise IdentifierError(
            gettext_noop("这里要填%(wanted)s的代码，现在填的是%(found)s的"),
            wanted=_LEVEL_NAMES[level],
            found=_LEVEL_NAMES[found.level],
        )
    return found


_LEVEL_NAMES = {
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "street": "街道（乡镇）",
    "community": "社区（村）",
    "grid": "网格",
}


def _division_parts(code: str) -> list[str]:
    ends = [end for end in (2, 4, 6, 9, 12, 15) if end <= len(code)]
    # 4419 and 4420 have streets with no county between: the statistical codes then carry 00 in the county's place
    return [code[start:end] for start, end in zip([0, *ends], ends, strict=False) if end != 6 or len(code) == 6]


# --- phone numbers ------------------------------------------------------------

_MOBILE = re.compile(r"1[3-9]\d{9}")
_FIXED = re.compile(r"(010|02\d|0[3-9]\d{2})(\d{7,8})")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A checked mainland phone number (电话号码): mobile "13800000000", fixed "0773-2800000" or with "-123"."""

    normalised: str
    kind: str  # "mobile" | "fixed"

    def __str__(self) -> str:
        return self.normalised

    def __repr__(self) -> str:
        return f"PhoneNumber({mask_phone(self.normalised)!r})"


def check_phone(text: object) -> PhoneNumber:
    """Check a mainland mobile (11 digits, 13 to 19) or a fixed line with area code and perhaps an extension.

    +86, spaces, hyphens, brackets and full-width characters are put right.
    """
    given = _DASHES.sub("-", _compact(text)).replace("(", "").replace(")", "-").strip("-")
    if not given:
        raise IdentifierError(gettext_noop("没有填写电话号码"))
    given = re.sub(r"^(?:\+|00)86-?", "", given)
    given, _sep, extension = re.sub(r"(?:转|EXT\.?|#)", "*", given).partition("*")
    digits = given.replace("-", "")
    if len(digits) == 13 and digits.startswith("861"):
        digits = digits[2:]
    if not _only_ascii_digits(digits) or (extension and not _only_ascii_digits(extension)):
        raise IdentifierError(gettext_noop("电话号码中有不是数字的字符；几个号码请只填一个"))
    if not extension and _MOBILE.fullmatch(digits):
        return PhoneNumber(digits, "mobile")
    if digits.startswith("1") and not digits.startswith("10"):
        if len(digits) != 11:
            raise IdentifierError(gettext_noop("手机号应为 11 位，现在是 %(length)d 位"), length=len(digits))
        if extension:
            raise IdentifierError(gettext_noop("手机号后面不能有分机号"))
        raise IdentifierError(gettext_noop("没有以 %(head)s 开头的手机号"), head=digits[:2])
    if not digits.startswith("0"):
        if len(digits) in (7, 8):
            raise IdentifierError(gettext_noop("固定电话前面请加区号"))
        raise IdentifierError(gettext_noop("电话号码应为 11 位手机号，或者带区号的固定电话"))
    parts = [part for part in given.split("-") if part]
    if len(parts) >= 2 and parts[0].startswith("0") and not extension:  # 0773-2800000-123
        main, extension = ("".join(parts[:2]), "".join(parts[2:])) if len(parts[0]) <= 4 else (parts[0], parts[1])
    else:
        main = digits
    match = _FIXED.fullmatch(main)
    if not match or len(extension) > 6:
        raise IdentifierError(gettext_noop("固定电话应为区号加 7 或 8 位号码，如 0000-0000000"))
    return PhoneNumber("-".join(filter(None, (match[1], match[2], extension))), "fixed")


# --- masking (脱敏显示) ------------------------------------------------------------

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶"
        "太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良"
        "漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门第五"
        "纳兰完颜叶赫那拉爱新",
    )
)


def surname_length(name: str) -> int:
    """How many characters of a Chinese name are the surname: 2 for a compound surname with a given name, else 1."""
    return 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1


def mask_name(name: str) -> str:
    """Only the surname stays: 张三 → 张*, 欧阳小明 → 欧阳**, 阿依·买买提 → 阿*·***; one character is hidden."""
    name = name.strip()
    if len(name) <= 1:
        return "*" * len(name)
    keep = surname_length(name)
    return name[:keep] + re.sub(r"[^·•\s]", "*", name[keep:])


def mask_identity(number: str) -> str:
    """The first three and last four characters stay: 450***********0016; shorter text is hidden wholly."""
    number = number.strip()
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) >= 15 else "*" * len(number)


def mask_phone(number: str) -> str:
    """138****5678 for mobiles; for fixed lines area code and last two digits: 0773-*****67."""
    number = number.strip()
    area, dash, rest = number.partition("-")
    if dash and area.startswith("0"):
        main, *extension = rest.split("-")
        return f"{area}-{'*' * max(len(main) - 2, 0)}{main[-2:]}" + "".join("-" + "*" * len(part) for part in extension)
    if len(number) >= 11:
        return number[:3] + "*" * (len(number) - 7) + number[-4:]
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 4 else "*" * len(number)


_TOWN = re.compile(r"^.*?(?:街道|[^小社园景校]区|自治县|县|镇|乡|旗)(?:.{0,8}?(?:街道|镇|乡))?")


def mask_address(address: str) -> str:
    """Down to district, street or town, the rest hidden: 某市某区某街道某路1号 → 某市某区某街道****."""
    address = address.strip()
    if not address:
        return ""
    match = _TOWN.match(address[:40])
    kept = match[0] if match and len(match[0]) < len(address) else address[: min(3, len(address) // 3)]
    return kept + "****"
