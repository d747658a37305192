"""The package index is reached as pip's configuration says."""

import os
from pathlib import Path

import pytest

from faces.vision.networks.pip_index import PipConfig, redacted


def test_it_reads_every_kind_of_section_and_lets_the_environment_win() -> None:
    config = PipConfig.parse(
        "global.index-url='https://one.example/simple'\n"
        "global.extra-index-url='\\nhttps://two.example/simple\\nfile:///three/simple'\n"
        "global.cert='/ca.pem'\n"
        "install.trusted-host='one.example'\n"
        ":env:.index-url='https://four.example/simple'\n"
        ":env:.timeout='3'\n"
        "freeze.timeout='9'\n"
    )
    assert config.indexes == (
        "https://four.example/simple",
        "https://two.example/simple",
        "file:///three/simple",
    )
    assert (config.cert, config.trusted_hosts, config.timeout_s) == ("/ca.pem", ("one.example",), 3.0)


def test_it_asks_pips_own_configuration_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://house.example/simple\nproxy = http://gate:3128\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    config = PipConfig.read()
    assert config.indexes[0] == "https://house.example/simple"
    assert config.session().proxies["https"] == "http://gate:3128"


def test_it_asks_no_index_when_pip_must_not() -> None:
    assert PipConfig.parse("global.no-index='true'\nglobal.find-links='/wheels'").indexes == ()


def test_it_does_not_ask_a_trusted_host_for_its_certificate() -> None:
    session = PipConfig(trusted_hosts=("house.example",)).session()
    trusted = session.merge_environment_settings("https://house.example/simple/", {}, True, None, None)
    other = session.merge_environment_settings("https://other.example/simple/", {}, True, None, None)
    assert trusted["verify"] is False
    assert other["verify"] is not False


def test_it_shows_no_credentials() -> None:
    assert redacted("https://ada:secret@house.example/simple/?token=1") == "https://house.example/simple/"
