"""The addresses by which simulated providers answer. Pure: the simulator answers by these tables, and the help page
shows them, so that both say the same.

Of a table the first row counts whose beginning fits; the last one, which begins with nothing, is for all others.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Protocol, TypeVar

DOMAIN = "simulator.example"
PHONES = "+447700900"  # the numbers that Ofcom keeps for drama; the three digits after it choose

Back = Literal["delivered", "hard", "soft", "complaint", "opened", "clicked", "scanned"]


class Row(Protocol):
    """One row of a table: how an address begins, and what then happens, as a manager would say it."""

    @property
    def begins(self) -> str: ...
    @property
    def does(self) -> str: ...


Found = TypeVar("Found", bound=Row)


class Then(NamedTuple):
    """What comes back of a mail later; `after` are seconds."""

    after: float
    what: Back


class Mail(NamedTuple):
    """What a mail server says at RCPT, or at the end of the data, and what comes back of an accepted mail."""

    begins: str
    does: str
    refusal: str = ""
    at: Literal["RCPT", "DATA"] = "RCPT"
    times: int = 0  # so often it refuses an address; 0 for always
    seconds: float = 0  # before it answers
    breaks: bool = False  # takes the data and hangs up without an answer
    then: tuple[Then, ...] = ()


class Update(NamedTuple):
    """A status callback, as Twilio names the status and its error; `after` are seconds."""

    after: float
    status: str
    error: int = 0


class Text(NamedTuple):
    """What Twilio answers to a text or a WhatsApp message, and what it says of it later."""

    begins: str
    does: str
    code: int = 0  # https://www.twilio.com/docs/api/errors; 0 for accepted
    message: str = ""
    http: int = 400
    times: int = 0
    seconds: float = 0
    breaks: bool = False
    then: tuple[Update, ...] = ()
    on_whatsapp: int = 0  # the code on WhatsApp, where it is another one


class Push(NamedTuple):
    """What a push service answers."""

    begins: str
    does: str
    status: int = 201
    words: str = ""
    breaks: bool = False


class Letter(NamedTuple):
    """What a hybrid mail provider answers to a letter, and where the letter gets to; a whole word begins a line."""

    begins: str
    does: str
    status: int = 201
    words: str = ""
    seconds: float = 0
    breaks: bool = False
    fate: tuple[tuple[float, str], ...] = ((0, "accepted"), (10, "printed"), (20, "posted"))


DELIVERED = Then(4, "delivered")
MAIL = (
    Mail("bounce", "Refused at once, for good: there is no such mailbox.", "550 5.1.1 No such user here"),
    Mail("full", "Put off each time: the mailbox is full. We give up after 72 hours.", "452 4.2.2 Mailbox full"),
    Mail(
        "grey", "Put off twice, as careful mail servers do, then taken.",
        "451 4.7.1 Greylisted, try again later", times=2, then=(DELIVERED,),
    ),
    Mail("spam", "Refused as spam, after the server has read it.", "554 5.7.1 Refused as spam", "DATA"),
    Mail("drop", "Taken, and the line breaks without an answer: unconfirmed.", breaks=True),
    Mail("hard", "Taken, and comes back after ten seconds: there is no such mailbox.", then=(Then(10, "hard"),)),
    Mail(
        "soft", "Taken, and comes back once: the mailbox is full for now. The next attempt is delivered.",
        times=1, then=(Then(10, "soft"),),
    ),
    Mail("complain", "Delivered, and the recipient marks it as spam.", then=(DELIVERED, Then(20, "complaint"))),
    Mail("open", "Delivered, and opened in a mail program.", then=(DELIVERED, Then(12, "opened"))),
    Mail("click", "Delivered, opened, and its first link followed.", then=(DELIVERED, Then(12, "opened"), Then(18, "clicked"))),
    Mail("scan", "Delivered, and a scanner loads all there is in it before anybody looks.", then=(DELIVERED, Then(8, "scanned"))),
    Mail("silent", "Taken, and nothing is ever heard of it."),
    Mail("slow", "Taken after three seconds, and delivered half a minute later.", seconds=3, then=(Then(30, "delivered"),)),
    Mail("", "Taken, and delivered after a few seconds.", then=(DELIVERED,)),
)  # fmt: skip

ARRIVES = (Update(1, "sent"), Update(4, "delivered"))
TEXTS = (
    Text("07", "Taken and delivered. On WhatsApp it is read as well.", then=(*ARRIVES, Update(12, "read"))),
    Text("08", "Taken, and comes back after ten seconds: the number is not in use.", then=(Update(1, "sent"), Update(10, "undelivered", 30005))),
    Text("09", "Taken, and nothing is ever heard of it."),
    Text("0", "Taken and delivered.", then=ARRIVES),
    Text("1", "Refused: no such number.", 21211, "The 'To' number is not a valid phone number."),
    Text("2", "Refused: a landline.", 21614, "'To' number is not a valid mobile number"),
    Text("3", "Out of reach twice, then taken.", 30003, "Unreachable destination handset", times=2, then=ARRIVES),
    Text("4", "Refused: has replied STOP.", 21610, "Attempt to send to unsubscribed recipient"),
    Text("5", "Refused as spam by the network.", 30007, "Message filtered"),
    Text("6", "Too fast twice, then taken.", 20429, "Too Many Requests", http=429, times=2, then=ARRIVES),
    Text("7", "Taken, and the line breaks without an answer: unconfirmed.", breaks=True),
    Text("8", "Refused: out of use; on WhatsApp: is not on it.", 30005, "Unknown destination handset", on_whatsapp=63024),
    Text("99", "Taken after three seconds and delivered.", seconds=3, then=ARRIVES),
    Text("", "Taken and delivered.", then=ARRIVES),
)  # fmt: skip

PUSHES = (
    Push(
        "gone", "The browser has stopped taking them. It is forgotten.", 410, "The subscription has expired."
    ),
    Push("large", "Refused as too long.", 413),
    Push("busy", "Put off: too fast.", 429),
    Push("away", "Put off: the push service is away.", 503),
    Push("drop", "Taken, and the line breaks without an answer: unconfirmed.", breaks=True),
    Push("", "Taken, and shown on the simulator’s inbox page."),
)

LETTERS = (
    Letter("refused", "Refused: not a letter that they post.", 422, "The address is not in a country that we post to."),
    Letter("large", "Refused as too large.", 413, "More than 100 sheets."),
    Letter("poor", "Put off: the account has no credit left.", 402, "No credit."),
    Letter("busy", "Put off: too fast.", 429, "Slow down."),
    Letter("away", "Put off: the provider is away.", 503, "Back soon."),
    Letter("drop", "Taken, and the line breaks without an answer: unconfirmed.", breaks=True),
    Letter("slow", "Taken after three seconds, printed and posted.", seconds=3),
    Letter("returned", "Posted, and returned after half a minute.", fate=((0, "accepted"), (10, "printed"), (20, "posted"), (30, "returned"))),
    Letter("lost", "Taken, and never printed.", fate=((0, "accepted"), (10, "failed"))),
    Letter("", "Taken, printed and posted within half a minute."),
)  # fmt: skip


SHOWN: tuple[tuple[str, Sequence[Row], str, str], ...] = (
    ("email", MAIL, f"{{}}…@{DOMAIN}", f"any other at {DOMAIN}"),
    ("sms", TEXTS, "07700 900{}", "any other number"),
    ("whatsapp", TEXTS, "07700 900{}", "any other number"),
    ("push", PUSHES, "a browser called {}…", "any other browser"),
    ("hybrid", LETTERS, "a line that begins with “{}”", "any other address"),
)


def shown() -> dict[str, list[tuple[str, str]]]:
    """List for each channel the addresses and what each does, in words."""
    return {
        channel: [
            (form.format(_places(channel, row.begins)) if row.begins else other, row.does) for row in table
        ]
        for channel, table, form, other in SHOWN
    }


def _places(channel: str, begins: str) -> str:
    if channel in ("sms", "whatsapp"):
        return begins.ljust(3, "x")
    return begins.capitalize() if channel == "hybrid" else begins


def mail_to(address: str) -> Mail | None:
    """Give what a mail to an address meets: its local part up to any + chooses. None at other domains."""
    local, _, domain = address.lower().rpartition("@")
    return _first(MAIL, local.partition("+")[0]) if domain == DOMAIN else None


def text_to(number: str) -> Text:
    """Give what a text to a number (E.164, whatsapp: before it or not) meets."""
    plain = number.removeprefix("whatsapp:")
    magic = len(plain) == len(PHONES) + 3 and plain.startswith(PHONES)
    return _first(TEXTS, plain[len(PHONES) :] if magic else "")


def push_to(browser: str) -> Push:
    """Give what a push message to the simulated browser of that name meets."""
    return _first(PUSHES, browser)


def letter_to(address: str) -> Letter:
    """Give what a letter meets: a line of its address (between line breaks or commas) chooses by its first word."""
    lines = address.lower().replace("\n", ",").split(",")
    words = [line.split()[0] for line in lines if line.split()]
    return next((row for row in LETTERS if row.begins in words), LETTERS[-1])


def _first(table: Iterable[Found], chosen: str) -> Found:
    return next(row for row in table if chosen.startswith(row.begins))
