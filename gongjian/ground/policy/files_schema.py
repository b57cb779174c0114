"""What files a city takes in (文件): kinds, and how large they may be."""

from typing import Literal

from gongjian.ground.policy.values import Entries, Positive, Shape, Text

Content = Literal["pdf", "jpg", "png", "docx", "xlsx", "ofd"]


class FileKind(Shape):
    """文件类型: `id` is what the content must be (the program knows how to tell it); `extensions` how names may end."""

    id: Content
    title: Text
    extensions: tuple[Text, ...]
    mime: Text


class Files(Shape):
    """文件: limits for each file and each object that keeps files."""

    max_megabytes: Positive
    max_megapixels: Positive
    max_per_subject: Positive
    kinds: Entries[FileKind]
    basis: Text
