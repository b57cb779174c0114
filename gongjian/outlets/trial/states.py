"""草案和试算的状态: what a policy draft and a trial go through."""

from django.utils.translation import gettext_lazy as _

DRAFTING, SUBMITTED, PUBLISHED, DROPPED = "drafting", "submitted", "published", "dropped"
DRAFT_STATES = (
    (DRAFTING, _("起草中")), (SUBMITTED, _("待批准")), (PUBLISHED, _("已发布")), (DROPPED, _("已作废")),
)  # fmt: skip

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
TRIAL_STATES = (
    (WAITING, _("排队中")), (RUNNING, _("试算中")), (DONE, _("已算完")), (FAILED, _("没有算成")), (CANCELLED, _("已取消")),
)  # fmt: skip
BUSY = (WAITING, RUNNING)
LOOKS = {
    DRAFTING: ("info", "edit", _("起草中")),
    SUBMITTED: ("warn", "hourglass", _("待批准")),
    PUBLISHED: ("good", "circle-check", _("已发布")),
    DROPPED: ("quiet", "trash", _("已作废")),
    WAITING: ("quiet", "clock", _("排队中")),
    RUNNING: ("info", "loader-2", _("试算中")),
    DONE: ("good", "checks", _("已算完")),
    FAILED: ("bad", "alert-circle", _("没有算成")),
    CANCELLED: ("quiet", "ban", _("已取消")),
}
