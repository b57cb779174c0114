"""Receivers on this machine: an HTTP server that answers as told, and a mail server that keeps what it is sent."""

import json
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Http:
    """`.asked`: (path, query, body) of each request. `.status`, `.answer` and `.delay` (seconds) say how it answers."""

    def __init__(self):
        self.asked, self.status, self.answer, self.delay = [], 200, {"errcode": 0, "errmsg": "ok"}, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                split = urlsplit(self.path)
                outer.asked.append((split.path, {k: v[0] for k, v in parse_qs(split.query).items()}, body.decode()))
                time.sleep(outer.delay)
                raw = outer.answer if isinstance(outer.answer, bytes) else json.dumps(outer.answer).encode()
                try:
                    self.send_response(outer.status)
                    self.send_header("Content-Length", str(len(raw)))
                    self.end_headers()
                    self.wfile.write(raw)
                except OSError:  # who asked has gone away
                    pass

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Smtp:
    """Just enough of RFC 5321 for one client; `.kept` are the messages, `.refuse` answers every recipient with 550."""

    def __init__(self):
        self.kept, self.refuse = [], False
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.say("220 here")
                to = ""
                while line := self.rfile.readline():
                    word = line[:4].upper().strip()
                    if word == b"DATA":
                        self.say("354 go on")
                        lines = []
                        while (line := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(line)
                        outer.kept.append((to, b"".join(lines)))
                        self.say("250 kept")
                    elif word == b"RCPT":
                        to = line.decode().strip()
                        self.say("550 no such box" if outer.refuse else "250 ok")
                    elif word == b"QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

            def say(self, text):
                self.wfile.write(f"{text}\r\n".encode())

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
