"""How fast a file of 100,000 people is read and written, as a multiple of plain csv.reader over the same rows.

python bench/sheets.py [rows]
"""

import csv
import datetime as dt
import io
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
from django.conf import settings

settings.configure(LANGUAGE_CODE="zh-hans")  # the engine needs Django for its messages only
django.setup()

from gongjian.ground.kernel.identifiers import make_demo_identity  # noqa: E402
from gongjian.ground.sheets import Column, Sheet, read, write_csv, write_xlsx  # noqa: E402

SHEET = Sheet(
    "people",
    "人员",
    (
        Column("name", "姓名", required=True, kind="name"),
        Column("sex", "性别", kind="choice", choices=("男", "女")),
        Column("identity", "公民身份号码", required=True, kind="identity"),
        Column("phone", "手机号", kind="phone"),
        Column("joined_on", "入党日期", kind="date"),
        Column("formal", "是否正式", kind="bool"),
        Column("branch", "所在支部", required=True),
        Column("address", "住址"),
        Column("hours", "学时", kind="int"),
        Column("remark", "备注"),
    ),
    key="identity",
)


def people(count: int):
    """Made-up people, all different."""
    for number in range(count):
        birth = dt.date(1950, 1, 1) + dt.timedelta(days=number // 998)
        sex = "male" if number % 2 else "female"
        yield {
            "name": "张小明",
            "sex": "男" if number % 2 else "女",
            "identity": make_demo_identity(number % 998 // 2, birth, sex),
            "phone": f"138{number:08d}",
            "joined_on": birth.replace(year=birth.year + 25, day=1),
            "formal": True,
            "branch": f"某某社区第{number // 30}支部",
            "address": f"某区某街道某路{number}号",
            "hours": number % 60,
        }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    times = {}

    def timed(name, deed):
        start = time.perf_counter()
        result = deed()
        times[name] = time.perf_counter() - start
        return result

    xlsx = timed("write_xlsx", lambda: write_xlsx(SHEET, people(count)))
    text = timed("write_csv", lambda: write_csv(SHEET, people(count)))
    timed("csv.reader", lambda: list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))))
    for name, data in (("read xlsx", xlsx), ("read csv", text)):
        reading = timed(name, lambda data=data: read(data, SHEET))
        if not reading.ok or len(reading.rows) != count:
            raise SystemExit(f"{name}: {len(reading.rows)} rows, {reading.problems[:3]}")
    for name, seconds in times.items():
        print(f"{name:12} {seconds:7.2f} s  {seconds / times['csv.reader']:6.1f} × csv.reader")
    print(f"xlsx {len(xlsx) / 1e6:.1f} MB, peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
