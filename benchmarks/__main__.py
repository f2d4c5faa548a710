"""``python -m benchmarks``: measure the gradients of every peer."""

import sys

from benchmarks.gradients import main

if __name__ == "__main__":
    sys.exit(main())
