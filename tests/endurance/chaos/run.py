"""python -m tests.endurance.chaos.run --way webhook --messages 150 --kills 2: a table, and JSON."""

import argparse
import asyncio
import json
from pathlib import Path
from secrets import randbelow
import sys
import tempfile

from .scenario import LIFE_SECONDS, Plan, run


def main() -> int:
    """Run once and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.chaos.run")
    parser.add_argument("--way", choices=["webhook", "poll"], default="webhook")
    parser.add_argument("--messages", type=int, default=150)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--out", type=int, help="SMS to send; a fifth of those in")
    parser.add_argument("--speed", type=float, default=200.0)
    parser.add_argument("--life", type=float, default=LIFE_SECONDS)
    parser.add_argument("--app", help="version of the phone's app; 1.69.0 has batches")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--folder", type=Path, help="keep Home Assistant's folder here")
    given = vars(parser.parse_args())
    folder = given.pop("folder")
    if given["seed"] is None:
        given["seed"] = randbelow(2**32)
    if given["out"] is None:
        given["out"] = given["messages"] // 5
    plan = Plan(**given)
    print(f"seed {plan.seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="sms-gate-chaos-") as temporary:
        report = asyncio.run(run(plan, folder or Path(temporary) / "home"))
    print(report.table(), file=sys.stderr)
    print(json.dumps(report.as_dict(), indent=1, ensure_ascii=False))
    return 0 if report.is_right and not report.missing else 1


if __name__ == "__main__":
    sys.exit(main())
