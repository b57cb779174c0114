"""What one measurement hands to the runner: figures of one run at one size, and what they are measured against."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line of a benchmark: `value` in `unit`; `against` names the figure of the same run that it is divided by.

    `goal` is the ratio that is asked for: reached when the ratio is at least so large, or with `at_most` at most so large.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    goal: float | None = None
    at_most: bool = False


@dataclass(frozen=True)
class Measured:
    """All figures of one run. `size` says in words what was there ("300,000 members"), `note` what a reader must know."""

    title: str
    size: str
    figures: list[Figure] = field(default_factory=list)
    note: str = ""

    def ratio(self, figure: Figure) -> float | None:
        """A figure divided by the one it is measured against; None if it stands for itself."""
        base = next((other.value for other in self.figures if other.name == figure.against), None)
        return figure.value / base if base else None

    def reached(self, figure: Figure) -> bool | None:
        """Whether the goal is reached (None: there is none); without `against` the goal is measured on the value itself."""
        if figure.goal is None:
            return None
        value = self.ratio(figure) if figure.against else figure.value
        return value is not None and (value <= figure.goal if figure.at_most else value >= figure.goal)
