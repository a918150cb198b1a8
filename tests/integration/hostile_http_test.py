#!/usr/bin/env python3
"""A running guard and peers that send what no client should. Whatever they do, the guard lives, and
somebody else's evaluation is answered in time."""
import json
import re
import socket
import time

from harness import BUILD, Process, case, directory, equal, finish, http_request, secret_file, wait_until

TOKEN = "integration-0123456789"
EVALUATE = "/ofrep/v1/evaluate/flags/appointment-colour"
CONFIG = """version: 1
listen: 127.0.0.1:0
token_file: {token}
application_time_out: 250 ms
answer_within: 100 ms
application_keeps_answer: 0 s
application_commits_within: 1 s
clock_error: 0 s
watchdog: 5 s
exposures: {{record: id, at_most: 1000}}
flags:
  - key: appointment-colour
    owner: team-agenda
    build: demo-1
    variants: {{blue: "#1f6feb", green: "#2da44e"}}
    safe: blue
end: readback
"""


class Guard:
    def __init__(self):
        where = directory()
        config = where / "guard.yaml"
        config.write_text(CONFIG.format(token=secret_file(TOKEN, where)))
        self.process = Process(BUILD / "guard" / "guard", "run", config, "--state", where / "state")
        found = wait_until(lambda: re.search(r"listening on 127\.0\.0\.1:(\d+)",
                                             self.process.errors()), "the guard listens")
        self.port = int(found[1])

    def evaluate(self, seconds=2):
        """An honest evaluation; how long it took."""
        begun = time.monotonic()
        reply = http_request("POST", f"http://127.0.0.1:{self.port}{EVALUATE}",
                             {"context": {"targetingKey": "p-1"}}, TOKEN, seconds=seconds)
        equal((reply.status, reply.json()["value"]), (200, "#1f6feb"))
        return time.monotonic() - begun

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def talk(self, sent, one_by_one=False):
        """What is answered until the guard closes; what it is sent may be refused half-way."""
        with self.connect() as peer:
            try:
                if one_by_one:
                    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for piece in ([sent[i:i + 1] for i in range(len(sent))] if one_by_one else [sent]):
                    peer.sendall(piece)
            except OSError:
                pass
            answer = b""
            try:
                while piece := peer.recv(65536):
                    answer += piece
            except ConnectionResetError:
                pass
            return answer


GUARD = Guard()
BODY = b'{"context":{"targetingKey":"p-1"}}'


def request(*headers, line=f"POST {EVALUATE} HTTP/1.1", body=b"", host=b"Host: localhost"):
    lines = [line.encode(), host, f"Authorization: Bearer {TOKEN}".encode(), b"Connection: close",
             *headers]
    return b"\r\n".join(part for part in lines if part) + b"\r\n\r\n" + body


def length(body):
    return b"Content-Length: %d" % len(body)


CHUNKED = b"Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
ROWS = [
    ("an honest request", 200, request(length(BODY), body=BODY)),
    ("chunks", 200, request(CHUNKED, body=CHUNKS)),
    ("one length twice", 400, request(length(BODY), length(BODY), body=BODY)),
    ("a list of lengths", 400, request(b"Content-Length: 34, 34", body=BODY)),
    ("an unknown coding", 501, request(b"Transfer-Encoding: xchunked", body=CHUNKS)),
    ("a length beside chunks", 400, request(length(BODY), CHUNKED, body=CHUNKS)),
    ("a chunk extension", 400, request(CHUNKED, body=CHUNKS.replace(b"\r\n", b";a=b\r\n", 1))),
    ("chunks in HTTP/1.0", 400,
     request(CHUNKED, line=f"POST {EVALUATE} HTTP/1.0", body=CHUNKS)),
    ("a folded line", 400, request(b"A: b\r\n c", length(BODY), body=BODY)),
    ("no Host", 400, request(length(BODY), body=BODY, host=b"")),
    ("two Hosts", 400, request(b"Host: b", length(BODY), body=BODY)),
    ("a dot segment", 400, request(length(BODY), body=BODY,
                                   line=f"POST /x/..{EVALUATE} HTTP/1.1")),
    ("an encoded dot segment", 400, request(length(BODY), body=BODY,
                                            line=f"POST /x/%2e%2e{EVALUATE} HTTP/1.1")),
    ("an absolute form", 400, request(length(BODY), body=BODY,
                                      line=f"POST http://localhost{EVALUATE} HTTP/1.1")),
    ("an unknown method", 501, request(line=f"BREW {EVALUATE} HTTP/1.1")),
    ("another method", 405, request(line=f"GET {EVALUATE} HTTP/1.1")),
    ("another path", 404, request(length(BODY), body=BODY, line="POST /nothing HTTP/1.1")),
    ("a body over 64 KiB", 413, request(length(b"x" * 70_000), body=b"x" * 70_000)),
    ("100 MB announced", 413, request(b"Content-Length: 104857600", body=b"x" * 1_000_000)),
    ("a header over 16 KiB", 431, request(b"A: " + b"x" * 20_000)),
    ("HTTP/2", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("TLS", 400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("JSON that is none", 400, request(length(b"{"), body=b"{")),
    ("JSON that is deep", 400, request(length(b"[" * 60_000), body=b"[" * 60_000)),
]


@case("each hostile request is refused with JSON that every provider can read")
def _():
    for what, status, sent in ROWS:
        answer = GUARD.talk(sent)
        head, _, body = answer.partition(b"\r\n\r\n")
        equal(int(head[9:12] or b"0"), status, what)
        assert b"content-length: %d" % len(body) in head.lower(), (what, head)
        if status != 200:
            parsed = json.loads(body)
            assert parsed["errorDetails"] and parsed["metadata"] == {}, (what, parsed)
            assert "value" not in parsed, (what, parsed)


@case("cut into single bytes each comes to the same")
def _():
    for what, status, sent in ROWS:
        if len(sent) < 2_000:
            equal(int(GUARD.talk(sent, one_by_one=True)[9:12] or b"0"), status, what)


@case("peers that dawdle, flood or leave in the middle cost nobody else anything")
def _():
    peers = []
    for i in range(700):  # More than there are seats.
        peer = GUARD.connect()
        peers.append(peer)
        try:
            peer.sendall([b"", b"POST", request(length(BODY))[:-2], request(length(BODY)),
                          request(CHUNKED, body=b"0\r\n\r")][i % 5])
            if i % 7 == 0:
                peer.close()
        except OSError:
            pass  # It had to make room.
    assert max(GUARD.evaluate() for _ in range(20)) < 2
    for peer in peers:
        peer.close()


@case("a peer that never reads its answers is reset, and the guard answers the others")
def _():
    with GUARD.connect() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(0.5)
        one = request(length(BODY), body=BODY).replace(b"Connection: close\r\n", b"")
        try:
            while True:
                peer.sendall(one * 1000)
        except OSError:
            pass  # Nothing more is taken from it, or it was reset.
        assert max(GUARD.evaluate() for _ in range(20)) < 2


@case("a wrong token and none are 401 with JSON, and a right one is served after all this")
def _():
    for headers in ({}, {"Authorization": "Bearer wrong-0123456789"}):
        reply = http_request("POST", f"http://127.0.0.1:{GUARD.port}{EVALUATE}", BODY,
                             headers=headers)
        equal(reply.status, 401)
        equal(reply.json()["metadata"], {})
    GUARD.evaluate()
    assert GUARD.process.is_running()
    equal(GUARD.process.end()[0], 0, "its exit status")


finish()
