"""What the OWASP ASVS asks of the code itself; by number in docs/reference/asvs.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.checkout import ROOT, page, sources, tree, where
from web.app import routed
from web.sessions import IDLE, LONGEST

PATTERNS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
TEMPLATES = {"from_string", "Template", "Environment"}
CIPHERS = "cryptography.hazmat.primitives.ciphers"
ELSEWHERE = {"FileHandler", "SysLogHandler", "HTTPHandler", "SocketHandler", "RotatingFileHandler"}


def calls(module: ast.Module, names: set[str], of: str | None = None) -> Iterator[ast.Call]:
    """Calls of functions so named, of that module where one is named."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if name in names:
                if of in {None, owner}:
                    yield node
            case ast.Call(func=ast.Name(id=name)) if name in names and of is None:
                yield node


def imports(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", each.name) for each in node.names)


def made_of_constants(pattern: ast.expr) -> bool:
    """Nothing in it is given by a caller: texts and names of our own in capitals."""
    parts = [each for each in ast.walk(pattern) if isinstance(each, ast.Name | ast.Attribute)]
    return all(isinstance(each, ast.Name) and each.id.isupper() for each in parts)


def test_every_pattern_is_a_constant() -> None:
    """ASVS 1.2.9."""
    found = [(path, call) for path in sources() for call in calls(tree(path), PATTERNS, "re")]
    assert len(found) > 10
    assert not [where(path, call) for path, call in found if not made_of_constants(call.args[0])]


def test_templates_come_from_our_own_package_alone() -> None:
    """ASVS 1.3.7: none is ever made of a text."""
    speak = [
        path for path in sources() if any(m.startswith("jinja2") for m, _ in imports(tree(path)))
    ]
    found = [path for path in speak for _ in calls(tree(path), TEMPLATES)]
    assert {path.relative_to(ROOT).as_posix() for path in found} == {"web/rendering.py"}
    assert not list(calls(tree(ROOT / "web/rendering.py"), {"from_string", "Template"}))


def test_nothing_of_ours_decodes_a_request_again() -> None:
    """ASVS 1.1.1."""
    names = {name for path in sources("web") for _, name in imports(tree(path))}
    assert not names & {"unquote", "unquote_plus", "unquote_to_bytes", "unescape", "b64decode"}


def test_one_cipher_is_used_and_it_is_authenticated() -> None:
    """ASVS 11.3.2."""
    told = {(m, n) for path in sources() for m, n in imports(tree(path)) if m.startswith(CIPHERS)}
    assert told == {(f"{CIPHERS}.aead", "AESGCM")}


def test_no_debug_mode_is_set() -> None:
    """ASVS 13.4.2."""
    assert not routed().debug
    set_true = [
        where(path, node)
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        for each in node.keywords
        if each.arg in {"debug", "reload"} and ast.unparse(each.value) != "False"
    ]
    assert not set_true


def test_log_lines_go_to_standard_error_alone() -> None:
    """ASVS 16.2.3."""
    names = {name for path in sources() for _, name in imports(tree(path))}
    assert not names & ELSEWHERE
    opened = [each for path in sources() for each in calls(tree(path), ELSEWHERE | {"basicConfig"})]
    assert not opened
    assert "sys.stderr" in page("spowatch/logs.py")


def test_the_browser_keeps_one_word() -> None:
    """ASVS 14.3.3: whether the keys of the board are on."""
    kept = [
        (path.name, key)
        for path in sorted((ROOT / "web/ui").glob("*.js"))
        for key in re.findall(
            r"(?:local|session)Storage\.(?:setItem|getItem)\(([^,)]+)", path.read_text("utf-8")
        )
    ]
    assert {name for name, _ in kept} == {"keys.js"}
    assert len({key for _, key in kept}) == 1


def test_the_page_says_how_long_sessions_last() -> None:
    """ASVS 7.1.1."""
    told = page("docs/how-to/sign-in.md")
    assert f"{IDLE.seconds // 60} minutes" in told
    assert f"{LONGEST.seconds // 3600} hours" in told


def test_the_page_says_how_often_a_sign_in_may_be_tried() -> None:
    """ASVS 6.1.1."""
    told = page("docs/how-to/sign-in.md")
    [begun] = re.findall(r"_BEGUN = Rate\((\d+), per=60.0\)", page("web/provider_pages.py"))
    [failed] = re.findall(r"_FAILED = Rate\((\d+), per=60.0\)", page("web/provider_pages.py"))
    assert f"From one address {begun}" in told
    assert f"and {failed} may fail" in told


def test_no_secret_has_a_default() -> None:
    """ASVS 13.2.3."""
    rows = re.findall(
        r"^\| `(SPO_\w+)` \| ([^|]*secret text[^|]*) \| ([^|]+) \|",
        page("docs/reference/settings.md"),
        re.MULTILINE,
    )
    assert len(rows) > 4
    assert {default.strip() for _, _, default in rows} <= {
        "nothing",
        "required",
        "made when needed",
    }


def test_ciphers_and_signatures_are_of_known_libraries_alone() -> None:
    """ASVS 11.2.1."""
    named = {name.partition(".")[0] for path in sources() for name, _ in imports(tree(path))}
    assert not named & {"Crypto", "Cryptodome", "nacl", "ecdsa", "rsa", "pyaes", "jwt", "jose"}
    assert "cryptography" in named


@pytest.mark.parametrize(
    ("line", "right"),
    [("re.compile(given)", False), ("re.compile(r'a+')", True), ("re.match(PLACE, x)", True), ("re.sub(self.what, x)", False)],
)  # fmt: skip
def test_the_guard_sees_a_pattern_of_somebody_else(line: str, right: bool) -> None:  # noqa: FBT001 - a column of the table
    [call] = calls(ast.parse(line), PATTERNS, "re")
    assert made_of_constants(call.args[0]) is right


def test_the_guards_look_at_what_ships() -> None:
    assert Path("web/rendering.py") in {path.relative_to(ROOT) for path in sources()}
