from pathlib import Path

import pytest

from tests.spowatch.counter import Counter, counter


@pytest.fixture
def desk(tmp_path: Path) -> Counter:
    return counter(tmp_path)
