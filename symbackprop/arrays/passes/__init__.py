"""Passes: from program to program, with the same values; and what printers have to know of one."""
