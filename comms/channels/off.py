"""A channel of ours that the settings leave off: nobody can be reached by it, and what was sent by it still shows."""

from contextlib import AbstractContextManager

from comms.channels.base import Channel, Form, Line, Message, Part, Snapshot, Unreachable

OFF = "This channel is not set up here. Choose another, or ask whoever runs this installation for it."


class OffChannel(Channel):
    by_person = False
    needs_opt_in = False
    needs = ""

    def __init__(self, name: str, form: Form) -> None:
        self.name, self.form = name, form

    def address(self, snapshot: Snapshot) -> str:
        """Raise Unreachable: there is no way out."""
        raise Unreachable(OFF)

    def compose(self, message: Message) -> list[Part]:
        """Raise ValueError: nothing is made for a way that there is not."""
        raise ValueError(OFF)

    def line(self) -> AbstractContextManager[Line]:
        """Raise NotImplementedError: there is nobody to dial."""
        raise NotImplementedError(OFF)
