"""Many connections from one thread, cheap enough not to be what is measured: forms sent and answers timed."""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass
class Told:
    """What came back: seconds for each answer by its status, the seconds of the whole, and the first refusals."""

    waits: dict[int, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    answered: set = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)

    def rate(self, status: int) -> float:
        """Answers with this status a second."""
        return len(self.waits.get(status, ())) / self.seconds

    def at(self, status: int, share: float) -> float:
        """The wait in milliseconds that this share of the answers did not exceed."""
        waits = sorted(self.waits.get(status, [0.0]))
        return 1000 * waits[min(len(waits) - 1, int(share * len(waits)))]


def form(path: str, session: str, token: str, body: str, port: int) -> bytes:
    """One request as a browser sends it."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Cookie: sessionid={session}; csrftoken={token}\r\nX-CSRFToken: {token}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def send(port: int, asked: Iterable[tuple[object, Callable[[], bytes]]], *, lines: int = 64) -> Told:
    """Send each request once over so many connections kept open; `asked` are (who, what makes the request's bytes)."""
    waiting, told = deque(asked), Told()
    chooser, busy = selectors.DefaultSelector(), {}
    began = time.perf_counter()

    def go(line: socket.socket) -> None:
        who, make = waiting.popleft()
        busy[line] = (who, time.perf_counter(), b"")
        line.sendall(make())

    for _n in range(min(lines, len(waiting))):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(line, selectors.EVENT_READ)
        go(line)
    while busy:
        for key, _events in chooser.select(timeout=60):
            line = key.fileobj
            who, since, had = busy[line]
            part = line.recv(65536)
            if not part:
                raise SystemExit(f"the server closed a connection after {had[:300]!r}")
            had += part
            head, sign, rest = had.partition(b"\r\n\r\n")
            if not sign or not _whole(head.lower(), rest):
                busy[line] = (who, since, had)
                continue
            status = int(had[9:12])
            told.waits.setdefault(status, []).append(time.perf_counter() - since)
            if status == 302:
                told.answered.add(who)
            elif len(told.refusals) < 5:
                told.refusals.append(f"{who}: {had[:600].decode(errors='replace')}")
            if waiting:
                go(line)
            else:
                del busy[line]
                chooser.unregister(line)
                line.close()
    told.seconds = time.perf_counter() - began
    return told


def _whole(head: bytes, rest: bytes) -> bool:
    for row in head.split(b"\r\n")[1:]:
        name, _sign, value = row.partition(b":")
        if name == b"content-length":
            return len(rest) >= int(value)
        if name == b"transfer-encoding":
            return rest.endswith(b"0\r\n\r\n")
    return True
