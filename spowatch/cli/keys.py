"""`keys rotate`: other keys in the place of those that have served long enough, or were seen."""

from typing import Annotated, Literal

import typer

from spowatch.cli.output import AsJson, DataDir, faults_explained, say

app = typer.Typer(no_args_is_help=True, help="The master key and the seal's key.")


@app.callback()
def keys() -> None:
    """The master key and the seal's key."""


@app.command("rotate")
def rotate(
    which: Annotated[Literal["master", "seal"], typer.Argument(help="Which key")],
    *,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a new one in its place. For the master key stop the roles first."""
    from spowatch.sealing.seal_key import new_seal_key
    from spowatch.wiring.keys import rotate_the_master_key
    from spowatch.wiring.store import settings_for

    with faults_explained(as_json=as_json):
        settings = settings_for(data_dir)
        if which == "seal":
            origin = new_seal_key(settings.seal_key_path).origin
            told: dict[str, object] = {"seal": origin}
            words = f"{origin} signs from the next start of `seal`; hand its line in seal.pub on"
        else:
            count = rotate_the_master_key(settings)
            told = {"master": "rotated", "keys": count}
            words = (
                f"{count} keys are under the new master key; bring it to every machine and to its "
                f"third place. The old one, beside it with .before in its name, still opens older backups of keys"
            )
    if as_json:
        say(told)
    else:
        typer.echo(words)
