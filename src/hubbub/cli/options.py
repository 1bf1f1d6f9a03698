"""Options that several verbs share, so that they are called and explained alike everywhere.

`@data_option` gives the verb `data: Path | None` for `hubbub.server.config.data_folder`,
`@config_option` gives `config: Path | None` for `load_config`. What they mean is decided there.
"""

from __future__ import annotations

from pathlib import Path

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
