"""The report as an Excel workbook: members, organisations, the year's changes, and what is meant by it all."""

import tempfile

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _

from gongjian.ground.policy.schema import Pack
from gongjian.ground.ui.exports import as_attachment, harmless
from gongjian.outlets.statistics.counting import Report


def workbook_of(report: Report, pack: Pack) -> FileResponse:
    """An .xlsx as an answer; sums are formulas' values written as numbers, nothing in it is run."""
    out = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - FileResponse closes it
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#F3EFE8", "bottom": 1, "align": "center"})
    bold, number = book.add_format({"bold": True, "top": 1}), book.add_format({"num_format": "#,##0"})
    sums = book.add_format({"bold": True, "top": 1, "num_format": "#,##0"})
    share = book.add_format({"num_format": "0.0%"})
    about = f"{report.org.name} · {report.day.isoformat()}"

    def begin(name: str, heading: str):
        sheet = book.add_worksheet(name)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 4, 14)
        sheet.write_string(0, 0, harmless(heading), title)
        sheet.write_string(1, 0, harmless(about))
        return sheet

    sheet, line = begin(_("党员"), _("党员情况统计")), 3
    total = report.total.total
    for table in report.tables:
        for column, text in enumerate((table.title, _("正式党员"), _("预备党员"), _("合计"), _("占比"))):
            sheet.write_string(line, column, harmless(text), head)
        for row in table.rows:
            line += 1
            sheet.write_string(line, 0, harmless(row.title))
            for column, value in enumerate((row.formal, row.probationary, row.total), 1):
                sheet.write_number(line, column, value, number)
            sheet.write_number(line, 4, row.total / total if total else 0, share)
        line += 1
        sheet.write_string(line, 0, table.sums.title, bold)
        for column, value in enumerate((table.sums.formal, table.sums.probationary, table.sums.total), 1):
            sheet.write_number(line, column, value, sums)
        line += 2

    sheet, line = begin(_("组织"), _("党组织情况统计")), 3
    for heading, rows in ((_("组织类型"), report.kinds), (_("组织层级"), report.levels)):
        sheet.write_string(line, 0, heading, head)
        sheet.write_string(line, 1, _("个数"), head)
        for _ident, name, count in rows:
            line += 1
            sheet.write_string(line, 0, harmless(name))
            sheet.write_number(line, 1, count, number)
        line += 1
        sheet.write_string(line, 0, _("合计"), bold)
        sheet.write_number(line, 1, sum(count for _i, _n, count in rows), sums)
        line += 2

    sheet, year = begin(_("本年增减"), _("本年党员增减")), report.year
    changes = [
        (_("上年末党员"), year.before), *((flow.title, flow.number) for flow in year.flows), (_("统计日党员"), year.after),
        (_("其中：本年转正"), year.became_formal),
    ]  # fmt: skip
    for line, (name, count) in enumerate(changes, 3):
        sheet.write_string(line, 0, harmless(name))
        sheet.write_number(line, 1, count, number)

    sheet = begin(_("说明"), _("口径与依据"))
    sheet.set_column(0, 0, 110)
    wrapped = book.add_format({"text_wrap": True})
    checks = report.problems or [_("各表合计互相核对一致。")]
    for line, text in enumerate([*pack.statistics.notes, pack.statistics.basis, *checks], 3):
        sheet.write_string(line, 0, harmless(text), wrapped)
    book.close()
    out.seek(0)
    answer = FileResponse(out, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return as_attachment(answer, f"{_('党内统计')}-{report.org.name}-{report.day:%Y%m%d}.xlsx")
