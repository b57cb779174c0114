"""内容: what an uploaded file really is, told from its bytes, and made harmless before it is kept."""

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from typing import NamedTuple

import filetype
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.policy.files_schema import FileKind, Files

# the part that makes it one, with its folder
PACKED = {"docx": ("word", "document.xml"), "xlsx": ("xl", "workbook.xml"), "ofd": ("OFD.xml",)}
MAX_PARTS = 5000
MAX_UNPACKED = 300 << 20  # bytes; a large scan in a Word file has a few dozen MB
MAX_RATIO = 200  # XML packs 5 to 30 times, a bomb a thousand times
RATIO_FROM = 5 << 20
JPEG_QUALITY = 90


class Cleaned(NamedTuple):
    """处理后的文件: its kind, and the bytes to keep."""

    kind: FileKind
    content: bytes


def clean_name(name: str) -> str:
    """A file's name without folders, control and direction-changing characters, at most 120 characters; may be empty."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(
        " " if char.isspace() else char for char in name if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    name = re.sub(r'[<>:"|?*]', "", name)
    name = re.sub(r"\s+", " ", name).strip(" .")
    if len(name) > 120:
        stem, dot, ending = name.rpartition(".")
        name = stem[: 119 - len(ending)] + dot + ending if dot and len(ending) < 10 else name[:120]
    return name


def examine(content: bytes, name: str, limits: Files) -> Cleaned:
    """What the content is and what of it is kept. Raises Invalid, in words, for whatever is not allowed.

    The content decides; the name's ending must agree with it, so that nobody opens something else than they expect.
    """
    found = _told(content, limits)
    kind = limits.kinds.get(found) if found else None
    if kind is None:
        titles = "、".join(dict.fromkeys(kind.title for kind in limits.kinds))
        raise Invalid(_("这个文件的内容不在可以上传的类型里。可以上传：%(kinds)s。") % {"kinds": titles}, field="file")
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in kind.extensions:
        raise Invalid(
            _("文件名的结尾是“%(ending)s”，内容却是%(title)s。请核对后再上传。")
            % {"ending": ending[:10], "title": kind.title},
            field="file",
        )
    if kind.id in ("jpg", "png"):
        content = _picture(content, kind.id, limits)
    return Cleaned(kind, content)


def _told(content: bytes, limits: Files) -> str | None:
    if content[:4] == b"PK\x03\x04":
        return _package(content)
    guess = filetype.guess(content[:8192])
    return guess.extension if guess else None


def _package(content: bytes) -> str | None:
    """docx, xlsx, ofd, or None for any other zip. Each entry is unpacked under a count: declared sizes are not believed."""
    damaged = Invalid(_("文件已损坏，打不开。请在原来的程序里打开并另存，再上传。"), field="file")
    bomb = Invalid(_("文件压缩得异常紧或者太大（可能是压缩炸弹），没有接收。"), field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename.replace("\\", "/").lstrip("/") for entry in entries}
            if len(entries) > MAX_PARTS:
                raise bomb
            if any(name.endswith(("vbaProject.bin", ".exe", ".dll")) for name in names):
                raise Invalid(_("文件里带有宏或程序，没有接收。请另存为不带宏的文件。"), field="file")
            if any(entry.flag_bits & 1 for entry in entries):
                raise Invalid(_("文件加了密码，请去掉密码再上传。"), field="file")
            unpacked = 0
            for entry in entries:
                with archive.open(entry) as part:
                    while chunk := part.read(1 << 20):
                        unpacked += len(chunk)
                        if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * len(content)):
                            raise bomb
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
    ):
        raise damaged from None
    return next((kind for kind, part in PACKED.items() if "/".join(part) in names), None)


def _picture(content: bytes, kind: str, limits: Files) -> bytes:
    """The picture drawn anew: what the camera wrote (place, time, device) and whatever hung behind it is gone."""
    damaged = Invalid(_("图片已损坏，打不开。"), field="file")
    wanted = {"jpg": "JPEG", "png": "PNG"}[kind]
    try:
        with Image.open(io.BytesIO(content), formats=[wanted]) as picture:
            width, height = picture.size
            if width * height > limits.max_megapixels * 1_000_000:  # asked before a pixel is unpacked
                raise Invalid(
                    _("图片有 %(width)d×%(height)d 像素，超过 %(most)d00 万。请缩小后再上传。")
                    % {"width": width, "height": height, "most": limits.max_megapixels},
                    field="file",
                )
            upright = ImageOps.exif_transpose(picture)
            profile = picture.info.get("icc_profile")
            if wanted == "JPEG" and upright.mode not in ("RGB", "L"):
                upright, profile = upright.convert("RGB"), None
            bare = Image.new(upright.mode, upright.size)
            if upright.mode == "P":
                bare.putpalette(upright.getpalette())
            bare.paste(upright)
            out = io.BytesIO()
            extra = {"quality": JPEG_QUALITY, "optimize": True} if wanted == "JPEG" else {"optimize": False}
            if upright.mode == "P" and "transparency" in picture.info:
                extra["transparency"] = picture.info["transparency"]
            bare.save(out, wanted, icc_profile=profile, **extra)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, Image.DecompressionBombError):
        raise damaged from None
