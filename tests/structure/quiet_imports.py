"""Imports the modules named and prints what any of them opened or started by being imported."""

import sys
import threading
from importlib import import_module

LOUD = {"socket.__new__", "socket.connect", "sqlite3.connect", "subprocess.Popen"}


def main(modules: list[str]) -> None:
    importing = ""

    def hear(event: str, _: object) -> None:
        if event in LOUD and importing:
            sys.stdout.write(f"{importing} {event}\n")

    def hear_thread(*_: object) -> None:
        sys.stdout.write(f"{importing} thread\n")

    sys.addaudithook(hear)
    # Python 3.11 announces no thread to an audit hook; a trace function is called in each new one.
    threading.settrace(hear_thread)
    for importing in modules:
        import_module(importing)


if __name__ == "__main__":
    main(sys.argv[1:])
