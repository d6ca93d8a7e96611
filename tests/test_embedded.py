"""The embedded servers, in a folder of their own so that the ones of the tests stay up."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOOK = """
import os, psycopg, redis
redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
for role in ("DATABASE_URL", "OWNER_DATABASE_URL"):
    with psycopg.connect(os.environ[role]) as connection:
        print(*connection.execute('''
            SELECT current_user, rolsuper, rolcreatedb, has_schema_privilege('public', 'CREATE'),
                   has_database_privilege(current_database(), 'TEMPORARY'), current_setting('fsync')
            FROM pg_roles WHERE rolname = current_user''').fetchone())
"""
ROLES = "blockpost_app False False False False on\nblockpost_owner False True True True on\n"


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    # Not under tmp_path: the wheel opens every folder above its data to all.
    folder = tempfile.mkdtemp(prefix="blockpost-test-", dir="/var/tmp")
    outer = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    yield outer | {"EMBEDDED_DIR": folder}
    shutil.rmtree(folder)


def start(environment: dict[str, str], *command: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "config.embedded", "--", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_makes_two_roles_of_which_neither_is_superuser(environment):
    assert start(environment, sys.executable, "-c", LOOK).communicate(timeout=60)[0] == ROLES


def test_many_may_use_them_and_the_last_one_stops_them(environment):
    users = [start(environment, sys.executable, "-c", LOOK) for _ in range(3)]

    assert [user.communicate(timeout=60)[0] for user in users] == [ROLES] * 3
    assert not (Path(environment["EMBEDDED_DIR"]) / "postgres/postmaster.pid").exists()
    assert not (Path(environment["EMBEDDED_DIR"]) / "valkey.port").exists()


def test_takes_up_again_what_a_killed_process_left_behind(environment):
    left = start(environment, sys.executable, "-c", "print('up', flush=True); input()")
    assert left.stdout.readline() == "up\n"
    left.kill()
    left.wait()

    assert start(environment, sys.executable, "-c", LOOK).communicate(timeout=60)[0] == ROLES
    assert not (Path(environment["EMBEDDED_DIR"]) / "postgres/postmaster.pid").exists()


def test_starts_again_after_the_machine_went_down(environment):
    with start(environment, sys.executable, "-c", "print('up', flush=True); input()") as left:
        assert left.stdout.readline() == "up\n"
        pid = int((Path(environment["EMBEDDED_DIR"]) / "postgres/postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        left.kill()
    time.sleep(0.5)  # its children notice

    assert start(environment, sys.executable, "-c", LOOK).communicate(timeout=60)[0] == ROLES


def test_leaves_alone_what_the_environment_names(environment):
    named = environment | {"DATABASE_URL": "postgresql://elsewhere", "REDIS_URL": "redis://elsewhere"}
    show = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"

    assert start(named, sys.executable, "-c", show).communicate()[0] == (
        "postgresql://elsewhere redis://elsewhere\n"
    )
    assert not list(Path(environment["EMBEDDED_DIR"]).iterdir())


def test_ends_as_its_command_ends(environment):
    environment |= {"DATABASE_URL": "postgresql://elsewhere", "REDIS_URL": "redis://elsewhere"}

    assert start(environment, sys.executable, "-c", "raise SystemExit(3)").wait() == 3
    assert start(environment, "sh", "-c", "kill -TERM $$").wait() == 128 + signal.SIGTERM
