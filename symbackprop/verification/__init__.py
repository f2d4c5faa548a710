"""A reference evaluator that knows no calculus, and what is judged with it."""
