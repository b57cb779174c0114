"""How states of this room look: tone, icon and word."""

from django.utils.translation import gettext_lazy as _

from gongjian.desks.transfers.states import CASE_STATES, STATES
from gongjian.ground.ui.looks import Look

WORDS, CASE_WORDS = dict(STATES), dict(CASE_STATES)
_TONES = {
    "asked": ("warn", "user-plus"), "agreed": ("info", "check"), "issued": ("info", "certificate"), "keyed": ("info", "inbox"),
    "received": ("info", "inbox"), "returned": ("warn", "arrow-back-up"), "refused": ("bad", "ban"),
    "objected": ("warn", "scale"), "done": ("good", "circle-check"), "withdrawn": ("quiet", "x"), "closed": ("quiet", "circle-x"),
}  # fmt: skip
STATE = {state: Look(tone, icon, WORDS[state]) for state, (tone, icon) in _TONES.items()}
LETTER = {
    "live": Look("info", "certificate", _("有效")), "void": Look("quiet", "x", _("已作废")),
    "used": Look("good", "circle-check", _("已收到回执")),
}  # fmt: skip
_CASE_TONES = {
    "proposed": ("info", "clipboard-list"), "decided": ("warn", "hourglass"), "not_passed": ("quiet", "circle-x"),
    "approved": ("good", "circle-check"), "not_approved": ("quiet", "ban"), "dropped": ("quiet", "x"),
    "finished": ("good", "checks"),
}  # fmt: skip
CASE = {state: Look(tone, icon, CASE_WORDS[state]) for state, (tone, icon) in _CASE_TONES.items()}
STAY = {
    "away": Look("info", "route", _("外出")), "returned": Look("quiet", "home", _("已返回")),
    "transferred": Look("good", "arrows-exchange", _("已转接")),
}  # fmt: skip
