"""Syntax: from tokens to trees that say what is printed, not what it means."""
