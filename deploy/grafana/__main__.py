"""`python -m deploy.grafana` writes the dashboards; with `--check` it exits 1 when they are not what the code says."""

import sys
from pathlib import Path

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from deploy.grafana.panels import BOARDS, Board, Panel

FILES = Path(__file__).parent / "dashboards"
SOURCE = DataSourceRef(type_val="prometheus", uid="spowatch-prometheus")
_WIDTH, _HEIGHT, _NOW = 12, 8, 6


def written(board: Board) -> str:
    built = (
        dashboard.Dashboard(board.title)
        .uid(f"spowatch-{board.name}")
        .tags(["spowatch"])
        .readonly()
        .refresh("10s")
        .time("now-1h", "now")
        .timezone("browser")
    )
    for panel in board.panels:
        built = built.with_panel(_panel(panel))
    return JSONEncoder(sort_keys=True, indent=1).encode(built.build()) + "\n"


def _panel(panel: Panel) -> stat.Panel | timeseries.Panel:
    shown = (
        stat.Panel().span(_NOW)
        if panel.now
        else timeseries.Panel().span(_WIDTH).legend(common.VizLegendOptions())
    )
    shown = shown.title(panel.title).unit(panel.unit).datasource(SOURCE).height(_HEIGHT)
    for number, (expression, legend) in enumerate(panel.queries):
        query = prometheus.Dataquery().expr(expression).legend_format(legend)
        shown = shown.with_target(query.ref_id(chr(ord("A") + number)))
    return shown


def main(arguments: list[str]) -> int:
    drifted = []
    for board in BOARDS:
        file, text = FILES / f"{board.name}.json", written(board)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            drifted.append(file)
            if "--check" not in arguments:
                file.write_text(text, encoding="utf-8")
    for file in drifted if "--check" in arguments else ():
        sys.stderr.write(f"{file.name} is not what the code says: python -m deploy.grafana\n")
    return 1 if drifted and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
