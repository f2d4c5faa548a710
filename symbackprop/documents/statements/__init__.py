"""Statements: what a document says beside its derivation, judged in numbers first."""
