"""Run the benchmarks and write one page about them: python -m bench [names …] [--scales 1,10] (see bench/README.md).

Each module of this folder that defines `measure(scale)` is a benchmark. Each scale of each runs in a process of its own,
so that a module may set up Django and a database as it likes, and nothing warm is carried from one to the next.
"""

import argparse
import ast
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from bench.measured import Figure, Measured
from bench.page import write_page

HERE = Path(__file__).resolve().parent


def found() -> dict[str, tuple[int, ...]]:
    """Benchmarks by name, with their scales; read from the text, since importing one may set up Django."""
    modules = {}
    for path in sorted(HERE.glob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        if not any(isinstance(node, ast.FunctionDef) and node.name == "measure" for node in body):
            continue
        scales = next(
            (ast.literal_eval(node.value) for node in body
             if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SCALES"),
            (1, 10, 100),
        )  # fmt: skip
        modules[path.stem] = tuple(scales)
    return modules


def run(name: str, scale: int) -> Measured | str:
    """One scale of one benchmark in a process of its own; what it measured, or the end of its complaint."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        out = Path(folder) / "measured.json"
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--one", name, str(scale), str(out)], env=environment, cwd=HERE.parent,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode or not out.exists():
            return (done.stdout + done.stderr)[-1500:]
        told = json.loads(out.read_text(encoding="utf-8"))
        return Measured(**{**told, "figures": [Figure(**figure) for figure in told["figures"]]})


def shape() -> str:
    """The machine's shape in one line: what the figures depend on, and nothing that names it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, "
        f"database {os.environ.get('GONGJIAN_TEST_DB', 'sqlite')}, load at the start {load:.1f}"
    )


def main() -> None:
    """Run what is asked for and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the benchmarks, write one page.")
    parser.add_argument("names", nargs="*", help="benchmarks (default: all)")
    parser.add_argument("--scales", default="", help="such as 1,10: only these of a benchmark's own")
    parser.add_argument("--into", type=Path, default=HERE / "results", help="folder of the page (not committed)")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and stop")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "SCALE", "OUT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        name, scale, out = asked.one
        measured = import_module(f"bench.{name}").measure(int(scale))
        Path(out).write_text(json.dumps(asdict(measured), ensure_ascii=False), encoding="utf-8")
        return
    known = found()
    if asked.list:
        for name, scales in known.items():
            print(f"{name:12} {', '.join(f'{scale}×' for scale in scales)}")
        return
    unknown = set(asked.names) - set(known)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    only = {int(scale) for scale in asked.scales.split(",") if scale}
    about, results = shape(), {}
    for name in asked.names or known:
        for scale in known[name]:
            if only and scale not in only:
                continue
            print(f"{name} at {scale}× …", flush=True)
            measured = run(name, scale)
            results.setdefault(name, {})[scale] = measured
            if isinstance(measured, str):
                print(f"  failed: {measured}")
                continue
            for figure in measured.figures:
                ratio = measured.ratio(figure)
                beside = f"  = {ratio:.2f} × {figure.against}" if ratio is not None else ""
                print(f"  {figure.name:40} {figure.value:14,.2f} {figure.unit}{beside}", flush=True)
    page = write_page(asked.into, results, about, dt.datetime.now())
    print(f"page: {page}")
    if any(isinstance(measured, str) for scales in results.values() for measured in scales.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
