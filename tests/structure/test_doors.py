from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Route

from web.app import routed
from web.doors import DOORS, OPEN
from web.requests import holding_token, signed_in


def every_route(routes: Any) -> Iterator[tuple[str, Route]]:
    """Every method and path, also of the routers inside routers."""
    for route in routes:
        if isinstance(route, Route):
            for method in (route.methods or set()) - {"HEAD"}:
                yield f"{method} {route.path}", route
        else:
            yield from every_route(route.original_router.routes)


def asks_who(route: Route) -> bool:
    """Whether what answers depends on who asks, be it through something else."""
    pending = [route.dependant] if isinstance(route, APIRoute) else []
    while pending:
        dependant = pending.pop()
        if dependant.call in {signed_in, holding_token}:
            return True
        pending += dependant.dependencies
    return False


ROUTES = dict(every_route(routed().routes))


def test_every_route_is_a_line_of_the_doors() -> None:
    assert set(ROUTES) - OPEN == set(DOORS), "a new route: name its action in web/doors.py"


def test_every_route_that_is_not_open_asks_who_comes() -> None:
    assert not [name for name in DOORS if not asks_who(ROUTES[name])]
