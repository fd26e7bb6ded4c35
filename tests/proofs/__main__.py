"""`python -m tests.proofs [NAME …]`: PROOF lines, a table, build/proof.json."""

import sys

from tests.measures import main

if __name__ == "__main__":
    sys.exit(main("tests.proofs", "PROOF", "proof.json"))
