"""Lists: each row once, in order, both ways; nonsense is survived; what leaves as a file runs nothing."""

import csv
import io
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import django_filters
import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.ground.ui import lists
from gongjian.ground.ui.lists import Column, Listing
from tests.ui.models import Thing

pytestmark = pytest.mark.django_db

COLUMNS = [
    Column("name", "名称", link=lambda row: f"/things/{row.pk}/", sort=True),
    Column("rank", "名次", kind="number", sort=True),
    Column("moment", "时间", kind="datetime", sort=True),
    Column("state", "状态", kind="badge"),
]


class ThingFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label="状态", choices=[("kept", "已达标"), ("short", "不达标")])
    rank = django_filters.NumberFilter(label="名次")
    low = django_filters.RangeFilter(field_name="rank", label="范围")

    class Meta:
        model = Thing
        fields = ()


def listing(request, **changes) -> Listing:
    asked = {
        "columns": COLUMNS,
        "search": ("name",),
        "order": ("name",),
        "filterset": ThingFilter,
        "export": "csv,xlsx",
    }
    return Listing(request, Thing.objects.all(), **{**asked, **changes})


def walk(ask, query: str, step: str, start: str = "", size: int = 20, **changes) -> list[list[int]]:
    """The pages (as lists of keys) that a reader sees following one link to its end."""
    pages, at = [], f"{query}&{start}"
    for _turn in range(100):
        found = listing(ask(at), size=size, **changes)
        pages.append([line.obj.pk for line in found.lines])
        url = getattr(found, f"{step}_url")
        if not url:
            return pages
        at = urlsplit(url).query
    raise AssertionError("paging does not end")


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("甲乙丙"), st.none() | st.integers(-2, 2), st.none() | st.integers(0, 3)), max_size=25
    ),
    sort=st.sampled_from(["", "name", "-name", "rank", "-rank", "moment", "-moment"]),
    size=st.integers(1, 7),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_seen_once_forwards_and_backwards(things, ask, rows, sort, size):
    things.objects.all().delete()
    day = datetime(2026, 11, 1, 8, 30, 15, 123456, tzinfo=UTC)
    things.objects.bulk_create(
        Thing(name=name, rank=rank, moment=None if ago is None else day + timedelta(microseconds=ago))
        for name, rank, ago in rows
    )
    there = walk(ask, f"sort={sort}", "next", size=size)
    seen = [pk for page in there for pk in page]
    assert sorted(seen) == sorted(things.objects.values_list("pk", flat=True))
    field = (sort or "name").lstrip("-")
    values = [getattr(things.objects.get(pk=pk), field) for pk in seen]
    filled = [value for value in values if value is not None]
    assert values == filled + [None] * (len(values) - len(filled))  # empty ones last, either way
    assert filled == sorted(filled, reverse=sort.startswith("-"))
    if seen:
        # From behind the last row back to the first: the same rows, the other way round.
        last = listing(ask(f"sort={sort}"), size=100).last_mark
        back = walk(ask, f"sort={sort}", "previous", f"before={last}", size=size)
        assert [pk for page in reversed(back) for pk in page] == seen[:-1]


def test_rows_that_come_meanwhile_shift_nothing(things, ask):
    things.objects.bulk_create(Thing(name=f"{n:03}") for n in range(10, 30))
    first = listing(ask(), size=5)
    things.objects.create(name="000")
    second = listing(ask(urlsplit(first.next_url).query), size=5)
    assert [line.obj.name for line in second.lines] == ["015", "016", "017", "018", "019"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("sort=password", "不能按所选的列排序"),
        ("sort=-state", "不能按所选的列排序"),
        ("after=nonsense", "页码已失效"),
        ("after=%00%ff", "页码已失效"),
        ("before=W10", "页码已失效"),
        ("after=W1tbIm5hbWUiXSxbXV1d", "页码已失效"),
        ("state=unheard", "筛选“状态”没有生效"),
        ("rank=many", "筛选“名次”没有生效"),
        ("size=1000000", ""),
        ("export=exe", ""),
        ("q=%00", ""),
    ],
)
def test_nonsense_is_told_and_ignored(things, ask, query, told):
    things.objects.create(name="甲")
    found = listing(ask(query))
    assert [line.obj.name for line in found.lines] == ["甲"]
    assert told in "".join(found.problems)
    assert found.response("ui/parts/listing.html").status_code == 200
    assert bool(told) == bool(found.problems)


def test_search_takes_all_words_and_filters_show_as_chips(things, ask):
    things.objects.bulk_create([Thing(name="红星支部", state="short"), Thing(name="红旗支部"), Thing(name="红星小区")])
    found = listing(ask("q=红星 支部&state=short&low_min=&low_max="))
    assert [line.obj.name for line in found.lines] == ["红星支部"]
    assert [(chip["label"], chip["text"]) for chip in found.chips] == [("搜索", "红星 支部"), ("状态", "不达标")]
    assert parse_qs(urlsplit(found.chips[1]["url"]).query) == {"q": ["红星 支部"]}
    ranged = listing(ask("low_min=1&low_max=3"))
    assert ranged.chips[0]["text"] == "1 – 3"
    assert "low" not in ranged.chips[0]["url"]


def test_the_count_is_capped(things, ask, monkeypatch):
    monkeypatch.setattr(lists, "COUNT_CAP", 10)
    things.objects.bulk_create(Thing(name=str(n)) for n in range(11))
    found = listing(ask())
    assert (found.count, found.more_than_counted) == (10, True)
    assert "10 条以上" in found.response("ui/parts/listing.html").content.decode()
    things.objects.first().delete()
    assert not listing(ask()).more_than_counted


def test_a_page_costs_two_queries_and_prepare_sees_all_its_rows(things, ask):
    things.objects.bulk_create(Thing(name=str(n)) for n in range(60))
    seen = []
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = listing(ask(), prepare=lambda rows: seen.append(len(rows)))
        found.response("ui/parts/listing.html")
    assert len(asked) == 2
    assert seen == [20]


NASTY = ["=1+1", "+86", "-2", "@sum", "\t=1", "普通"]


def test_csv_is_escaped_complete_and_bears_a_mark(things, ask):
    things.objects.bulk_create(Thing(name=name) for name in NASTY)
    things.objects.bulk_create(Thing(name=f"z{n}", state="short") for n in range(50))
    response = listing(ask("export=csv"), name="名单").response()
    body = b"".join(response.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[0] == ["名称", "名次", "时间", "状态"]
    assert len(rows) == 1 + len(NASTY) + 50
    assert {row[0] for row in rows[1:] if not row[0].startswith("z")} == {
        "'=1+1",
        "'+86",
        "'-2",
        "'@sum",
        "'\t=1",
        "普通",
    }
    assert {row[3] for row in rows[1:] if row[0].startswith("z")} == {"不达标"}
    narrowed = listing(ask("export=csv&q=z1")).response()
    assert len(b"".join(narrowed.streaming_content).decode().splitlines()) == 1 + 11


def test_excel_holds_values_and_no_formula(things, ask):
    moment = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)
    things.objects.bulk_create([Thing(name="=HYPERLINK(1)", rank=-5, moment=moment), Thing(name="乙")])
    response = listing(ask("export=xlsx")).response()
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1] == ["'=HYPERLINK(1)", -5, datetime(2026, 11, 18, 19, 30), "已达标"]  # Shanghai's clock
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
