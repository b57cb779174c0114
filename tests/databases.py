"""The databases of the tests: a SQLite file with the production options, or a private PostgreSQL cluster.

`GONGJIAN_TEST_DB=sqlite|postgres` chooses (default sqlite). The process that starts pytest makes one scratch folder and
tells the xdist workers about it through the environment, so that all of them share one cluster.
"""

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

KIND = os.environ.get("GONGJIAN_TEST_DB", "sqlite")
SCRATCH = "GONGJIAN_TEST_SCRATCH"
PORT = "GONGJIAN_TEST_POSTGRES_PORT"
OWNER = "gongjian"


def choose() -> None:
    """Set the environment that gongjian.config.settings reads; starts nothing."""
    if KIND not in ("sqlite", "postgres"):
        raise SystemExit(f"GONGJIAN_TEST_DB is sqlite or postgres, not {KIND!r}")
    if SCRATCH not in os.environ:
        # /tmp, not TMPDIR: the server of PostgreSQL runs as another user and must be able to walk there.
        os.environ[SCRATCH] = tempfile.mkdtemp(prefix="gongjian-tests-", dir="/tmp")
        os.chmod(os.environ[SCRATCH], 0o755)
        os.environ[PORT] = str(free_port())
        atexit.register(_remove, os.environ[SCRATCH], os.getpid())
    scratch = Path(os.environ[SCRATCH])
    os.environ.setdefault("GONGJIAN_HOME", str(scratch / "home"))
    (scratch / "home" / "static").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("GONGJIAN_SECRET_KEY", "a key for tests that signs nothing of value")
    os.environ.setdefault("GONGJIAN_FIELD_KEY", "a key for tests that hides nothing of value")
    os.environ["GONGJIAN_RELAY"] = "manual"
    if KIND == "postgres":
        os.environ["GONGJIAN_DATABASE"] = f"postgres://{OWNER}@127.0.0.1:{os.environ[PORT]}/postgres"
    else:
        os.environ["GONGJIAN_DATABASE"] = f"sqlite:///{scratch / 'gongjian.sqlite3'}"


def fit(database: dict) -> None:
    """Turn the production description of the database into the tests': a file (never memory), no waiting for disks."""
    test = database.setdefault("TEST", {})
    database["CONN_MAX_AGE"] = 0  # threads of a test end; their connections must too
    if KIND == "sqlite":
        # In memory all threads would share one connection, and no test could see a lock.
        test["NAME"] = str(Path(os.environ[SCRATCH]) / "test.sqlite3")
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    else:
        test["NAME"] = "test_gongjian"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _remove(scratch: str, owner: int) -> None:
    if os.getpid() == owner:  # not in a forked child
        shutil.rmtree(scratch, ignore_errors=True)


class Cluster:
    """A PostgreSQL server of its own, on 127.0.0.1 and a free port, removed by `stop`.

    `durable=True` lets it wait for the disk as production does; tests about crashes ask for that.
    """

    def __init__(self, folder: Path, port: int, *, durable: bool = False) -> None:
        self.folder, self.port, self.durable = folder, port, durable
        self.process: subprocess.Popen | None = None

    def url(self, name: str = "postgres") -> str:
        return f"postgres://{OWNER}@127.0.0.1:{self.port}/{name}"

    def start(self) -> "Cluster":
        """Make the data folder and the server; returns when it answers. Raises RuntimeError with the server's log."""
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, self._user())
        data = self.folder / "data"
        made = subprocess.run(
            self._as_user(
                "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
            ),
            capture_output=True,
            text=True,
            cwd="/",
        )
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr}")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "shared_buffers": "128MB",
            "timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        self.process = subprocess.Popen(
            self._as_user("postgres", "-D", data, *options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("wb"),
            cwd="/",
            start_new_session=True,  # Ctrl-C is for pytest; the server goes when pytest has closed
        )
        deadline = time.monotonic() + 60
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text(errors="replace"))
            ready = subprocess.run(
                [_binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", OWNER], check=False
            )
            if ready.returncode == 0:
                return self
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server at once and remove its data. May be called twice."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": ends open sessions
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(timeout=20)
        self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _user() -> str:
        """PostgreSQL refuses to run as root: Debian's own user for it, or nobody."""
        try:
            return pwd.getpwnam("postgres").pw_name
        except KeyError:
            return "nobody"

    def _as_user(self, program: str, *arguments: object) -> list[str]:
        """The command line that runs a program of PostgreSQL, ended by the kernel should pytest be killed."""
        command = ["setpriv", "--pdeathsig", "INT"]
        if os.geteuid() == 0:
            entry = pwd.getpwnam(self._user())
            command += ["--reuid", str(entry.pw_uid), "--regid", str(entry.pw_gid), "--clear-groups"]
        return [*command, _binary(program), *map(str, arguments)]


def _binary(program: str) -> str:
    """The newest installed PostgreSQL's program. Raises SystemExit when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    if found:
        return str(found[-1])
    on_path = shutil.which(program)
    if on_path:
        return on_path
    raise SystemExit("PostgreSQL is not installed; as root: apt-get install postgresql")


_shared: Cluster | None = None


def start_shared() -> None:
    """Start the cluster of this test session, once, in the process that started pytest."""
    global _shared
    if KIND != "postgres" or "PYTEST_XDIST_WORKER" in os.environ or _shared:
        return
    _shared = Cluster(Path(os.environ[SCRATCH]) / "postgres", int(os.environ[PORT]))
    atexit.register(stop_shared)
    _shared.start()


def stop_shared() -> None:
    """Stop the cluster of this test session, if this process started it."""
    global _shared
    if _shared:
        _shared.stop()
        _shared = None


def let_flush_pass_guards() -> None:
    """Between transactional tests Django empties every table; the triggers that keep facts must look away just then.

    Only tables that hold something are emptied: PostgreSQL takes a second to truncate a hundred empty ones.
    """
    from django.db.backends.postgresql.base import DatabaseOperations as Postgres
    from django.db.backends.sqlite3.base import DatabaseOperations as Sqlite

    def filled(self, tables) -> list[str]:
        asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)
        with self.connection.cursor() as cursor:
            cursor.execute(asked)
            return [row[0] for row in cursor.fetchall()]

    def sqlite_flush(self, sql_list):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            guards = [(name, sql) for name, sql in cursor.fetchall() if sql_list]
            for name, _ in guards:
                cursor.execute(f'DROP TRIGGER "{name}"')
            try:
                plain_flush(self, sql_list)
            finally:
                for _, sql in guards:
                    cursor.execute(sql)

    def sqlite_sql(self, style, tables, **options):
        found = [table for start in range(0, len(tables), 400) for table in filled(self, tables[start : start + 400])]
        return sqlite_plain(self, style, found, **options) if found else []

    def postgres_flush(self, sql_list):
        guarded = [
            "SET LOCAL session_replication_role = replica;",
            *sql_list,
            "SET LOCAL session_replication_role = origin;",
        ]
        plain_flush(self, guarded)

    def postgres_sql(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        if reset_sequences or not tables:
            return postgres_plain(self, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
        return [f'DELETE FROM "{table}";' for table in filled(self, tables)]

    plain_flush, sqlite_plain, postgres_plain = Sqlite.execute_sql_flush, Sqlite.sql_flush, Postgres.sql_flush
    Sqlite.execute_sql_flush, Sqlite.sql_flush = sqlite_flush, sqlite_sql
    Postgres.execute_sql_flush, Postgres.sql_flush = postgres_flush, postgres_sql
