"""错误: what can go wrong, in the reader's words.

Every error that a person may meet carries a message that says what went wrong and how to mend it.
"""


class GongjianError(Exception):
    """Base of all errors that are meant to reach a person."""

    status = 400
    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field


class Refused(GongjianError):
    """The deed is not possible as things stand (a rule, a state, a race lost); nothing was written."""

    status = 409
    code = "refused"


class Invalid(Refused):
    """What was typed cannot be right; `field` names where."""

    status = 422
    code = "invalid"


class Forbidden(GongjianError):
    """This person may not do this here."""

    status = 403
    code = "forbidden"


class Unauthenticated(GongjianError):
    """We do not know who this is: pages send to the log-in, the API answers 401."""

    status = 401
    code = "unauthenticated"


class NotFound(GongjianError):
    """There is no such thing, or none that this person may see: the two are never told apart."""

    status = 404
    code = "not_found"


class TooLarge(GongjianError):
    """More was sent than is taken in at once."""

    status = 413
    code = "too_large"


class WrongMethod(GongjianError):
    """The address exists, but not for this method."""

    status = 405
    code = "wrong_method"


class UndeclaredPermission(Exception):
    """A programmer's error: a permission code that no manifest declares. Rights fail closed."""


class UnknownFactKind(Exception):
    """A programmer's error: a fact kind that no manifest describes."""
