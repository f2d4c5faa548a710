"""Array programs: their operations, and how expressions in index notation become them."""
