"""What runs by itself each morning: results that take effect or lapse."""

from gongjian.appraisal.assessments import actions


def daily() -> None:
    """Conclude what nobody objected to, let lapse what was not checked again."""
    actions.daily()
