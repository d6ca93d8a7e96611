"""What a refusal by Twilio means for the message: its documented codes, and our words for them.

https://www.twilio.com/docs/api/errors: those that sending a message or its receipt can bring. Some are about
us (the account, the sender, a setting): everybody's message would meet them, so they wait until an admin has
put it right. Some are about the number or the words: trying again would change nothing.
"""

from typing import NamedTuple

from comms.channels import wire
from comms.channels.base import Bounce, Kind, Outcome


class Meaning(NamedTuple):
    kind: Kind
    reason: str
    bounce: Bounce = ""
    no_line: bool = False

    @property
    def permanent(self) -> bool:
        """Whether trying again would change nothing."""
        return self.kind != "deferred"


def _ours(reason: str) -> Meaning:
    return Meaning("deferred", reason, no_line=True)


def _number(reason: str) -> Meaning:
    return Meaning("bounced", reason, "hard")


def _spam(reason: str) -> Meaning:
    return Meaning("bounced", reason, "spam")


def _later(reason: str) -> Meaning:
    return Meaning("deferred", reason)


def _never(reason: str) -> Meaning:
    return Meaning("failed", reason)


ACCOUNT = "Our account with the provider is closed, suspended or may not send. An admin can ask the provider."
SENDER = "Our settings name a sender that may not send. An admin can choose another."
UNDERSTOOD = "The provider did not understand our request. Whoever runs Blockpost can see its words here."
# fmt: off
GROUPS: tuple[tuple[Meaning, tuple[int, ...]], ...] = (
    # About us.
    (_ours(wire.CREDENTIALS), (
        20003, 20008, 20101, 20102, 20103, 20104, 20105, 20106, 20107, 20151, 20152, 20153, 20154, 20155, 20156,
        20157, 20159, 20160)),
    (_ours(ACCOUNT), (20005, 20006, 20010, 20403, 30002, 30037)),
    (_ours("Our settings name an account or a sender that the provider does not know. An admin can put it right."),
        (20404, 21701, 21705, 30124, 30127)),
    (_ours("Our connection with the provider is not as safe as it asks. Whoever runs Blockpost can put it right."),
        (20011, 20012, 20426)),
    (_ours("Our account with the provider is on trial and reaches only numbers that were confirmed there."),
        (21210, 21219, 21264, 21267, 21607, 21608, 14111)),
    (_ours("Our settings name no sender. An admin can choose one."), (21603, 21703, 21704, 21708)),
    (_ours(SENDER), (
        14102, 14108, 21212, 21213, 21407, 21601, 21616, 21657, 21659, 21660, 21661, 21702, 21709, 21711, 21712,
        21713, 21715, 30035)),
    (_ours("The address for receipts in our settings cannot be used. An admin can put it right."),
        (14105, 21205, 21218, 21402, 21420, 21609, 21626)),
    (_ours("The provider takes no more from us for now: too much is waiting there already."),
        (14107, 20429, 21611, 30022, 30023, 30027, 63017, 63018, 63038)),
    # About the number.
    (_number("No phone has this number."), (14101, 21211, 21214, 21217, 21401, 21421, 30005, 30014)),
    (_number("This is a landline, or a number that takes no texts."), (21614, 21635, 30006)),
    (_number("Texts cannot go to short or premium numbers."), (21202, 21265, 21268)),
    (_never("This is our own sender's number."), (21266, 63031)),
    (_never("They replied STOP to our texts. They get them again once they reply START."), (21610,)),
    (_never("Texts to this country are switched off in our account with the provider."), (21203, 21215, 21408)),
    (_never("A text from our sender cannot reach this number. Choose another channel for them."),
        (21606, 21612, 30018, 30024, 30032, 30033, 30034)),
    (_never("The recipient or their network blocks messages from us."), (21216, 30004, 63014, 63033)),
    (_never("There is no number to send to."), (21604, 21201)),
    (_later("The phone is switched off or out of reach."), (30003,)),
    # About the words.
    (_never("There are no words in it."), (14103, 21602, 21619)),
    (_never("It is too long. Shorten it."), (21605, 21617, 21652, 21658, 30019)),
    (_never("The provider cannot send these words."), (21618,)),
    (_spam("It was refused as spam."), (30007, 30450, 63026, 63039)),
    (_never("A file that goes with it cannot be sent on this channel."),
        (21620, 21621, 21622, 21623, 30011, 63019, 63025, 63034, 63037)),
    # About the moment.
    (_later("The phone network is overloaded or has a fault."), (30001, 30008, 30017, 30020, 30021, 30410)),
    (_later(wire.AWAY), (20162, 20409, 20500, 21730)),
    (_never("It waited too long with the provider and was not sent."), (30036,)),
    (_never("It would cost more than we allow for one message."), (30010,)),
    (_never(UNDERSTOOD), (
        14104, 20001, 20004, 20410, 20413, 20422, 20423, 21209, 21624, 21627, 21653, 30012, 30013, 30015, 30016,
        30028, 30029, 30030, 30031, 30045, 30400, 30404, 63011, 63030)),
    # WhatsApp and its kin.
    (_ours("WhatsApp does not know our sender, or has closed or locked its account. An admin can put it right."),
        (63001, 63002, 63007, 63008, 63020, 63022, 63051, 63062)),
    (_number("This number is not on WhatsApp."), (63003, 63024)),
    (_never("WhatsApp takes free words only within a day after they wrote to us. Use an approved template."), (63016,)),
    (_never("WhatsApp does not know the template in our settings, or not in this language."),
        (21654, 21655, 63027, 63029)),
    (_never("The template's places and the words for them do not match."), (21656, 63028)),
    (_never("WhatsApp has refused, paused or switched off the template. Choose another or have it approved again."),
        (63040, 63041, 63042)),
    (_never("WhatsApp does not take words or files of this form."), (63005, 63006, 63021)),
    (_never("WhatsApp held it back as advertising. Have the template approved again as a service message."), (63049,)),
    (_spam("It goes against a rule of WhatsApp."), (63013,)),
    (_never("Our WhatsApp sender is one for trials and reaches only those who have joined it."), (63015,)),
    (_never("WhatsApp does not let us write to this person."), (63032,)),
    (_never("Their phone does not take messages of this kind."), (63035, 63036)),
    (_later("WhatsApp has a fault and takes nothing for now."), (63009, 63010, 63012, 63023)),
)
# fmt: on
MEANINGS: dict[int, Meaning] = {code: meaning for meaning, codes in GROUPS for code in codes}


def refusal(status: int, code: int | None, words: str) -> Outcome:
    """Say what a refusal means: by its code, or where we do not know that, by the status of the answer."""
    meaning = MEANINGS.get(code or 0)
    said = f"{code} {words}" if code else words
    if meaning is None:
        return wire.by_status(status, said)
    reply = f"{status} {said}"[: wire.LONGEST_REPLY]
    return Outcome(meaning.kind, meaning.reason, reply, meaning.bounce, meaning.no_line)
