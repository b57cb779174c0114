"""表格: the Excel and CSV engine. Rooms describe their tables as a `Sheet`; this room reads and writes such files.

It knows no models, writes nothing to a database and runs nothing that a file carries.
"""

from gongjian.ground.sheets.marking import problems_xlsx
from gongjian.ground.sheets.reading import read
from gongjian.ground.sheets.shapes import KINDS, Choice, Column, Limits, Problem, Reading, Row, Sheet
from gongjian.ground.sheets.writing import write_csv, write_template, write_xlsx

__all__ = [
    "KINDS",
    "Choice",
    "Column",
    "Limits",
    "Problem",
    "Reading",
    "Row",
    "Sheet",
    "problems_xlsx",
    "read",
    "write_csv",
    "write_template",
    "write_xlsx",
]
