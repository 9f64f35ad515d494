"""Troth: keeps a business's word to its clients, by email. `python daemon.py --help` says what it can do."""

import sys
from pathlib import Path

from troth.app import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except ModuleNotFoundError as missing:
        python = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
        mend = f"run this with {python}" if python.exists() else "README.md says how to set up .venv"
        sys.stderr.write(f"troth: {sys.executable} has no module {missing.name}; {mend}\n")
        sys.exit(2)
