"""Prose: the words of documents, each said of equations that bear them out."""
