"""The shape of `burden.yaml` (负担预算): what the product may ask of each role in a week, and what each deed asks."""

from gongjian.ground.policy.values import Entries, FactKindName, Id, Natural, Positive, Shape, Text


class Budget(Shape):
    """预算: at most so much in a week, on average over those who hold the role. `id` is a role of the pack."""

    id: Id
    messages: Natural
    fields: Natural
    uploads: Natural
    minutes: Natural


class AskedDeed(Shape):
    """一件事的负担: what doing it once asks. `id` is short for the deed, `fact` what is recorded when it is done.

    fields: required fields of its form (a test holds it equal to the form in the program); minutes: estimated time with
    the product, not of the meeting itself.
    """

    id: Id
    title: Text
    fact: FactKindName
    role: Id
    fields: Natural
    uploads: Natural = 0
    minutes: Natural


class Share(Shape):
    """次数: how often a deed is done for one fulfilment of a duty, by one holder of its role."""

    deed: Id
    times: Positive = 1


class Chain(Shape):
    """一项规定动作的过程: the deeds that lead to a fact by which duties are done, and the notices it sends each role."""

    done_by: FactKindName
    deeds: tuple[Share, ...]
    messages: dict[Id, Natural] = {}


class Burden(Shape):
    """负担预算: `chains` tell what a duty asks; a duty whose fact has no chain is reckoned with the longest of them."""

    budgets: Entries[Budget]
    deeds: Entries[AskedDeed]
    chains: tuple[Chain, ...]
    weeks_shown: Positive
    basis: Text
