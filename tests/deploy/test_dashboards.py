import json
from pathlib import Path

import pytest

from deploy.grafana.__main__ import FILES, main, written
from deploy.grafana.panels import BOARDS, Board


def test_the_dashboards_are_what_the_code_says() -> None:
    assert main(["--check"]) == 0
    assert {path.stem for path in FILES.glob("*.json")} == {board.name for board in BOARDS}


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: str(board.name))
def test_a_dashboard_asks_what_its_panels_say_of_the_source_there_is(board: Board) -> None:
    read = json.loads(written(board))
    asked = [target["expr"] for panel in read["panels"] for target in panel["targets"]]
    assert asked == [expr for panel in board.panels for expr, _ in panel.queries]
    sources = {panel["datasource"]["uid"] for panel in read["panels"]}
    provided = (Path(FILES).parent / "provisioning" / "datasources" / "prometheus.yml").read_text()
    assert [f"uid: {source}" in provided for source in sources] == [True]
