"""`make run` on machines with and without a graphics card, and the lock files that it installs."""

import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import prepare

LOCKS = {name: prepare.ROOT / f"requirements{name}.lock" for name in ("", "-gpu", "-dev")}


def smi(folder: Path, does: str) -> None:
    """A driver's `nvidia-smi` that does this."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux machine of the usual kind; programs put into this folder are found, and no others."""
    monkeypatch.delenv("GPU", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


@pytest.mark.parametrize(
    ("does", "wanted"),
    [
        ("echo 580.65.06", True),
        ("echo 600.12; echo 600.12", True),
        ("echo 570.211.01", False),
        ("echo 'No devices were found'; exit 6", False),
        ("echo 'NVIDIA-SMI has failed because it could not communicate with the driver.'; exit 9", False),
        ("exit 0", False),
    ],
)
def test_a_card_is_picked_up_where_its_driver_suits(does: str, wanted: bool, machine: Path) -> None:
    smi(machine, does)
    assert prepare.on_graphics_card() is wanted


def test_an_old_driver_is_said_to_be_the_reason(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    smi(machine, "echo 535.183.01")
    assert not prepare.on_graphics_card()
    assert "its driver is 535, and 580 or later is needed" in capsys.readouterr().out


def test_who_says_no_or_yes_is_asked_no_further(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smi(machine, "echo 580.65.06")
    monkeypatch.setenv("GPU", "0")
    assert not prepare.on_graphics_card()
    (machine / "nvidia-smi").unlink()
    assert not prepare.on_graphics_card()
    monkeypatch.setenv("GPU", "1")
    assert prepare.on_graphics_card()


def test_there_is_nothing_for_cards_of_other_machines(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smi(machine, "echo 580.65.06")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert not prepare.on_graphics_card()
    monkeypatch.setenv("GPU", "1")
    with pytest.raises(prepare.Unprepared, match="Linux on x86-64 alone"):
        prepare.on_graphics_card()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pip was told to do, in a checkout that nothing was installed in."""
    commands: list[str] = []
    monkeypatch.setattr(prepare, "STAMPS", tmp_path)
    monkeypatch.setattr(prepare, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**12))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0))

    def execute(command: list[str]) -> None:
        commands.append(f"{command[command.index('pip') + 1]} {Path(command[-1]).name}")

    monkeypatch.setattr(prepare, "execute", execute)
    return commands


def test_one_runtime_goes_before_the_other_comes_and_tests_have_that_of_the_cpu(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for_cpu = ["uninstall onnxruntime-gpu", "install requirements.lock"]
    for_gpu = ["uninstall onnxruntime", "install requirements-gpu.lock"]
    for_tests = ["uninstall onnxruntime-gpu", "install requirements-dev.lock"]
    steps = [
        ("0", False, for_cpu),
        ("0", False, []),
        ("1", False, for_gpu),
        ("1", False, []),
        ("1", True, for_tests),
        ("1", True, []),
        ("0", False, []),  # what tests need contains it
        ("1", False, for_gpu),
        ("0", True, for_tests),
    ]
    for gpu, develop, expected in steps:
        monkeypatch.setenv("GPU", gpu)
        prepare.install_python_packages(develop=develop)
        assert installed == expected
        installed.clear()


def test_an_installation_that_broke_off_is_done_again(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPU", "0")
    prepare.install_python_packages(develop=False)
    monkeypatch.setenv("GPU", "1")

    def broken(command: list[str]) -> None:
        if "install" in command:
            raise prepare.Unprepared("a package index cannot be reached.")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(prepare, "execute", broken)
        with pytest.raises(prepare.Unprepared, match=r"reached\. GPU=0 make run does without the card"):
            prepare.install_python_packages(develop=False)
    installed.clear()
    monkeypatch.setenv("GPU", "0")
    prepare.install_python_packages(develop=False)
    assert installed == ["uninstall onnxruntime-gpu", "install requirements.lock"]


def test_the_packages_for_a_card_want_more_room(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=prepare.NEEDED_BYTES)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    monkeypatch.setenv("GPU", "1")
    with pytest.raises(prepare.Unprepared, match=r"MB are needed\. GPU=0 make run"):
        prepare.install_python_packages(develop=False)
    assert installed == []
    monkeypatch.setenv("GPU", "0")
    prepare.install_python_packages(develop=False)


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package of a lock file."""
    found = re.findall(
        r"^([a-z0-9.-]+)==(\S+)[^\n]*\n((?:    --hash=\S+(?: \\)?\n)+)", LOCKS[name].read_text(), re.MULTILINE
    )
    return {
        package: (version, frozenset(re.findall(r"sha256:[0-9a-f]{64}", hashes)))
        for package, version, hashes in found
    }


def test_the_lock_for_cards_differs_by_what_cards_need_alone() -> None:
    cpu, gpu, dev = (pins(name) for name in ("", "-gpu", "-dev"))
    assert cpu.items() <= dev.items()
    assert cpu.keys() - gpu.keys() == {"onnxruntime"}
    assert all(
        package == "onnxruntime-gpu" or package.startswith(("nvidia-", "cuda-"))
        for package in gpu.keys() - cpu.keys()
    )
    assert {"onnxruntime-gpu", "nvidia-cublas", "nvidia-cudnn-cu13"} <= gpu.keys()
    assert all(cpu[package] == gpu[package] for package in cpu.keys() & gpu.keys())


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_all_by_digest_and_names_no_index(name: str) -> None:
    text = LOCKS[name].read_text()
    assert len(pins(name)) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert "://" not in text
    assert "--index" not in text
