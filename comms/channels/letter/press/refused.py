"""The one way in which the press refuses."""


class Refused(ValueError):
    """Raised with the sentence that the user reads."""
