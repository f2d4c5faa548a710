"""Printers: from array programs, or instances, to the statements of one target."""
