"""``python -m benchmarks [NAME...]``: run benchmarks and print what they measured."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import traceback

import structlog

from benchmarks import claim, databases, decp, delivery, indicateurs, latency, mocks, pes, post, produits
from benchmarks.measure import Result, table

BENCHMARKS = {
    "post": post.run,
    "delivery": delivery.run,
    "latency": latency.run,
    "claim": claim.run,
    "pes": pes.run,
    "decp": decp.run,
    "produits": produits.run,
    "indicateurs": indicateurs.run,
    "mocks": mocks.run,
}


def main() -> int:
    """The command; 0 unless a benchmark fails to run (or, with ``--check``, misses its target)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a target is missed")
    parser.add_argument("--no-postgres", action="store_true", help="measure on SQLite only")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    kinds = (databases.SQLITE,) if options.no_postgres else databases.available()
    if databases.POSTGRES not in kinds:
        _say("PostgreSQL is not measured")
    results: list[Result] = []
    failed = False
    for name in options.names or BENCHMARKS:
        started = time.perf_counter()
        try:
            results += BENCHMARKS[name](kinds)
        except Exception:  # noqa: BLE001 - the other benchmarks still have something to say
            traceback.print_exc()
            failed = True
        _say(f"{name}: {time.perf_counter() - started:.0f} s")
    print(
        json.dumps([one.to_dict() for one in results], ensure_ascii=False, indent=2) if options.json else table(results)
    )
    missed = [one for one in results if one.met is False]
    return 1 if failed or (options.check and missed) else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
