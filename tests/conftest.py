"""Tests run on clones of a migrated template database, as the application's own role.

A clone takes a tenth of a second and is dropped afterwards: nothing is ever flushed, for the guard
would refuse it, and there is no switch to turn the guard off.
"""

import gc
import hashlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django_scopes import scope

from contacts.models import Contact, Occupancy
from portfolio.models import Block, Membership, Organisation, Unit, User

ROOT = Path(__file__).resolve().parent.parent
# Each test process has a cache of its own, and so have the processes that it starts: one empties it while another counts.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["REDIS_URL"] = (
        urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{10 + int(worker[2:]) % 6}").geturl()
    )
    settings.CACHES["default"]["LOCATION"] = os.environ["REDIS_URL"]


def url_of(name: str, role: str = "OWNER_DATABASE_URL") -> str:
    """Give the address of a database by name, for the role whose variable is named."""
    return urlunsplit(urlsplit(os.environ[role])._replace(path=f"/{name}"))


def as_owner(name: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(url_of(name), autocommit=True)


def clone(template: str, name: str) -> None:
    with as_owner() as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        owner.execute(f'REVOKE TEMPORARY, CREATE ON DATABASE "{name}" FROM PUBLIC')


def drop(name: str) -> None:
    gc.collect()  # an answer that was never read holds its connection until then
    with as_owner() as owner:
        for _ in range(10):
            try:
                # Without FORCE it waits for sessions that are just ending; with it, it may not end another role's.
                owner.execute(f'DROP DATABASE IF EXISTS "{name}"')
                return
            except psycopg.errors.ObjectInUse:
                time.sleep(1)
        raise RuntimeError(f"Somebody still uses {name}.")


@pytest.fixture(scope="session")
def template_database() -> str:
    """Migrate a database once for each state of the migrations, and keep it."""
    files = sorted(
        [*ROOT.glob("*/migrations/*.py"), ROOT / "portfolio/guard.py", ROOT / "portfolio/permanent.py"]
    )
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    name = f"template_{digest}"
    with as_owner() as owner:
        owner.execute("SELECT pg_advisory_lock(20261121)")  # several test processes start at once
        if not owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            making = f"{name}_making"
            owner.execute(f"DROP DATABASE IF EXISTS {making} WITH (FORCE)")
            owner.execute(f"CREATE DATABASE {making}")
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity=0"],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": url_of(making)},
                check=True,
            )
            owner.execute(f"ALTER DATABASE {making} RENAME TO {name}")
    return name


def _point_at(name: str) -> str:
    """Lead Django's connection to another database; give the name of the one it had."""
    connection.close()
    had = connections.settings["default"]["NAME"]
    connections.settings["default"]["NAME"] = connection.settings_dict["NAME"] = name
    return had


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, django_db_blocker) -> Iterator[None]:
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    clone(template_database, name)
    with django_db_blocker.unblock():
        had = _point_at(name)
    yield
    with django_db_blocker.unblock():
        _point_at(had)
    drop(name)


@pytest.fixture
def committed(template_database: str, django_db_setup, django_db_blocker) -> Iterator[str]:
    """A database of the test's own in which everything is really committed; gives its name."""
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    clone(template_database, name)
    with django_db_blocker.unblock():
        had = _point_at(name)
        yield name
        _point_at(had)
    drop(name)


@dataclass
class Cast:
    """Who plays in the tests: one organisation with its people and one block, and a stranger."""

    organisation: Organisation
    other: Organisation
    alice: User  # manager
    sam: User  # staff
    audrey: User  # auditor
    adam: User  # admin
    mallory: User  # manager of another organisation
    block: Block
    units: list[Unit] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    theirs: Block | None = None


def _organisation(name: str, slug: str) -> Organisation:
    return Organisation.objects.create(
        name=name,
        slug=slug,
        sender_name=name,
        sender_email=f"office@{slug}.example",
        phone="0113 496 0100",
        address="4 Mill Lane\nLeeds\nLS1 4AB",
        reference_urls={"invoice": "https://accounts.example/invoices/{reference}"},
    )


def _user(organisation: Organisation, name: str, role: str) -> User:
    user = User.objects.create(
        email=f"{name.split()[0].lower()}@{organisation.slug}.example", name=name, password="!"
    )
    Membership.objects.create(organisation=organisation, user=user, role=role)
    return user


def _block(organisation: Organisation, name: str, flats: int) -> tuple[Block, list[Unit], list[Contact]]:
    with scope(organisation=organisation):
        block = Block.objects.create(
            organisation=organisation, name=name, address="1 Acacia Road", town="Leeds", postcode="LS6 4QB"
        )
        units = Unit.objects.bulk_create(
            Unit(organisation=organisation, block=block, name=f"Flat {n}", position=n)
            for n in range(1, flats + 1)
        )
        contacts = Contact.objects.bulk_create(
            Contact(
                organisation=organisation,
                title="Ms",
                first_name=f"Person{n}",
                last_name=f"Of{organisation.slug.title()}",
                name=f"Person{n} Of{organisation.slug.title()}",
                email=f"person{n}@simulator.example",
            )
            for n in range(1, flats + 1)
        )
        Occupancy.objects.bulk_create(
            Occupancy(organisation=organisation, unit=unit, contact=contact, is_primary=True)
            for unit, contact in zip(units, contacts, strict=True)
        )
    return block, units, contacts


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """Bring the cast into the database of the test: its committed clone, if it has one."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")
    ours, other = _organisation("Larch Management", "larch"), _organisation("Harbour & Vale", "harbour")
    block, units, contacts = _block(ours, "Acacia Court", 3)
    return Cast(
        organisation=ours,
        other=other,
        alice=_user(ours, "Alice Marsh", Membership.Role.MANAGER),
        sam=_user(ours, "Sam Ellery", Membership.Role.STAFF),
        audrey=_user(ours, "Audrey Quinn", Membership.Role.AUDITOR),
        adam=_user(ours, "Adam Frost", Membership.Role.ADMIN),
        mallory=_user(other, "Mallory Pike", Membership.Role.MANAGER),
        block=block,
        units=units,
        contacts=contacts,
        theirs=_block(other, "Quay House", 2)[0],
    )


@pytest.fixture(autouse=True)
def exports_apart(settings, tmp_path_factory) -> None:
    """Keep the files that a test has made out of the store of `make run`."""
    folder = tmp_path_factory.getbasetemp() / "exports"
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"exports": {"BACKEND": backend, "OPTIONS": {"location": folder}}}


@pytest.fixture
def inside(cast: Cast) -> Iterator[Cast]:
    """The cast, with the test's own queries inside their organisation."""
    with scope(organisation=cast.organisation):
        yield cast


@pytest.fixture
def client_of(cast: Cast) -> Callable[[User], Client]:
    """Give a browser in which a person has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return sign_in
