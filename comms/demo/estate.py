"""Who manages what and who lives where: organisations, users, blocks, flats and people."""

import datetime
import random
import re
import unicodedata
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress

from comms.demo import names
from contacts.models import Contact, ContactRelation, Occupancy
from portfolio.models import Block, Membership, Organisation, Unit, User

PASSWORD = "blockpost-demo"  # noqa: S105 (it opens nothing but the demo)
DOMAIN = "simulator.example"  # the simulator delivers nothing, and answers by the address
Role = Occupancy.Role

# (name, reference, address, postcode, flats)
BLOCKS = (
    ("Acacia Court", "AC", "12 Otley Road", "LS6 4QB", 40),
    ("Bramley House", "BH", "3 Town Street", "LS13 2EP", 32),
    ("Chestnut Mews", "CM", "58 Harrogate Road", "LS7 4LA", 18),
)
JOINT, COMPANY_FLATS, SECOND_HOMES, SOLD = 14, 14, 10, 9


@dataclass
class Estate:
    """What has been made so far."""

    organisation: Organisation
    people: dict[str, User] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)


def organisation(name: str, slug: str, town: str, phone: str, address: str) -> Organisation:
    return Organisation.objects.create(
        name=name,
        slug=slug,
        sender_name=name,
        sender_email=f"office@{slug}.example",
        reply_to=f"office@{slug}.example",
        phone=phone,
        address=address,
        channels=["email", "post", "hybrid", "sms", "whatsapp", "push", "portal"],
        portal_in_mail=True,
        letter_foot="Registered in England and Wales. Regulated by the Property Institute.",
        reference_urls={
            "invoice": "https://accounts.demo.example/invoices/{reference}",
            "booking": "https://bookings.demo.example/{reference}",
        },
    )


def user(organisation: Organisation, email: str, name: str, role: str) -> User:
    made = User.objects.create_user(email, PASSWORD, name=name, is_staff=role == Membership.Role.ADMIN)
    EmailAddress.objects.create(user=made, email=email, verified=True, primary=True)
    Membership.objects.create(organisation=organisation, user=made, role=role)
    return made


def build(estate: Estate, today: datetime.date, chance: random.Random) -> None:
    """Fill the first organisation: three blocks, ninety flats, a hundred and thirty people and companies."""
    _blocks(estate)
    _contacts(estate, chance)
    _let_and_sell(estate, today, chance)
    ContactRelation.objects.bulk_create(
        ContactRelation(
            organisation=estate.organisation,
            contact=estate.contacts[who],
            acts_for=estate.contacts[whom],
            kind=kind,
        )
        for who, kind, whom in names.RELATIONS
    )


def block(
    organisation: Organisation, name: str, reference: str, address: str, town: str, postcode: str, flats: int
) -> tuple[Block, list[Unit]]:
    made = Block.objects.create(
        organisation=organisation,
        name=name,
        reference=reference,
        address=address,
        town=town,
        postcode=postcode,
    )
    return made, Unit.objects.bulk_create(
        Unit(
            organisation=organisation,
            block=made,
            name=f"{'House' if reference == 'CM' and n <= 10 else 'Flat'} {n}",
            reference=f"{reference}-{n:03}",
            position=n,
        )
        for n in range(1, flats + 1)
    )


def _blocks(estate: Estate) -> None:
    for name, reference, address, postcode, flats in BLOCKS:
        made, units = block(estate.organisation, name, reference, address, "Leeds", postcode, flats)
        estate.blocks.append(made)
        estate.units.extend(units)


def _contacts(estate: Estate, chance: random.Random) -> None:
    phones = chance.sample(names.PLAIN, len(names.people()))
    made = [
        person(
            estate.organisation,
            title,
            first,
            last,
            f"+447700900{names.ODD_PHONES.get(f'{first} {last}', number):03}",
        )
        for (title, first, last), number in zip(names.people(), phones, strict=False)
    ]
    for contact in chance.sample([one for one in made if one.name not in names.ODD_PHONES], 7):
        contact.phone = ""
    for number, name in enumerate(names.COMPANIES):
        made.append(
            Contact(
                organisation=estate.organisation,
                kind=Contact.Kind.COMPANY,
                name=name,
                email=f"office.{_ascii(name.rsplit(' ', 1)[0])}@{DOMAIN}",
                phone=f"+44113496{100 + number:04}",
                address=f"{number + 3} Wellington Street\nLeeds\nLS1 4DL",
                notes="Statements to the accounts team, please." if number % 3 == 0 else "",
            )
        )
    estate.contacts = {contact.name: contact for contact in Contact.objects.bulk_create(made)}


