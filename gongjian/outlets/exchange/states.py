"""导入的状态: what an import goes through, and what may be done with it where."""

from django.utils.translation import gettext_lazy as _

UPLOADED, CHECKING, CHECKED, REFUSED = "uploaded", "checking", "checked", "refused"
AGREED, APPLYING, APPLIED, UNDONE = "agreed", "applying", "applied", "undone"
FAILED, DROPPED = "failed", "dropped"

STATES = (
    (UPLOADED, _("等待检查")),
    (CHECKING, _("检查中")),
    (CHECKED, _("待确认")),
    (REFUSED, _("有问题，未写入")),
    (AGREED, _("等待写入")),
    (APPLYING, _("写入中")),
    (APPLIED, _("已写入")),
    (UNDONE, _("已撤销")),
    (FAILED, _("处理失败")),
    (DROPPED, _("已放弃")),
)
LOOKS = {
    UPLOADED: ("quiet", "clock", _("等待检查")),
    CHECKING: ("info", "loader-2", _("检查中")),
    CHECKED: ("warn", "hourglass", _("待确认")),
    REFUSED: ("bad", "circle-x", _("有问题，未写入")),
    AGREED: ("quiet", "clock", _("等待写入")),
    APPLYING: ("info", "loader-2", _("写入中")),
    APPLIED: ("good", "checks", _("已写入")),
    UNDONE: ("quiet", "arrow-back-up", _("已撤销")),
    FAILED: ("bad", "alert-circle", _("处理失败")),
    DROPPED: ("quiet", "trash", _("已放弃")),
}
# what waits for the worker → what it is while the worker has it
WORK = {UPLOADED: CHECKING, AGREED: APPLYING}
WAITING = tuple(WORK)
RUNNING = tuple(WORK.values())
BUSY = WAITING + RUNNING
STEPS = (("upload", _("上传")), ("check", _("检查")), ("agree", _("确认")), ("apply", _("写入")))
STEP_OF = {
    UPLOADED: "check", CHECKING: "check", REFUSED: "check", CHECKED: "agree", AGREED: "apply", APPLYING: "apply",
    FAILED: "check", DROPPED: "agree", APPLIED: "done", UNDONE: "done",
}  # fmt: skip
KEEPS_FILE = (UPLOADED, CHECKING, CHECKED, REFUSED, AGREED, APPLYING)
