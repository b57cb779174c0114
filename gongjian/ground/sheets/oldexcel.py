"""Reads an .xls file from standard input and writes its cells as JSON (旧版 Excel); run as a process of its own.

The old binary format can claim a huge table in a few bytes, and its reader believes it. Here it may: this process has
little memory and time, and when it falls, only one upload falls with it. Imports nothing of ours.
"""

import contextlib
import datetime as dt
import io
import json
import sys

MEMORY = 1536 * 1024 * 1024


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, (dt.time, dt.timedelta)):
        return {"time": str(value)}
    return value


def main() -> None:
    """Standard input to standard output; any failure is an exit code."""
    with contextlib.suppress(ImportError):  # not every system limits memory this way
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    tabs = []
    for meta in book.sheets_metadata:
        sheet = book.get_sheet_by_name(meta.name)
        rows = [[_plain(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
        visible = meta.visible == SheetVisibleEnum.Visible
        tabs.append({"name": meta.name, "visible": visible, "rows": rows, "merged": sheet.merged_cell_ranges or []})
    json.dump(tabs, sys.stdout)


if __name__ == "__main__":
    main()
