"""Show an HTML file in headless Chromium: as a picture, or as the document it became."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support import missing

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def require_browser() -> str:
    """The browser's path; skip the running test when there is none, fail it where CI is set."""
    for program in PROGRAMS:
        if path := shutil.which(program):
            return path
    missing("Chromium", "on Debian: apt install chromium")
    raise AssertionError


def screenshot(
    html: Path, png: Path, *, dark: bool = False, width: int = 1000, height: int = 1400
) -> Path:
    """A picture of the page as a reader sees it who prefers light, or dark, pages."""
    size = f"--window-size={width},{height}"
    _chromium(html, dark, f"--screenshot={png.resolve()}", size, "--hide-scrollbars")
    assert png.exists(), f"Chromium made no picture of {html}"
    return png


def dom(html: Path, *, dark: bool = False) -> str:
    """The page's HTML after the browser read it and ran its scripts."""
    return _chromium(html, dark, "--dump-dom")


def _chromium(html: Path, dark: bool, *options: str) -> str:
    program = require_browser()
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        process = subprocess.run(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={profile}",
                f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                *options,
                html.resolve().as_uri(),
            ],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
    assert process.returncode == 0, process.stderr
    return process.stdout
