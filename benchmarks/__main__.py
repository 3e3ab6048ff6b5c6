"""`make bench`: run the benchmarks, print the table, write results.json; with --check, exit 1 below a target."""

import argparse
import sys
from functools import partial
from pathlib import Path

from benchmarks import (
    append,
    cold_start,
    cycle,
    dynamodb_requests,
    growth,
    http_load,
    kafka_publish,
    kinesis_consume,
    load,
    memory,
    orders,
    postgres_commit,
    postgres_http,
    projection,
    rebuild,
    relay,
    simulation,
    staleness,
)
from benchmarks.environment import environment
from benchmarks.figures import RUNS, Effort, Result, measure
from benchmarks.report import HEADING, line, write

SUBJECTS = (
    append,
    load,
    cycle,
    growth,
    memory,
    http_load,
    dynamodb_requests,
    postgres_commit,
    postgres_http,
    projection,
    rebuild,
    simulation,
    staleness,
    orders,
    kinesis_consume,
    relay,
    kafka_publish,
    cold_start,
)
BENCHMARKS = [benchmark for subject in SUBJECTS for benchmark in subject.BENCHMARKS]
NAMES = [row.name for benchmark in BENCHMARKS for row in benchmark.rows]
RESULTS = Path(__file__).with_name("results.json")
QUICK = Effort(0.05)


def main() -> int:
    """Run what was asked for; give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed and cost beside the peer.")
    parser.add_argument("--check", action="store_true", help="exit 1 if a ratio is below its target")
    parser.add_argument(
        "--only", choices=NAMES, metavar="NAME", action="append", help="measure this row and those measured with it"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and 3 runs: whether it works, not what it measures"
    )
    arguments = parser.parse_args()
    effort, runs = (QUICK, 3) if arguments.quick else (Effort(), RUNS)
    wanted = set(arguments.only or NAMES)

    where, results = environment(), list[Result]()
    print(f"A flush to disk takes {where['flush_us']} us here.\n\n{HEADING}")
    for benchmark in BENCHMARKS:
        rows = [row.name for row in benchmark.rows]
        if wanted.isdisjoint(rows):
            continue
        for result in measure(benchmark, effort, runs, partial(_progress, rows[0])):
            print(line(result), flush=True)
            results.append(result)
    if not arguments.quick and not arguments.only:
        write(RESULTS, where, results)
        print(f"\nWritten to {RESULTS}.")
    return _check(results) if arguments.check else 0


def _progress(name: str, state: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{name}: {state}" if state else "\r\033[K", end="", file=sys.stderr, flush=True)


def _check(results: list[Result]) -> int:
    missed = [result for result in results if result.missed]
    for result in missed:
        print(
            f"Below its target: {result.row.name} is {result.ratio:.2f}, not {result.row.target:g} or more.",
            file=sys.stderr,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
