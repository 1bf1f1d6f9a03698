"""`hubbub config check|show|example|reload|hash`: look at the configuration, or have it read again.

What is accepted is decided in `hubbub.server.config`; this module prints.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from hubbub.cli.errors import failing
from hubbub.cli.operating import folder_options, reach
from hubbub.cli.options import VerbGroup, config_option, data_option
from hubbub.server.config import ConfigError, data_folder, load, pages
from hubbub.server.operators import hash_password
from hubbub.server.requests import Reload
from hubbub.server.settings import require_sound
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from pathlib import Path


@click.group(cls=VerbGroup)
def config() -> None:
    """Check, show and explain the configuration.

    A flag beats an environment variable (HUBBUB_PORT, HUBBUB_HISTORY__REPLAY), which beats the
    file given with --config.

    \b
    Examples:
      hubbub config example > hubbub.toml
      hubbub config check --config hubbub.toml
      HUBBUB_HISTORY__REPLAY=5 hubbub config show
      hubbub config reload --data /var/lib/hubbub
    """


@config.command()
@config_option
def check(config: Path | None) -> None:
    """Say "ok", or name the first mistake (exit status 2)."""
    with failing(ConfigError):
        require_sound(load(config, os.environ, {}).config)
    click.echo("ok")


@config.command()
@config_option
@data_option
def show(config: Path | None, data: Path | None) -> None:
    """Print what is in force, as TOML, and where each value comes from."""
    with failing(ConfigError):
        loaded = load(config, os.environ, {})
        folder = data_folder(data, os.environ)
    click.echo(f"# data folder: {folder}\n")
    click.echo(pages.show(loaded), nl=False)


@config.command()
@click.option("--markdown", is_flag=True, help="Print the page docs/configuration.md instead.")
def example(*, markdown: bool) -> None:
    """Print a complete file with every key at its default, explained."""
    click.echo(pages.markdown() if markdown else pages.example(), nl=False)


@config.command(name="reload")
@folder_options
def reload_(data: Path | None, config: Path | None) -> None:
    """Let the running server read its configuration again.

    It reads the file that it was started with, and beats it with the flags and variables that it
    was started with; nobody is dropped. What has changed is printed, a line for each key, with
    what waits for the next start. A mistake changes nothing. SIGHUP does the same.

    \b
    Exit status:
      0  done, even when nothing has changed
      1  no server runs on the data folder
      2  the configuration has a mistake, or the server cannot be asked
    """
    with reach(config, data) as server:
        rows = list(server.ask(Reload()))
    for row in rows:
        click.echo(one_line(row["change"]))
    if not rows:
        click.echo("Nothing has changed.")


@config.command(name="hash")
def hash_() -> None:
    """Ask for a password and print what to write in its place.

    For `irc.operators`. A program gives the password on standard input, ended by a line feed.
    """
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    click.echo(hash_password(password))