def person(organisation: Organisation, title: str, first: str, last: str, phone: str) -> Contact:
    name = f"{first} {last}"
    trouble = f"{names.TROUBLED[name]}." if name in names.TROUBLED else ""
    elderly = name in names.WITHOUT_EMAIL
    return Contact(
        organisation=organisation,
        title=title,
        first_name=first,
        last_name=last,
        name=name,
        whatsapp_opt_in=bool(phone) and not elderly,
        email="" if elderly else f"{trouble}{_ascii(name)}@{DOMAIN}",
        phone=phone,
        notes="Prefers letters. Hard of hearing." if elderly and title == "Mrs" else "",
    )


def _let_and_sell(estate: Estate, today: datetime.date, chance: random.Random) -> None:
    """Give each flat its leaseholders: households, joint owners, companies and landlords with their tenants."""
    acting = {who for who, _, _ in names.RELATIONS}
    persons = [c for c in estate.contacts.values() if c.kind == Contact.Kind.PERSON and c.name not in acting]
    companies = [estate.contacts[name] for name in names.COMPANIES if name not in acting]
    wanted = [estate.contacts[whom] for _, _, whom in names.RELATIONS]
    pairs = _pairs(persons)[:JOINT]
    paired = {contact.pk for pair in pairs for contact in pair}
    others = [c for c in persons if c.pk not in paired]
    others.sort(key=lambda c: c not in wanted and c.name not in names.TROUBLED)
    households = [*pairs, *([c] for c in others)]

    units = list(estate.units)
    at_acacia = [unit for unit in units if unit.block_id == estate.blocks[0].pk]
    first = next(unit for unit in at_acacia if unit.name == "Flat 12")
    at_acacia.remove(first)
    troubled = [c for c in others if c.name in names.TROUBLED]
    rest = [unit for unit in units if unit is not first and unit not in at_acacia[: len(troubled)]]
    chance.shuffle(rest)
    owned = len(units) - COMPANY_FLATS - SECOND_HOMES
    owners, spare = households[:owned], [c for group in households[owned:] for c in group]
    homes = [first, *at_acacia[: len(troubled)], *rest]
    # Margaret Okafor lives in Flat 12; those whose mail has a story live at Acacia Court.
    owners.sort(key=lambda group: (group[0].name != "Margaret Okafor", group[0].name not in names.TROUBLED))
    landlords = [*([company] for company in companies for _ in range(2)), *owners[20 : 20 + SECOND_HOMES]]
    for group in owners[20 : 20 + SECOND_HOMES]:
        group[0].address = chance.choice(names.ELSEWHERE)
    Contact.objects.bulk_update([group[0] for group in owners[20 : 20 + SECOND_HOMES]], ["address"])
    sold, tenants = spare[:SOLD], spare[SOLD:]
    held: list[Occupancy] = []
    for number, (unit, group) in enumerate(zip(homes, [*owners, *landlords], strict=True)):
        since = today - datetime.timedelta(days=chance.randint(800, 9000))
        if 40 <= number < 40 + len(sold):
            last_day = today - datetime.timedelta(days=chance.randint(60, 600))
            held.append(_part(unit, sold[number - 40], Role.LEASEHOLDER, since, last_day))
            since = last_day + datetime.timedelta(days=1)
        held.extend(
            _part(unit, contact, Role.LEASEHOLDER, since, primary=not place)
            for place, contact in enumerate(group)
        )
        if number >= owned and tenants:
            moved_in = today - datetime.timedelta(days=chance.randint(30, 700))
            held.append(_part(unit, tenants.pop(0), Role.TENANT, max(since, moved_in)))
    held.extend(
        _part(unit, contact, Role.OCCUPIER, today - datetime.timedelta(days=chance.randint(30, 700)))
        for contact, unit in zip(tenants, homes[45:], strict=False)
    )
    Occupancy.objects.bulk_create(held)


def _part(
    unit: Unit,
    contact: Contact,
    role: str,
    since: datetime.date,
    until: datetime.date | None = None,
    primary: bool = False,
) -> Occupancy:
    return Occupancy(
        organisation_id=unit.organisation_id,
        unit=unit,
        contact=contact,
        role=role,
        since=since,
        until=until,
        is_primary=primary,
    )


def _pairs(people: list[Contact]) -> list[list[Contact]]:
    """Find the couples: neighbours in the list with one surname."""
    found, skip = [], False
    for one, other in zip(people, people[1:], strict=False):
        if not skip and one.last_name[:5] == other.last_name[:5]:
            found.append([one, other])
            skip = True
        else:
            skip = False
    return found


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]+", ".", plain.replace("'", "")).strip(".")
