"""Troth: keeps a business's word to its clients, by email. `python daemon.py --help` says what it can do."""

import sys

from troth.app import main

if __name__ == "__main__":
    sys.exit(main())
