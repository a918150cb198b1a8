#!/usr/bin/env python3
"""How a revert reaches clients of bulk answers, on the wire of a real guard: event streams, tags that
tell who holds what, safe values for whoever may not ask, CORS, and the API's own document.

    streams_test.py [words of a claim]"""
import json
import pathlib
import queue
import re
import resource
import selectors
import socket
import sys
import threading
import time

import jsonschema
import yaml

from guard_process import FLAG, TOKEN, GuardProcess
from harness import case, equal, finish, http_request, wait_until

ORIGIN = "https://app.example"
ALL = "/ofrep/v1/evaluate/flags"
EVENT = 'data: {"type":"refetchEvaluation"}'
STREAMS = 1_000

_made = {}


def guard():
    """One for all cases but those that revert, alive and serving treatment."""
    if "guard" not in _made:
        _made["guard"] = GuardProcess(origins=[ORIGIN, "http://127.0.0.1:3000"]).start_rollout()
    if not _made["guard"].process.is_running():
        _made["guard"].run()
    _made["guard"].until_treatment()
    return _made["guard"]


def fetch(of, who="dr-martin", tag=None, token=TOKEN, **headers):
    if tag:
        headers["If-None-Match"] = tag
    return http_request("POST", of.url + ALL, {"context": {"targetingKey": who}}, token, headers)


def variant(reply):
    return next(f for f in reply.json()["flags"] if f["key"] == FLAG)["variant"]


def stream_path(reply):
    [stream] = reply.json()["eventStreams"]
    equal(stream["type"], "sse")
    return stream["endpoint"]["requestUri"]


