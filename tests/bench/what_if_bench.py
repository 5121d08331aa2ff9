"""How fast `what-if` answers, beside merely reading the same cases."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from domain.vocabulary import Statement, read_statement
from spowatch.what_if import what_if
from tests.bench.log_bench import Figure, seconds

ROUNDS = 9
_CASES = Path(__file__).parents[1] / "law" / "law_cases.json"


def figures() -> Iterator[Figure]:
    texts = [json.dumps(case) for case in json.loads(_CASES.read_bytes())["cases"]]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(seconds(lambda: [what_if(json.loads(text)) for text in texts]))
        theirs.append(seconds(lambda: [_read(json.loads(text)) for text in texts]))
    ratios = [base / our for our, base in zip(ours, theirs, strict=True)]
    value, baseline = (len(texts) / median(times) for times in (ours, theirs))
    samples = [len(texts) / each for each in ours]
    goal = ">= 1,000/s"
    yield Figure("what-if", "cases/s", value, baseline, median(ratios), goal, samples)


def _read(case: dict[str, Any]) -> list[Statement]:
    return [read_statement(raw) for raw in case["given"]]
