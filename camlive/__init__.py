"""camlive reads handwritten digits that a person holds up to a camera."""

__version__ = "0.1.0"
