"""A pack's settings (设置): numbers of the product that a city may decide."""

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gongjian.ground.policy.values import Natural, Positive, Shape, Text, Truth

CODE_LIVES = 60  # seconds after which no code may hold any more, however a pack sets the two numbers


class CheckIn(Shape):
    """签到: the rotating code, the time around a meeting in which it is taken, and devices that work without network.

    A code is never taken a minute after it was first shown: rotation and grace together are at most 60 seconds. A device
    is paired within so many minutes, may hand in until so many hours after the end, and a clock that is off by more than
    the tolerance is told to the organiser.
    """

    rotation_seconds: Positive
    grace_seconds: Natural
    open_minutes_before: Natural
    close_minutes_after: Natural
    organiser_list: Truth
    device_pair_minutes: Positive
    device_hours_after: Positive
    clock_tolerance_seconds: Positive
    basis: Text

    @model_validator(mode="after")
    def _code_is_short_lived(self) -> "CheckIn":
        if self.rotation_seconds + self.grace_seconds > CODE_LIVES:
            raise PydanticCustomError("too_large", "{value}", {
                "value": f"{self.rotation_seconds} + {self.grace_seconds}", "allowed": str(CODE_LIVES),
            })  # fmt: skip
        return self


class Password(Shape):
    """口令: classes are lower case, upper case, digits, others; max_age_days 0 = never expires; history: not reused."""

    min_length: Positive
    min_classes: Positive
    max_age_days: Natural
    history: Natural
    basis: Text


class Lockout(Shape):
    """锁定与空闲退出."""

    attempts: Positive
    minutes: Positive
    idle_minutes: Positive
    basis: Text


class Learning(Shape):
    """学时: minutes of one learning hour, and the hours a year for members and for committee members."""

    hour_minutes: Positive
    member_hours_per_year: Positive
    committee_hours_per_year: Positive
    basis: Text


class Terms(Shape):
    """任期: reminder before the end, and how far an election may be put off or brought forward with approval."""

    remind_months_before: Positive
    may_move_months: Positive
    basis: Text


class Privacy(Shape):
    """个人信息: answer to a request of a person within so many working days; logs are kept so many months."""

    answer_working_days: Positive
    log_months: Positive
    purposes: tuple[Text, ...]
    basis: Text


class Settings(Shape):
    """设置."""

    check_in: CheckIn
    password: Password
    lockout: Lockout
    learning: Learning
    terms: Terms
    privacy: Privacy
