"""Measures camlive beside the much-copied recipe."""
