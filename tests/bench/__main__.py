"""`python -m tests.bench [NAME …]`: BENCH lines, a table, build/bench.json."""

import sys

from tests.measures import main

if __name__ == "__main__":
    sys.exit(main("tests.bench", "BENCH", "bench.json"))
