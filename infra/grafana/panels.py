"""What the panels of our dashboards have in common."""

from typing import Any

from grafana_foundation_sdk.builders import dashboard, piechart, prometheus, stat, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions, VizTooltipOptions
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.piechart import PieChartType

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
_LETTERS = "ABCDEF"
Query = tuple[str, str]  # the expression, and how a series is called


def series(title: str, *queries: Query, unit: str = "short", width: int = 12) -> Any:
    """Lines over time."""
    panel = timeseries.Panel().legend(VizLegendOptions().show_legend(True)).tooltip(VizTooltipOptions())
    return _panel(panel.unit(unit), title, queries, width, 8, instant=False)


def figure(title: str, *queries: Query, unit: str = "short", width: int = 3) -> Any:
    """The last value, large."""
    return _panel(stat.Panel().reduce_options(_last()).unit(unit), title, queries, width, 4, instant=True)


def pie(title: str, *queries: Query, donut: bool = False, width: int = 6) -> Any:
    kind = PieChartType.DONUT if donut else PieChartType.PIE
    return _panel(piechart.Panel().pie_type(kind).reduce_options(_last()), title, queries, width, 8, instant=True)


def page(title: str, uid: str, *panels: Any) -> Any:
    """A dashboard of panels, in reading order."""
    built = (
        dashboard.Dashboard(title)
        .uid(uid)
        .tags(["upcycle"])
        .refresh("30s")
        .time("now-6h", "now")
        .timezone("Asia/Seoul")
        .readonly()
    )
    for n, panel in enumerate(panels, start=1):
        built = built.with_panel(panel.id(n))
    return built.build()


def _panel(panel: Any, title: str, queries: tuple[Query, ...], width: int, height: int, *, instant: bool) -> Any:
    panel = panel.title(title).datasource(SOURCE).span(width).height(height)
    for letter, (expr, name) in zip(_LETTERS, queries, strict=False):
        query = prometheus.Dataquery().expr(expr).legend_format(name).ref_id(letter).datasource(SOURCE)
        panel = panel.with_target(query.instant() if instant else query.range())
    return panel


def _last() -> ReduceDataOptions:
    return ReduceDataOptions().calcs(["lastNotNull"]).values(False)
