"""Options that several verbs share, so that they are called and explained alike everywhere.

`@data_option` gives the verb `data: Path | None` for `hubbub.server.config.data_folder`,
`@config_option` gives `config: Path | None` for `load_config`. What they mean is decided there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder that keeps everything.  [default: $HUBBUB_DATA or ~/.local/share/hubbub]",
)

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="HUBBUB_CONFIG",
    metavar="FILE",
    help="A TOML file; `hubbub config example` prints one.  [default: $HUBBUB_CONFIG]",
)


class VerbGroup(click.Group):
    """A verb with verbs of its own, listed as the first ones are."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        """As any group."""
        super().__init__(*args, **attributes)
        self.subcommand_metavar = "VERB …"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of verbs."""
        with formatter.section("Verbs"):
            formatter.write_dl(
                [
                    (name, verb.get_short_help_str(limit=200))
                    for name, verb in sorted(self.commands.items())
                ]
            )
