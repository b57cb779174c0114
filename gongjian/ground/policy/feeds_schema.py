"""The shape of `feeds.yaml` (日历订阅): how far back and ahead a calendar feed reaches, and how often it is asked for."""

from gongjian.ground.policy.values import Positive, Shape, Text


class Feeds(Shape):
    """日历订阅: days before and after today, and the hours after which a calendar should ask again."""

    days_back: Positive
    days_ahead: Positive
    refresh_hours: Positive
    basis: Text
