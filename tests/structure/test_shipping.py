import re
import subprocess
import sys
from importlib.metadata import packages_distributions

from tests.structure.checkout import PACKAGES, ROOT, module_name, sources, tracked_files

# Written in pieces, so that this file does not break its own rule.
REGISTRIES = "|".join(["py" + "pi", "python" + "hosted", "npm" + "js", "crates", "deb" + "ian"])
ELSEWHERE = re.compile(rf"//[\w.-]*(?:{REGISTRIES})[\w-]*\.\w|(?<![\w.~-])/(?:work|root|tmp)/")


def test_our_names_belong_to_nobody_else_here() -> None:
    """Four of our package names are also other people's; installed together they merge silently."""
    owners = packages_distributions()
    assert not {name: owners[name] for name in PACKAGES if set(owners.get(name, ())) - {"spowatch"}}


def heard_while_importing(*modules: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.structure.quiet_imports", *modules],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout.splitlines()


def test_importing_opens_nothing_and_starts_nothing() -> None:
    modules = [module_name(path) for path in sources() if path.stem != "__main__"]
    assert not heard_while_importing(*modules)


def test_the_guard_hears_a_module_that_is_not_quiet() -> None:
    loud = "tests.structure.not_quiet"
    assert set(heard_while_importing(loud)) == {f"{loud} socket.__new__", f"{loud} thread"}


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    told = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in tracked_files()
        for found in ELSEWHERE.finditer(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert not told
