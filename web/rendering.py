"""Pages from templates: everything escaped, nothing silently missing, files under hashed names."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.responses import HTMLResponse

from web import addresses, days, words
from web.doors import home, leads, ways
from web.language import LANGUAGES, _, language, one_or_more
from web.script_texts import script_texts

STATIC = Path(__file__).with_name("static")


@cache
def _environment() -> Environment:
    components = PackageLoader("govuk_frontend_jinja")
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("web"), PrefixLoader({"govuk_frontend_jinja": components})]
        ),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        # The macros of the design system ask for parameters of parameters that were not given.
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(_, one_or_more, newstyle=True)  # type: ignore[attr-defined]  # its extension brings it
    environment.globals["language"] = language
    environment.globals["languages"] = LANGUAGES
    manifest: Mapping[str, str] = json.loads((STATIC / "MANIFEST.json").read_text("utf-8"))
    environment.globals["asset"] = lambda name: f"/static/{manifest[name]}"
    environment.globals["words"] = words
    environment.globals["script_texts"] = script_texts
    environment.globals["open_to"] = ways
    environment.globals["home_of"] = home
    environment.globals["leads"] = leads
    environment.globals["order_path"] = addresses.order_path
    environment.globals["person_path"] = addresses.person_path
    environment.filters["day"] = days.day
    environment.filters["minute"] = days.minute
    environment.filters["said"] = words.said
    environment.filters["clock"] = words.clock
    environment.filters["facet"] = words.facet
    return environment


def rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(rendered(template, **values), status_code=status)
