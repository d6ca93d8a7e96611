import datetime
import hashlib
import io
import zipfile
import zlib

import pytest
from django.utils import timezone

from comms.ledger import keys, sealer
from comms.models import Checkpoint, Content, OutsideCopy, Proof, Receipt, Ticket
from comms.pack import making, scope
from comms.record import entries, events, tickets
from tests.ledger.conftest import sealing_key  # noqa: F401 (a fixture)
from tests.ledger.test_leaf import entry_of
from tests.witness.authority import Authority

ALL = {"sent": ["all"]}


def post(cast, title, *parts, **facts):
    """Write a message whose exact bytes are made of parts: shared ones as bytes, its own as a bytearray."""
    own, layout, whole = b"", [], b""
    for part in parts:
        whole += part
        if isinstance(part, bytearray):
            own, layout = own + part, [*layout, len(part)]
        else:
            layout = [*layout, Content.keep(cast.organisation, part).sha256]
    facts = {"sha256": hashlib.sha256(whole).hexdigest(), "size": len(whole), **facts}
    return entries.write([entry_of(cast, title=title, layout=layout, personal=zlib.compress(own), **facts)])[
        0
    ]


def tell(cast):
    """A story with everything in it: a mail with a file that bounced, a ticket, a copy, a correction, a withheld link."""
    start = timezone.now() - datetime.timedelta(days=2)

    def at(hours):
        return start + datetime.timedelta(hours=hours)

    pdf = Content.keep(cast.organisation, b"%PDF-1.7 the accounts")
    file = {"name": "Accounts.pdf", "media_type": "application/pdf", "size": pdf.size, "sha256": pdf.sha256}
    mail = post(
        cast,
        "Your arrears",
        bytearray(b"To: Ann\r\nSubject: Your arrears\r\n\r\n"),
        b"You owe 500 pounds.\r\n" * 9,
        attachments=[file],
        happened_at=at(0),
    )
    receipt = Receipt.objects.create(
        organisation=cast.organisation,
        source="postmark",
        headers={"X-Signature": "abc", "Content-Type": "application/json"},
        body=b'{"RecordType": "Bounce"}',
        key="1",
    )
    events.append(mail, "attempted", happened_at=at(0), source="smtp", attempt=1)
    events.append(mail, "sent", happened_at=at(0), source="smtp", reply="250 ok", attempt=1)
    events.append(
        mail, "bounced", happened_at=at(1), source="postmark", reply="550 no", receipt=receipt, bounce="hard"
    )
    ticket = Ticket.objects.create(organisation=cast.organisation, title="Came back", entry=mail)
    tickets.close(ticket, cast.alice, outcome="posted", words="Posted on Friday")
    letter = post(
        cast, "Notice on the door", b"<p>Notice</p>", channel="hand", manual=True, happened_at=at(2)
    )
    events.append(letter, "delivered", happened_at=at(2), source="person", actor=cast.alice)
    photo = Content.keep(cast.organisation, b"\x89PNG photo")
    Proof.objects.create(
        organisation=cast.organisation,
        event=letter.events.get(kind="delivered"),
        content=photo,
        name="door.png",
        media_type="image/png",
    )
    post(
        cast,
        "With a link",
        bytearray(b"Hello "),
        b"shared",
        bytearray(b" withheld--"),
        withheld=True,
        sha256="0" * 64,
        happened_at=at(3),
    )
    post(cast, "It was 50 pounds", bytearray(b"Sorry"), corrects=mail, manual=True, happened_at=at(4))
    return mail


def seal():
    for _ in range(3):
        sealer.run()


def zipped(cast, filters=None, now=None):
    """Make a pack; give its bytes."""
    at = now or timezone.now()
    file = io.BytesIO()
    making.make(file, cast.organisation, scope.of(cast.organisation, filters or ALL, at), at)
    return file.getvalue()


def files_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as zip_:
        return {name: zip_.read(name) for name in zip_.namelist()}


def copied(cast, kind, target, at, evidence=b""):
    """Note that the newest head is outside."""
    head = Checkpoint.objects.order_by("-number").first()
    return OutsideCopy.objects.create(
        organisation=cast.organisation, checkpoint=head, kind=kind, target=target, at=at, evidence=evidence
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("time") / "authority")


@pytest.fixture
def told(inside, sealing_key, authority, settings):  # noqa: F811
    """The record of the story, sealed: most of it under a head that was stamped, the rest under one that was mailed."""
    settings.TIMESTAMP_CA = authority.certificates
    inside.mail = tell(inside)
    seal()
    now = timezone.now()
    stamp = authority.stamped(Checkpoint.objects.order_by("-number").first().note.encode())
    copied(inside, "timestamp", "https://time.example/tsr", now + datetime.timedelta(minutes=3), stamp)
    at = now - datetime.timedelta(days=1)
    entries.write([entry_of(inside, title="Rang Ann", channel="phone", manual=True, happened_at=at)])
    seal()
    copied(inside, "mail", "keeper@out.example", now + datetime.timedelta(minutes=9))
    return inside


_KEPT: dict[str, object] = {}


@pytest.fixture
def made(request):
    """The files of one pack of the whole story, made once: those who alter it alter a copy."""
    if not _KEPT:
        cast = request.getfixturevalue("told")
        _KEPT["zip"] = zipped(cast)
        _KEPT["files"] = files_of(_KEPT["zip"])
        _KEPT["key"] = keys.load()[0]
    return dict(_KEPT["files"])


@pytest.fixture
def made_zip(made):
    return _KEPT["zip"]


def signing_key():
    """Give the key that the pack of the story is signed with."""
    return _KEPT["key"]
