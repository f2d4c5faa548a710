"""Run the training example, so that its page shows the plot and the report of a real run."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "digits.py"


def run(folder: Path) -> None:
    """Write the plot of the loss and what the example printed into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(EXAMPLE), "digits-loss.png"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise RuntimeError(f"{EXAMPLE.name}: {found.stderr}")
    (folder / "digits.txt").write_text(found.stdout, encoding="utf-8")
