"""The configuration: who beats whom, and what an operator reads after a mistake."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.doors.classic.settings import ClassicSettings
from hubbub.server.config import Config, ConfigError, data_folder, load, load_config, pages
from hubbub.server.config.describe import all_keys, all_sections
from hubbub.server.settings import classic_settings

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hubbub.toml"


def mistake(
    file: Path | None = None,
    environ: dict[str, str] | None = None,
    flags: dict[str, object] | None = None,
) -> str:
    """The one line that this configuration is answered with."""
    with pytest.raises(ConfigError) as caught:
        load_config(file, environ or {}, flags or {})
    line = str(caught.value)
    assert "\n" not in line
    return line


def outcome(file: Path | None, environ: dict[str, str]) -> str:
    try:
        load_config(file, environ, {})
    except ConfigError as error:
        return str(error)
    return "ok"


# --- values ------------------------------------------------------------------------------


def test_nothing_given_is_a_complete_configuration() -> None:
    config = load_config(None, {"PATH": "/bin"}, {})
    assert config == Config()
    assert (config.port, config.durability, config.room) == (1234, "full", "#lobby")
    assert config.classic.width == "auto"
    assert config.limits.message == 16 * 1024


def test_flags_beat_the_environment_which_beats_the_file(file: Path) -> None:
    file.write_text('port = 1\nroom = "#file"\n[log]\nlevel = "error"\n[history]\nreplay = 1\n')
    loaded = load(
        file,
        {"HUBBUB_PORT": "2", "HUBBUB_HISTORY__REPLAY": "2"},
        {"port": "3", "log.format": "json", "host": None},
    )
    assert (loaded.config.port, loaded.config.history.replay) == (3, 2)
    assert (loaded.config.room, loaded.config.log.level) == ("#file", "error")
    assert loaded.origins == {
        "port": "--port",
        "log.format": "--log-format",
        "history.replay": "HUBBUB_HISTORY__REPLAY",
        "room": str(file),
        "log.level": str(file),
    }


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        ("", ()),
        ("127.0.0.1", ("127.0.0.1",)),
        ("127.0.0.1, ::1,", ("127.0.0.1", "::1")),
    ],
)
def test_host_is_one_address_or_several(host: str, hosts: tuple[str, ...]) -> None:
    assert load_config(None, {"HUBBUB_HOST": host}, {}).hosts == hosts


def test_host_may_be_a_list_in_the_file(file: Path) -> None:
    file.write_text('host = ["127.0.0.1", "::1"]')
    assert load_config(file, {}, {}).hosts == ("127.0.0.1", "::1")


def test_width_is_auto_or_a_number() -> None:
    assert load_config(None, {"HUBBUB_CLASSIC__WIDTH": "auto"}, {}).classic.width == "auto"
    assert load_config(None, {"HUBBUB_CLASSIC__WIDTH": "16"}, {}).classic.width == 16


def test_sizes_may_be_written_for_people(file: Path) -> None:
    file.write_text('[limits]\ndisk_reserve = "1 GiB"\n')
    config = load_config(file, {"HUBBUB_LIMITS__OUTBOX": "512KiB"}, {})
    assert config.limits.disk_reserve == 1024**3
    assert config.limits.outbox == 512 * 1024


def test_durations_may_be_written_for_people(file: Path) -> None:
    file.write_text('[history]\nkeep = "90 days"\nkeep_size = "2 GiB"\nredact_own = "1 hour"\n')
    history = load_config(file, {"HUBBUB_HISTORY__KEEP_ARRIVALS": " 2weeks "}, {}).history
    assert (history.keep, history.keep_size) == (90 * 24 * 3600, 2 * 1024**3)
    assert (history.redact_own, history.keep_arrivals) == (3600, 14 * 24 * 3600)


def test_the_folder_and_the_file_are_named_by_variables_that_are_no_keys() -> None:
    assert load_config(None, {"HUBBUB_DATA": "/x", "HUBBUB_CONFIG": "/y"}, {}) == Config()


def test_connections_leave_descriptors_to_spare() -> None:
    limits = Config().limits
    assert limits.connections_for(1024) == 1024 - 102
    assert limits.connections_for(256) == 256 - 64
    asked = load_config(None, {"HUBBUB_LIMITS__CONNECTIONS": "5000"}, {}).limits
    assert asked.connections_for(65_536) == 5000
    assert asked.connections_for(1024) == 1024 - 102


# --- mistakes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("prot = 1", "there is no key prot; did you mean port?"),
        ("[history]\nreply = 1", "no key history.reply; did you mean history.replay?"),
        ("[clasic]\nwidth = 10", "there is no section [clasic]; did you mean [classic]?"),
        ("history = 5", "history is a section: write [history] and its keys below"),
        ("[log]\nport = 5", "there is no key log.port; did you mean port?"),
        ("xyzzy = 1", "there is no key xyzzy; `hubbub config example` lists all there are"),
        ('port = "1234"', 'port is "1234", but must be a whole number from 0 to 65535'),
        ("port = 65536", "port is 65536, but must be a whole number from 0 to 65535"),
        ("port = true", "port is true, but must be a whole number from 0 to 65535"),
        ("[http]\nmetrics = 1", "http.metrics is 1, but must be true or false"),
        ('room = "lobby"', 'room is "lobby", but must be a room\'s name: #'),
        ("[classic]\nwidth = 0", "must be auto or a whole number of bytes from 1 to 8192"),
        ('[limits]\nframe = "1 MB"', 'from 1024 to 67108864, or a size such as "64 MiB"'),
        ('[history]\nkeep = "soon"', 'from 0 to 3153600000, or a time such as "90 days"'),
        ("[limits]\nmessages_per_second = nan", "limits.messages_per_second is NaN, but must be"),
        ('durability = "ful"', "must be full, os or none (did you mean full?)"),
        ("host = 4", "host is 4, but must be a text or a list of texts"),
        ("port: 1", "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_the_fix(file: Path, text: str, line: str) -> None:
    file.write_text(text)
    said = mistake(file)
    assert said.startswith(f"{file}: ")
    assert line in said


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.toml"
    assert mistake(missing) == f"{missing}: cannot be read: No such file or directory"
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"network = 'caf\xe9'")
    assert mistake(latin) == f"{latin}: is not UTF-8 text (byte 14)"


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("HUBBUB_HISTORY__REPLY", "HUBBUB_HISTORY__REPLAY"),
        ("HUBBUB_NOTICES", "HUBBUB_CLASSIC__NOTICES"),
        ("HUBBUB_port", "HUBBUB_PORT"),
        ("HUBBUB_DATE", "HUBBUB_DATA"),
    ],
)
def test_an_unknown_variable_is_named_with_the_one_meant(variable: str, meant: str) -> None:
    assert mistake(environ={variable: "1"}) == (
        f"environment: there is no variable {variable}; did you mean {meant}?"
    )


def test_a_wrong_variable_or_flag_is_named_with_its_key() -> None:
    bounds = "a whole number of messages from 0 to 100"
    assert mistake(environ={"HUBBUB_HISTORY__REPLAY": "many"}) == (
        f'HUBBUB_HISTORY__REPLAY: history.replay is "many", but must be {bounds}'
    )
    assert mistake(flags={"port": "http"}) == (
        '--port is "http", but must be a whole number from 0 to 65535'
    )


def test_a_variable_that_is_not_text_is_one_line() -> None:
    said = mistake(environ={"HUBBUB_NETWORK": os.fsdecode(b"caf\xe9")})
    assert said == (
        r'HUBBUB_NETWORK: network is "caf\udce9", but must be one word, at most 64 characters'
    )


@given(st.text())
def test_whatever_a_file_holds_is_a_configuration_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(text.encode("utf-8", "replace"))
    said = outcome(file, {})
    assert said == "ok" or (said.startswith(f"{file}: ") and "\n" not in said)


@given(st.sampled_from(sorted(all_keys())), st.text(st.characters(blacklist_characters="\0")))
def test_whatever_a_variable_holds_is_a_value_or_one_line(name: str, value: str) -> None:
    key = all_keys()[name]
    said = outcome(None, {key.variable: value})
    assert said == "ok" or said.startswith(f"{key.variable}: {name} is ")


# --- the data folder ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "environ", "folder"),
    [
        ("/flag", {"HUBBUB_DATA": "/variable"}, "/flag"),
        (None, {"HUBBUB_DATA": "/variable", "STATE_DIRECTORY": "/state"}, "/variable"),
        (None, {"STATE_DIRECTORY": "/state:/other", "XDG_DATA_HOME": "/xdg"}, "/state"),
        (None, {"XDG_DATA_HOME": "/xdg", "HOME": "/home/ada"}, "/xdg/hubbub"),
        (None, {"XDG_DATA_HOME": "xdg", "HOME": "/home/ada"}, "/home/ada/.local/share/hubbub"),
        (None, {"HUBBUB_DATA": "", "HOME": "/home/ada"}, "/home/ada/.local/share/hubbub"),
    ],
)
def test_the_data_folder_is_the_first_that_is_named(
    flag: str | None, environ: dict[str, str], folder: str
) -> None:
    assert data_folder(Path(flag) if flag else None, environ) == Path(folder)


def test_without_a_home_the_operator_is_asked_for_a_folder() -> None:
    with pytest.raises(ConfigError, match="give a folder with --data DIR"):
        data_folder(None, {})


# --- the words ---------------------------------------------------------------------------


def test_every_key_says_what_it_does_and_has_a_default_it_accepts() -> None:
    for key in all_keys().values():
        assert key.description.endswith("."), key.name
        assert key.expected, key.name
    assert all(all_sections().values())


def test_the_example_is_valid_and_names_every_key(file: Path) -> None:
    file.write_text(pages.example())
    assert load_config(file, {}, {}) == Config()
    spoken = "\n".join(
        line.removeprefix("#")
        for line in pages.example().splitlines()
        if line.startswith("[") or (line.startswith("#") and not line.startswith("# "))
    )
    file.write_text(spoken)
    loaded = load(file, {}, {})
    assert loaded.config == Config()
    assert set(loaded.origins) == set(all_keys())


def test_show_can_be_read_back(file: Path) -> None:
    loaded = load(None, {"HUBBUB_HOST": "::1"}, {"classic.width": 16})
    file.write_text(pages.show(loaded))
    assert load_config(file, {}, {}) == loaded.config
    assert tomllib.loads(file.read_text())["classic"]["width"] == 16
    assert "HUBBUB_HOST" in pages.show(loaded)


def test_the_documentation_page_is_current() -> None:
    page = REPOSITORY / "docs" / "configuration.md"
    assert page.read_text(encoding="utf-8") == pages.markdown(), (
        "run: hubbub config example --markdown > docs/configuration.md"
    )


def test_the_classic_door_is_by_itself_as_the_configuration_is() -> None:
    assert classic_settings(Config()) == ClassicSettings()
