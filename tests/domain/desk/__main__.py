"""`python -m tests.domain.desk [STEPS] [SEED]`: people, clocks and accidents at random on alerts."""

import argparse

from tests.domain.desk.alerts_at_random import played


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.domain.desk", description=__doc__)
    parser.add_argument("steps", type=int, nargs="?", default=1_000_000)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    asked = parser.parse_args()
    for what, how_often in played(asked.seed, asked.steps).most_common():
        print(f"{how_often:10,}  {what}")  # noqa: T201 - it prints what it saw
    print(f"{asked.steps:,} steps, 0 violations")  # noqa: T201 - it prints its figures


if __name__ == "__main__":
    main()
