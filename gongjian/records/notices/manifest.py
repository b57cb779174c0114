from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Job, Manifest

MANIFEST = Manifest(
    room="notices",
    title=_("消息"),
    jobs=(
        Job("notices.terms", "gongjian.records.notices.jobs.remind_terms", _("任期届满前提醒"), at="07:30"),
        Job("notices.requests", "gongjian.records.notices.jobs.tell_requests", _("告知更正申请"), every=60),
    ),
)