class Stream:
    """An open event stream: its lines with the time at which each came."""

    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                            f"Accept: text/event-stream\r\nOrigin: {ORIGIN}\r\n\r\n".encode())
        self.file = self.socket.makefile("r", newline="\n")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while (line := self.file.readline().strip()):
            name, value = line.split(":", 1)
            self.headers[name.lower()] = value.strip()
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for line in self.file:
                self.lines.put((time.monotonic(), line.rstrip("\n")))
        except OSError:
            pass
        self.lines.put((time.monotonic(), None))

    def event(self, seconds):
        """When the next event came; None if none did, or the stream ended."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                at, line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            if line is None:
                return None
            if line == EVENT:
                return at

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def settled(of, reply, who="dr-martin"):
    """The tag of the newest answer, once the guard has said that it is."""
    tag = reply.headers["ETag"]
    for _ in range(20):
        reply = fetch(of, who, tag)
        if reply.status == 304:
            return tag
        tag = reply.headers["ETag"]
    raise AssertionError("each answer is newer than the one before")


@case("a bulk answer names a stream whose first event comes at once, and again until the client asks")
def _():
    reply = fetch(guard())
    equal(variant(reply), "new")
    stream = Stream(guard().port, stream_path(reply))
    equal((stream.status, stream.headers["content-type"], stream.headers["cache-control"]),
          (200, "text/event-stream", "no-store"))
    assert "content-length" not in stream.headers, stream.headers
    for _ in range(3):
        assert stream.event(10) is not None, "an event"
    stream.close()


@case("a client that holds the newest answer is left alone until the heartbeat")
def _():
    reply = fetch(guard(), "dr-quiet")
    stream = Stream(guard().port, stream_path(reply))
    assert stream.event(5)
    settled(guard(), reply, "dr-quiet")
    wanted = 20 / 3  # A third of the lease.
    begun = time.monotonic()
    at = stream.event(20)
    assert at is not None, "the heartbeat"
    assert at - begun > wanted / 2, "it was not left alone"
    stream.close()


@case("after a restart the same stream opens again, and its first event makes the client ask")
def _():
    reply = fetch(guard())
    tag, path = reply.headers["ETag"], stream_path(reply)
    stream = Stream(guard().port, path)
    assert stream.event(5)
    guard().kill()
    assert stream.event(5) is None
    _made["guard"].run()
    again = Stream(_made["guard"].port, path)
    equal(again.status, 200)
    assert again.event(5) is not None
    answer = fetch(_made["guard"], tag=tag)
    equal(answer.status, 200)  # No evidence yet: the safe variant.
    equal((variant(answer), stream_path(answer)), ("old", path))
    again.close()


@case("a token that is not the guard's opens no stream")
def _():
    for token in ["0" * 64, "x", "%00", stream_path(fetch(guard()))[-64:][::-1]]:
        reply = http_request("GET", f"{guard().url}/ofrep/v1/streams/{token}")
        equal((reply.status, reply.json()["metadata"]), (404, {}), token)


@case("who proves no token gets the safe values in bulk, never 401, and is known by his tag")
def _():
    treated = fetch(guard(), "dr-expired")
    equal(variant(treated), "new")
    for token in [None, "wrong-0123456789"]:
        reply = fetch(guard(), "dr-expired", treated.headers["ETag"], token)
        equal((reply.status, variant(reply)), (200, "old"), token)
        stranger = fetch(guard(), "dr-expired", None, token)
        equal((stranger.status, variant(stranger)), (200, "old"), token)
        assert "eventStreams" not in stranger.json()
        # One flag for a server application is still refused: its provider then gives the default.
        equal(guard().evaluate(FLAG, "dr-expired", token=token).status, 401)


@case("pages of the listed origins may ask, and read the tag; others may not")
def _():
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,if-none-match,authorization"}
    reply = http_request("OPTIONS", guard().url + ALL, headers=asks)
    equal((reply.status, reply.headers["Access-Control-Allow-Origin"]), (204, ORIGIN))
    for name in ["content-type", "if-none-match", "authorization", "x-api-key"]:
        assert name in reply.headers["Access-Control-Allow-Headers"], name
    for path, token in [(ALL, TOKEN), (ALL, None), (f"{ALL}/{FLAG}", None), ("/nothing", None)]:
        reply = http_request("POST", guard().url + path, {}, token, {"Origin": ORIGIN})
        equal(reply.headers["Access-Control-Allow-Origin"], ORIGIN, path)
        equal(reply.headers["Access-Control-Expose-Headers"], "ETag, Retry-After", path)
    stream = Stream(guard().port, stream_path(fetch(guard())))
    equal(stream.headers["access-control-allow-origin"], ORIGIN)
    stream.close()
    evil = http_request("OPTIONS", guard().url + ALL, headers={**asks, "Origin": "https://evil"})
    equal((evil.status, evil.headers["Access-Control-Allow-Origin"]), (405, None))
    reply = fetch(guard(), Origin="https://evil")
    equal((reply.status, reply.headers["Access-Control-Allow-Origin"]), (200, None))


@case("the API's document is served, has every path, and describes what is answered")
def _():
    reply = http_request("GET", guard().url + "/openapi.yaml")
    equal((reply.status, reply.headers["Content-Type"]), (200, "application/yaml"))
    document = yaml.safe_load(reply.body)
    token = stream_path(fetch(guard()))[-64:]

    def check(answer, name):
        schema = {**document, "$ref": f"#/components/schemas/{name}"}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
    check(fetch(guard()), "bulk")
    check(fetch(guard(), token=None), "bulk")
    check(guard().evaluate(FLAG, "dr-martin"), "success")
    for wrong in [guard().evaluate(FLAG, "dr-martin", token=None), guard().evaluate("none", "a"),
                  http_request("POST", guard().url + ALL, b"{", TOKEN)]:
        check(wrong, "failure")
    # What the schemas exist to refuse.
    for name, broken in [("success", {"key": "a", "value": [1], "variant": "v", "reason": "STATIC",
                                      "metadata": {}}),
                         ("success", {"key": "a", "value": 1, "variant": "v", "reason": "ERROR",
                                      "metadata": {}}),
                         ("failure", {"errorDetails": "x", "metadata": {}, "value": 1})]:
        try:
            jsonschema.Draft202012Validator(
                {**document, "$ref": f"#/components/schemas/{name}"}).validate(broken)
        except jsonschema.ValidationError:
            continue
        raise AssertionError(f"not refused: {broken}")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            url = guard().url + path.replace("{key}", FLAG).replace("{token}", token)
            if "streams" in path:
                stream = Stream(guard().port, path.replace("{token}", token))
                equal(stream.status, 200)
                stream.close()
                continue
            reply = http_request(method.upper(), url, {} if method == "post" else None, TOKEN)
            assert str(reply.status) in operation["responses"], (path, reply)


@case("no token of a client is in what the guard writes")
def _():
    token = stream_path(fetch(guard()))[-64:]
    stream = Stream(guard().port, f"/ofrep/v1/streams/{token}")
    assert stream.event(5)
    stream.close()
    for path in [guard().process.errors_path, *pathlib.Path(guard().state).iterdir()]:
        if path.is_file():
            assert token.encode() not in path.read_bytes(), path
    metrics = http_request("GET", guard().url + "/metrics").body.decode()
    assert token not in metrics


def memory_kib(process):
    status = pathlib.Path(f"/proc/{process.popen.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


class Many:
    """Many open streams that are read by one loop."""

    def __init__(self, port, paths):
        self.selector = selectors.DefaultSelector()
        for path in paths:
            peer = socket.create_connection(("127.0.0.1", port), timeout=20)
            peer.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            peer.setblocking(False)
            self.selector.register(peer, selectors.EVENT_READ, {"events": 0})

    def read(self, seconds, until=None):
        """When the last of the streams had `until` events."""
        deadline = time.monotonic() + seconds
        last = None
        while time.monotonic() < deadline:
            for key, _ in self.selector.select(0.05):
                try:
                    part = key.fileobj.recv(65536)
                except BlockingIOError:
                    continue
                assert part, "a stream ended"
                key.data["events"] += part.decode().count(EVENT)
            counts = [key.data["events"] for key in self.selector.get_map().values()]
            if until is not None and min(counts) >= until:
                return time.monotonic()
        return last

    def reset(self):
        for key in self.selector.get_map().values():
            key.data["events"] = 0

    def close(self):
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


@case(f"{STREAMS} streams are told of a revert, and others are answered meanwhile")
def _():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    of = GuardProcess().start_rollout()
    of.until_treatment()
    before = memory_kib(of.process)
    paths = [stream_path(fetch(of, f"dr-{i}")) for i in range(STREAMS)]
    many = Many(of.port, paths)
    assert many.read(30, until=1), "each has its first event"
    more = memory_kib(of.process) - before
    many.read(0.5)
    many.reset()
    begun = time.monotonic()
    of.command("revert", "notes are lost")
    answered = time.monotonic()
    last = many.read(20, until=1)
    assert last is not None, "each is told"
    equal(fetch(of).status, 200)
    print(f"        {STREAMS} streams: the last was told {1000 * (last - begun):.0f} ms after the "
          f"revert was asked for ({1000 * (answered - begun):.0f} ms to its acknowledgement); "
          f"{more / STREAMS:.1f} KiB a stream", flush=True)
    assert more / STREAMS < 64, more
    many.close()
    wait_until(lambda: fetch(of).status == 200, "it lives")
    of.process.end()


@case("clients that take nothing cost the guard a bounded memory, and nobody else his answer")
def _():
    of = guard()
    before = memory_kib(of.process)
    paths = [stream_path(fetch(of, f"slow-{i}")) for i in range(50)]
    peers = []
    for path in paths:
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        peer.connect(("127.0.0.1", of.port))
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        peers.append(peer)
    assert max(fetch(of).status for _ in range(20)) == 200
    more = memory_kib(of.process) - before
    assert more / len(peers) < 128, more
    for peer in peers:
        peer.close()


finish(sys.argv[1:])
