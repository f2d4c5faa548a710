"""The wheel and the source distribution hold what they should, and an installed wheel works."""

import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import symbackprop
from tests.support import ROOT


@dataclass(frozen=True)
class Distribution:
    """What `python -m build` made: the sdist from the checkout, the wheel from the sdist."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    directory = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(directory), str(ROOT))
    (wheel,) = directory.glob("*.whl")
    (sdist,) = directory.glob("*.tar.gz")
    return Distribution(wheel, sdist)


@pytest.fixture(scope="module")
def installed(distribution: Distribution, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a new environment with the wheel in it; only its dependencies are borrowed."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    python = environment / "bin" / "python"
    # Plain lines of a .pth file add folders, but do not follow the .pth files in these folders: the
    # checkout that is installed there stays out of sight.
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(distribution.wheel))
    return environment / "bin"


def run(*command: str, cwd: Path | None = None) -> str:
    process = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def tracked(folder: str) -> set[str]:
    """The files of a folder of the checkout, as paths from the folder."""
    return {
        path.relative_to(ROOT / folder).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_the_templates(distribution: Distribution) -> None:
    with zipfile.ZipFile(distribution.wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    metadata = f"symbackprop-{symbackprop.__version__}.dist-info/"
    expected = {f"symbackprop/{name}" for name in tracked("symbackprop")}
    expected |= {f"symbackprop/templates/{name}" for name in tracked("templates")}
    assert {name for name in names if not name.startswith(metadata)} == expected
    assert tracked("templates")
    assert f"{metadata}licenses/LICENSE" in names


def test_the_sdist_holds_the_tests_and_no_rubbish(distribution: Distribution) -> None:
    with tarfile.open(distribution.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "LICENSE", "constraints.txt", "tests/conftest.py"} <= names
    assert {f"templates/{name}" for name in tracked("templates")} <= names
    assert not [name for name in names if name.startswith((".venv", "build", ".git/"))]


def test_an_installed_wheel_finds_its_templates(installed: Path, tmp_path: Path) -> None:
    code = "import symbackprop; print(symbackprop.__version__, symbackprop.__file__)"
    version, file = run(str(installed / "python"), "-I", "-c", code, cwd=tmp_path).split()
    assert version == symbackprop.__version__
    assert Path(file).is_relative_to(installed.parent)
    run(str(installed / "symbackprop"), "derive", "3-2", "-o", "derivation.tex", cwd=tmp_path)
    assert "\\end{document}" in (tmp_path / "derivation.tex").read_text(encoding="utf-8")
