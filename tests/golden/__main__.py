"""`python -m tests.golden [NAME ...]`: write the stored files anew."""

import sys

from tests.golden.table import STORED, made, stored, table

for name in sys.argv[1:] or table():
    stored(name).write_text(made(name), "utf-8")
if not sys.argv[1:]:
    for path in STORED.iterdir():
        if path.name.removesuffix(".golden") not in table():
            path.unlink()
