"""The page about a run: one HTML file, no address outside it, one plot for each benchmark drawn as SVG here."""

import datetime as dt
import html
import json
import math
from dataclasses import asdict
from pathlib import Path

from bench.measured import Figure, Measured

Results = dict[str, dict[int, Measured | str]]  # benchmark → scale → what was measured, or why not
COLOURS = ("#b3261e", "#1a5fb4", "#26704a", "#8a5a00", "#6a3d9a", "#00707a", "#5e5c64")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 660, 300, 70, 20, 16, 40
STYLE = """
body{font:15px/1.6 system-ui,sans-serif;color:#1d1d1f;background:#fafaf8;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.4rem;border-top:1px solid #ddd;padding-top:1rem}
table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{padding:.25rem .5rem;border-bottom:1px solid #e4e4e0;text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.ok{color:#26704a}.short{color:#b3261e}
.note{color:#555}svg{background:#fff;border:1px solid #e4e4e0;max-width:100%;height:auto}pre{white-space:pre-wrap;color:#b3261e}
"""


def write_page(folder: Path, results: Results, about: str, at: dt.datetime) -> Path:
    """Write `index.html` and the same figures as `results.json`; the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = "".join(_section(name, scales) for name, scales in results.items())
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Benchmarks</title><style>{STYLE}</style><h1>Benchmarks</h1>"
        f'<p class="note">{html.escape(about)}. {at:%Y-%m-%d %H:%M}. Compare the ratios of one run, not the times of two.</p>{parts}</html>'
    )
    page = folder / "index.html"
    page.write_text(text, encoding="utf-8")
    kept = {
        name: {scale: told if isinstance(told, str) else asdict(told) for scale, told in scales.items()}
        for name, scales in results.items()
    }
    (folder / "results.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    return page


def _section(name: str, scales: dict[int, Measured | str]) -> str:
    good = {scale: told for scale, told in scales.items() if isinstance(told, Measured)}
    title = next((told.title for told in good.values()), name)
    parts = [f"<h2>{html.escape(title)} <small>({html.escape(name)})</small></h2>"]
    if good:
        parts.append(_plot(good))
    for scale, told in scales.items():
        if isinstance(told, str):
            parts.append(f"<h3>{scale}×</h3><pre>{html.escape(told)}</pre>")
            continue
        rows = "".join(_row(told, figure) for figure in told.figures)
        parts.append(
            f"<h3>{scale}× · {html.escape(told.size)}</h3><table><tr><th>what</th><th class=n>value</th><th></th>"
            f"<th class=n>ratio</th><th>against</th><th class=n>goal</th></tr>{rows}</table>"
        )
        if told.note:
            parts.append(f'<p class="note">{html.escape(told.note)}</p>')
    return "".join(parts)


def _row(told: Measured, figure: Figure) -> str:
    ratio, reached = told.ratio(figure), told.reached(figure)
    goal = "" if figure.goal is None else f"{'≤' if figure.at_most else '≥'} {figure.goal:g}"
    mark = "" if reached is None else ("ok" if reached else "short")
    return (
        f"<tr><td>{html.escape(figure.name)}</td><td class=n>{figure.value:,.4g}</td><td>{html.escape(figure.unit)}</td>"
        f"<td class='n {mark}'>{'' if ratio is None else f'{ratio:.3g}'}</td><td>{html.escape(figure.against)}</td>"
        f"<td class='n {mark}'>{goal}</td></tr>"
    )


def _plot(told: dict[int, Measured]) -> str:
    """Growth over the scales, both axes by powers of ten; a benchmark with one scale is drawn as bars."""
    series: dict[str, list[tuple[int, float]]] = {}
    for scale, measured in told.items():
        for figure in measured.figures:
            if figure.value > 0:
                series.setdefault(f"{figure.name} ({figure.unit})", []).append((scale, figure.value))
    if not series:
        return ""
    return _bars(series) if len(told) == 1 else _lines(series, sorted(told))


def _span(values: list[float]) -> tuple[float, float]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _lines(series: dict[str, list[tuple[int, float]]], scales: list[int]) -> str:
    low, high = _span([value for points in series.values() for _scale, value in points])
    first, last = math.log10(scales[0]), math.log10(scales[-1])

    def x(scale: float) -> float:
        return LEFT + (math.log10(scale) - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = []
    for power in range(int(low), int(high) + 1):
        at = y(10.0**power)
        parts.append(
            f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{at:.1f}' y2='{at:.1f}' stroke='#e4e4e0'/>"
            f"<text x='{LEFT - 8}' y='{at + 4:.1f}' text-anchor='end' font-size='11'>{10.0**power:g}</text>"
        )
    parts += [
        f"<text x='{x(scale):.1f}' y='{HEIGHT - BOTTOM + 18}' text-anchor='middle' font-size='12'>{scale}×</text>"
        for scale in scales
    ]
    for number, points in enumerate(series.values()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x(scale):.1f},{y(value):.1f}" for scale, value in points)
        parts.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>")
        parts += [
            f"<circle cx='{x(scale):.1f}' cy='{y(value):.1f}' r='3.5' fill='{colour}'/>" for scale, value in points
        ]
    return _svg(parts, HEIGHT) + _legend(series)


def _bars(series: dict[str, list[tuple[int, float]]]) -> str:
    low, high = _span([points[0][1] for points in series.values()])
    parts, step, left = [], 30, 300
    for number, (name, points) in enumerate(series.items()):
        value, at = points[0][1], TOP + number * step
        long = max(2.0, (math.log10(value) - low) / (high - low) * (WIDTH - left - 90))
        parts.append(
            f"<text x='{left - 8}' y='{at + 15}' text-anchor='end' font-size='12'>{html.escape(name)}</text>"
            f"<rect x='{left}' y='{at + 3}' width='{long:.1f}' height='17' fill='{COLOURS[number % len(COLOURS)]}'/>"
            f"<text x='{left + long + 6:.1f}' y='{at + 16}' font-size='12'>{value:,.4g}</text>"
        )
    return _svg(parts, TOP * 2 + step * len(series))


def _svg(parts: list[str], height: int) -> str:
    return f"<svg viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' role='img'>{''.join(parts)}</svg>"


def _legend(series: dict) -> str:
    return (
        "<p>"
        + " · ".join(
            f"<span style='color:{COLOURS[n % len(COLOURS)]}'>●</span> {html.escape(name)}"
            for n, name in enumerate(series)
        )
        + "</p>"
    )
