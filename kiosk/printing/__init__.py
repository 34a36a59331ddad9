"""Prints: the page for the paper, the printer that makes it, what is left of paper and ink."""
