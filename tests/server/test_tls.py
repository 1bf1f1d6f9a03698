"""The certificate: made once and kept, read again when it changes, and told for comparison."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import socket
import ssl
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from hubbub.server.banner import announce
from hubbub.server.selfsigned import make
from hubbub.server.tls import OWN, Certificate, TlsError, open_certificate
from hubbub.text.spoken import spoken
from running.server import start_server

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = 1_790_000_000_000
LOOPBACK: Sequence[str] = ["127.0.0.1"]


def own(folder: Path, *, choice: str = "auto", hosts: Sequence[str] = LOOPBACK) -> Certificate:
    found = open_certificate(choice, hosts, folder, now=NOW)
    assert found is not None
    return found


def shown(certificate: Certificate, client: ssl.SSLContext | None = None) -> bytes:
    """What somebody is shown who connects now (DER)."""
    if client is None:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
    here, there = socket.socketpair()
    context = certificate.context()
    server = threading.Thread(target=lambda: context.wrap_socket(there, server_side=True).close())
    server.start()
    try:
        with client.wrap_socket(here, server_hostname="localhost") as inside:
            found = inside.getpeercert(binary_form=True)
    finally:
        server.join()
    assert found is not None
    return found


class TestOurOwn:
    def test_it_is_made_once_and_only_for_us(self, tmp_path: Path) -> None:
        first = own(tmp_path)
        path = tmp_path / OWN
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert [entry.name for entry in path.parent.iterdir()] == [OWN.name]
        assert own(tmp_path).sha256 == first.sha256

    def test_its_fingerprint_is_that_of_what_is_shown(self, tmp_path: Path) -> None:
        certificate = own(tmp_path)
        digest = hashlib.sha256(shown(certificate)).digest()
        assert certificate.sha256 == digest.hex()
        assert certificate.words == spoken(digest)

    def test_who_has_the_file_can_verify_it(self, tmp_path: Path) -> None:
        certificate = own(tmp_path)
        shown(certificate, ssl.create_default_context(cafile=str(tmp_path / OWN)))

    def test_what_an_interrupted_making_left_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / OWN).parent.mkdir()
        (tmp_path / OWN).with_name(f".{OWN.name}.part").write_text("half")
        own(tmp_path)

    @pytest.mark.parametrize(
        ("choice", "hosts", "there_is_one"),
        [
            ("", [], True),
            ("", ["192.0.2.1"], True),
            ("", ["127.0.0.1", "192.0.2.1"], True),
            ("", ["127.0.0.1"], False),
            ("", ["::1", "localhost"], False),
            ("off", [], False),
            ("auto", ["127.0.0.1"], True),
        ],
    )
    def test_where_there_is_one(
        self, tmp_path: Path, choice: str, hosts: list[str], *, there_is_one: bool
    ) -> None:
        assert (open_certificate(choice, hosts, tmp_path, now=NOW) is not None) is there_is_one
        assert (tmp_path / OWN).exists() is there_is_one

    def test_one_that_is_damaged_is_one_clear_line(self, tmp_path: Path) -> None:
        own(tmp_path)
        (tmp_path / OWN).write_text("rubbish")
        with pytest.raises(TlsError, match=r"^tls: .*server\.pem") as caught:
            own(tmp_path)
        assert "\n" not in str(caught.value)


class TestYours:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        """A certificate and its key, each in a file of its own."""
        return renew(tmp_path / "cert.pem", tmp_path / "key.pem")

    def test_two_files(self, tmp_path: Path, files: tuple[Path, Path]) -> None:
        certificate = own(tmp_path, choice=f"{files[0]}, {files[1]}")
        assert hashlib.sha256(shown(certificate)).hexdigest() == certificate.sha256
        assert not (tmp_path / OWN).exists()

    @pytest.mark.parametrize("missing", [0, 1])
    def test_a_file_that_is_not_there(
        self, tmp_path: Path, files: tuple[Path, Path], missing: int
    ) -> None:
        files[missing].unlink()
        with pytest.raises(TlsError, match="No such file"):
            own(tmp_path, choice=f"{files[0]},{files[1]}")

    def test_a_key_of_another(self, tmp_path: Path, files: tuple[Path, Path]) -> None:
        _, other = renew(tmp_path / "other.pem", tmp_path / "other-key.pem")
        with pytest.raises(TlsError, match="are no certificate with its key"):
            own(tmp_path, choice=f"{files[0]},{other}")

    def test_new_files_are_taken_up(
        self, tmp_path: Path, files: tuple[Path, Path], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        certificate = own(tmp_path, choice=f"{files[0]},{files[1]}")
        before = shown(certificate)
        assert certificate.context() is certificate.context()

        renew(*files)

        after = shown(certificate)
        assert after != before
        assert certificate.sha256 == hashlib.sha256(after).hexdigest()
        assert [record.message for record in caplog.records] == ["certificate"]

    def test_half_of_a_change_changes_nothing(
        self, tmp_path: Path, files: tuple[Path, Path], caplog: pytest.LogCaptureFixture
    ) -> None:
        certificate = own(tmp_path, choice=f"{files[0]},{files[1]}")
        before = shown(certificate)
        old_key = files[1].rename(tmp_path / "old-key.pem")
        renew(*files)
        new_key = files[1].rename(tmp_path / "new-key.pem")
        old_key.rename(files[1])

        for _ in range(3):
            assert shown(certificate) == before
        assert len(caplog.records) == 1, "it is said once"
        assert "the certificate stays as it was" in caplog.text

        new_key.rename(files[1])
        assert shown(certificate) != before


class TestAnnounced:
    def test_people_can_compare_it(self, tmp_path: Path) -> None:
        certificate, out = own(tmp_path), io.StringIO()
        announce(["192.0.2.1"], 1234, out, room="#lobby", is_terminal=True, certificate=certificate)
        assert f"its certificate is {certificate.words}\n" in out.getvalue()

    def test_a_real_server(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        with start_server(folder, "--tls", "auto") as server:
            words = server.wait_for_line(r"certificate .*\bwords=(\S+)")[1]
            context = ssl.create_default_context(cafile=str(folder / OWN))
            plain = socket.create_connection(("127.0.0.1", server.port), 10)
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as client:
                found = client.getpeercert(binary_form=True)
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert client.recv(1000).startswith(b"HTTP/1.1 200")
            assert found is not None
            assert spoken(hashlib.sha256(found).digest()) == words
            assert server.stop() == 0


def renew(certificate: Path, key: Path) -> tuple[Path, Path]:
    """A new certificate in one file and its key in another, as tools for that write them."""
    both = certificate.with_name("both.pem")
    make(both, [], NOW)
    text = both.read_text()
    end = text.index("-----BEGIN CERTIFICATE")
    for path, part in ((key, text[:end]), (certificate, text[end:])):
        new = path.with_name(f"{path.name}.new")
        new.write_text(part)
        os.replace(new, path)  # noqa: PTH105 (what such tools do)
    both.unlink()
    return certificate, key
