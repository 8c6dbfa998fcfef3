"""What a user can meet: each error says what failed, which thing, and what to try."""


class CamliveError(Exception):
    """Something a user can mend; its text is one whole line for them."""


class SourceError(CamliveError):
    """A camera, recording, picture or stream that cannot be read."""


class OutputError(CamliveError):
    """A file or folder that cannot be written."""


class ModelError(CamliveError):
    """A model file that cannot be used."""


class DisplayError(CamliveError):
    """No display to open a window on."""


class DataError(CamliveError):
    """Training or truth data that cannot be used."""


def printable(text: str) -> str:
    """A text as one line, with codes in place of what cannot be printed."""
    signs = (sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return "".join(signs)
