"""The shape of `publication.yaml` (公示): how long, how names are shown, and whether strangers may read."""

from typing import Literal

from gongjian.ground.policy.values import Positive, Shape, Text, Truth


class Publication(Shape):
    """公示: `working_days` where the publishing room says nothing else.

    `names`: `surname` shows only the surname (张**); `whole` shows the name of a person whose separate consent is noted,
    and masks all others. `public_page`: a page without log-in, by a link that cannot be guessed.
    """

    working_days: Positive
    names: Literal["surname", "whole"]
    public_page: Truth
    basis: Text
