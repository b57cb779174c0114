"""The shape of `statistics.yaml` (年度统计): the bands in which members are counted, and what the tables say of themselves."""

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gongjian.ground.policy.values import Entries, Id, Natural, Shape, Text, Truth

OLDEST = 200


class Band(Shape):
    """统计段: completed years from (inside) to (inside); without `until` it goes on."""

    id: Id
    title: Text
    since: Natural
    until: Natural = OLDEST


class EducationGroup(Shape):
    """学历组: the first digits of GB/T 4658 that belong to it; `college`: counted as 大专及以上."""

    id: Id
    title: Text
    digits: tuple[Text, ...]
    college: Truth = False


class Statistics(Shape):
    """年度统计. Bands follow each other without gap or overlap, from 0 years on."""

    ages: Entries[Band]
    standing: Entries[Band]
    education: Entries[EducationGroup]
    notes: tuple[Text, ...]
    basis: Text

    @model_validator(mode="after")
    def _bands_follow(self) -> "Statistics":
        for bands in (self.ages, self.standing):
            expected = 0
            for band in bands:
                if band.since != expected or band.until < band.since:
                    raise PydanticCustomError("number", "{value}", {"value": f"{band.id}: {band.since}–{band.until}"})
                expected = band.until + 1
            if expected <= OLDEST:
                raise PydanticCustomError("number", "{value}", {"value": f"{expected}–"})
        return self
