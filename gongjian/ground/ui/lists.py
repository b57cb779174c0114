"""列表: a searched, filtered, sorted and paged list of rows, evaluated before the page is rendered, and its exports."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .exports import EXCEL_ROWS, csv_response, xlsx_response
from .keyset import BadCursor, Keyset
from .looks import look_of
from .shortcuts import page

SIZES = (20, 50, 100)
COUNT_CAP = 10_000
LONGEST_SEARCH = 100
CHUNK = 500


@dataclass(frozen=True)
class Column:
    """列: one column of a listing.

    `key` is a field or attribute path (`org.name` or `org__name`); `value` a function of the row instead.
    `link`: a url name (reversed with the row's pk) or a function of the row giving an address (or "").
    `kind`: text, number, date, datetime, badge, bool, html (a function giving safe HTML). `looks`: for badges.
    `sort`: True to sort by `key`, or the field to sort by. `phone`: title, meta or hide in the phone's cards.
    """

    key: str
    title: Any
    value: Callable[[Any], Any] | None = None
    link: str | Callable[[Any], str] | None = None
    kind: str = "text"
    sort: bool | str = False
    looks: Mapping[str, Any] | None = None
    phone: str = ""
    export: bool = True
    help: Any = ""

    @property
    def sort_field(self) -> str:
        """The field path by which the database sorts, or nothing."""
        if not self.sort:
            return ""
        return self.sort if isinstance(self.sort, str) else self.key.replace(".", "__")

    def of(self, row: Any) -> Any:
        """The raw value for a row."""
        if self.value:
            return self.value(row)
        if isinstance(row, Mapping):
            return row.get(self.key)
        for part in self.key.replace("__", ".").split("."):
            if row is None:
                return None
            row = getattr(row, part)
        return row() if callable(row) else row

    def exported(self, row: Any) -> Any:
        """What a spreadsheet gets: words for states, values for the rest."""
        value = self.of(row)
        if self.kind == "badge" and value not in (None, ""):
            return str(look_of(value, self.looks).word)
        if self.kind == "bool" and value is not None:
            return _("是") if value else _("否")
        return value


@dataclass(frozen=True)
class Cell:
    """格: one shown value with its link."""

    column: Column
    value: Any
    url: str = ""
    look: Any = None

    @property
    def text(self) -> Any:
        """The value as a reader sees it."""
        value = self.value
        if value in (None, ""):
            return ""
        if self.column.kind == "bool":
            return _("是") if value else _("否")
        if isinstance(value, datetime):
            return (timezone.localtime(value) if timezone.is_aware(value) else value).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, date):
            return value.isoformat()
        if self.column.kind == "number" and isinstance(value, int):
            return f"{value:,}"
        return value


@dataclass
class Line:
    """行: one row of the list with its cells, the first of which titles the card on a phone."""

    obj: Any
    cells: list[Cell] = field(default_factory=list)


class Listing:
    """列表: give it the rows a person may see, and it does the rest.

        listing = Listing(request, queries.visible_to(actor), columns=[Column("name", "名称", link="orgs:detail")],
                          filterset=OrganisationFilter, search=("name", "pinyin"), order=("name", "id"), export="csv,xlsx")
        return listing.response(TEMPLATE, {…})

    Rows and cells are evaluated at once; `prepare(rows)` may load what the cells need for a whole page of rows.
    Nonsense in the address (an unknown sort, a torn page mark, a wrong filter) is told in `problems` and ignored.
    """

    def __init__(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        *,
        columns: Sequence[Column],
        filterset: type | None = None,
        search: Sequence[str] = (),
        order: Sequence[str] = ("pk",),
        export: str = "",
        name: Any = "",
        size: int = SIZES[0],
        prepare: Callable[[list], None] | None = None,
        empty: Any = gettext_lazy("还没有内容"),
        empty_hint: Any = "",
        search_hint: Any = "",
    ):
        self.request, self.columns, self.prepare = request, list(columns), prepare
        self.name, self.empty, self.empty_hint, self.search_hint = name, empty, empty_hint, search_hint
        self.exports = [kind for kind in export.split(",") if kind in ("csv", "xlsx")]
        self.problems: list[str] = []
        self.searchable = bool(search)
        self.query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        self.filterset = filterset(request.GET, queryset=queryset, request=request) if filterset else None
        queryset = self._filtered(queryset)
        queryset = self._searched(queryset, search)
        self.sort, order = self._sorted(tuple(order))
        self.keyset = Keyset(queryset, order)
        self.size = self._size(size)
        self.asked = request.GET.get("export", "")
        self.lines: list[Line] = []
        if not self.is_export:
            self._read()

    # what the address asks -------------------------------------------------------------------------------------
    def _filtered(self, queryset: QuerySet) -> QuerySet:
        if self.filterset is None:
            return queryset
        found = self.filterset.qs
        for name, errors in self.filterset.form.errors.items():
            label = self.filterset.form.fields[name].label if name in self.filterset.form.fields else name
            self.problems.append(_("筛选“%(label)s”没有生效：%(why)s") % {"label": label, "why": " ".join(errors)})
        return found

    def _searched(self, queryset: QuerySet, fields: Sequence[str]) -> QuerySet:
        for word in self.query.split()[:5] if fields else ():
            match = Q(pk__in=[])
            for name in fields:
                match |= Q(**{f"{name}__icontains": word})
            queryset = queryset.filter(match)
        return queryset

    def _sorted(self, order: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        asked = self.request.GET.get("sort", "")
        if not asked:
            return "", order
        allowed = {column.key: column.sort_field for column in self.columns if column.sort}
        found = allowed.get(asked.removeprefix("-"))
        if not found:
            self.problems.append(_("不能按所选的列排序，已按默认顺序显示。"))
            return "", order
        return asked, ("-" + found if asked.startswith("-") else found, *order)

    def _size(self, default: int) -> int:
        asked = self.request.GET.get("size", "")
        return int(asked) if asked in {str(size) for size in SIZES} else default

    # reading ---------------------------------------------------------------------------------------------------
    def _read(self) -> None:
        after, before = self.request.GET.get("after", ""), self.request.GET.get("before", "")
        try:
            rows, self.has_previous, self.has_next = self.keyset.read(self.size, after, before)
        except BadCursor:
            self.problems.append(_("页码已失效，已回到第一页。"))
            rows, self.has_previous, self.has_next = self.keyset.read(self.size)
        capped = self.keyset.queryset.order_by().values("pk")[: COUNT_CAP + 1].count()
        self.more_than_counted = capped > COUNT_CAP
        self.count = min(capped, COUNT_CAP)
        self.rows = rows
        if self.prepare:
            self.prepare(rows)
        self.lines = [Line(row, [self._cell(column, row) for column in self.columns]) for row in rows]
        self.first_mark = self.keyset.mark(rows[0]) if rows else ""
        self.last_mark = self.keyset.mark(rows[-1]) if rows else ""

    def _cell(self, column: Column, row: Any) -> Cell:
        value, url = column.of(row), ""
        if column.link:
            pk = row.get("pk", row.get("id")) if isinstance(row, Mapping) else row.pk
            url = column.link(row) if callable(column.link) else reverse(column.link, args=[pk])
        look = look_of(value, column.looks) if column.kind == "badge" and value not in (None, "") else None
        return Cell(column, value, url, look)

    # addresses -------------------------------------------------------------------------------------------------
    def _address(self, **changes: str) -> str:
        query = self.request.GET.copy()
        for name in ("after", "before", "export"):
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        text = query.urlencode()
        return f"?{text}" if text else self.request.path

    @property
    def next_url(self) -> str:
        """Address of the page after this, or nothing."""
        return self._address(after=self.last_mark) if self.lines and self.has_next else ""

    @property
    def previous_url(self) -> str:
        """Address of the page before this, or nothing; from beyond the end it leads back to the first page."""
        if not self.has_previous:
            return ""
        return self._address(before=self.first_mark) if self.lines else self._address()

    @property
    def first_url(self) -> str:
        """Address of the first page."""
        return self._address()

    @property
    def clear_url(self) -> str:
        """Address of the list without search and filters."""
        return self.request.path

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        """(kind, address) for each export that is offered."""
        return [(kind, self._address(export=kind)) for kind in self.exports]

    @property
    def size_urls(self) -> list[tuple[int, str]]:
        """(rows on a page, address)."""
        return [(size, self._address(size=str(size))) for size in SIZES]

    @property
    def headings(self) -> list[dict]:
        """Columns with the address that sorts by them."""
        out = []
        for column in self.columns:
            up = self.sort == column.key
            down = self.sort == f"-{column.key}"
            url = self._address(sort=f"-{column.key}" if up else column.key) if column.sort else ""
            state = "ascending" if up else "descending" if down else ""
            out.append({"column": column, "url": url, "state": state})
        return out

    @property
    def filter_form(self) -> Form | None:
        """The filters as a form, if there are any."""
        return self.filterset.form if self.filterset is not None else None

    @property
    def chips(self) -> list[dict]:
        """What narrows the list now, each with the address that takes it away."""
        out = []
        if self.query and self.searchable:
            out.append({"label": _("搜索"), "text": self.query, "url": self._address(q="")})
        form = self.filter_form
        for name in form.fields if form is not None else ():
            value = form.cleaned_data.get(name) if hasattr(form, "cleaned_data") else None
            if value in (None, "", []) or (isinstance(value, QuerySet) and not value):
                continue
            field_ = form.fields[name]
            parts = [key for key in self.request.GET if key == name or key.startswith(f"{name}_")]
            asked = [item for part in parts for item in self.request.GET.getlist(part) if item]
            # Not `… or ()`: the length of choices that a function gives is not known before they are walked.
            found = getattr(field_, "choices", None)
            choices = {str(key): label for key, label in (() if found is None else found)}
            joint = " – " if isinstance(value, slice) else "、"
            text = joint.join(str(choices.get(item, item)) for item in asked)
            away = dict.fromkeys(parts, "")
            out.append({"label": field_.label or name, "text": text, "url": self._address(**away)})
        return out

    @property
    def narrowed(self) -> bool:
        """Whether a search or filter is on."""
        return bool(self.chips)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the search form must carry along besides its own fields."""
        return [(name, self.request.GET[name]) for name in ("sort", "size") if self.request.GET.get(name)]

    # answers ---------------------------------------------------------------------------------------------------
    @property
    def is_export(self) -> bool:
        """Whether a file is asked for that this list offers."""
        return self.asked in self.exports

    def _export_rows(self, columns: list[Column]) -> Iterator[list]:
        block: list = []
        limit = EXCEL_ROWS if self.asked == "xlsx" else None
        for row in self.keyset.queryset[:limit].iterator(chunk_size=CHUNK):
            block.append(row)
            if len(block) == CHUNK:
                yield from self._exported(block, columns)
                block = []
        yield from self._exported(block, columns)

    def _exported(self, block: list, columns: list[Column]) -> Iterator[list]:
        if block and self.prepare:
            self.prepare(block)
        for row in block:
            yield [column.exported(row) for column in columns]

    def response(self, template: str = "", context: dict | None = None, status: int = 200) -> HttpResponseBase | None:
        """The export, if one is asked for; else the page `template` with `listing` in it, or None without a template."""
        if self.is_export:
            columns = [column for column in self.columns if column.export and column.kind != "html"]
            name = f"{self.name or _('列表')}-{timezone.localdate():%Y%m%d}"
            answer = xlsx_response if self.asked == "xlsx" else csv_response
            return answer(name, [str(column.title) for column in columns], self._export_rows(columns))
        if not template:
            return None
        return page(self.request, template, {"listing": self, **(context or {})}, status=status)
