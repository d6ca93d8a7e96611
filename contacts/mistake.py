"""The one way in which the values of this folder refuse what was typed."""


class Mistake(ValueError):
    """Raised when a value cannot be used; its text is the sentence that the user reads."""
