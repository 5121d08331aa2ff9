"""The program: `spowatch`, or `python -m spowatch`."""

from spowatch.cli.app import app


def main() -> None:
    app()


if __name__ == "__main__":
    main()
