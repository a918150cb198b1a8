#!/usr/bin/env python3
"""What an application gets from a real guard by the real OpenFeature server SDK and its OFREP
provider, and the rules of interoperation that providers in other languages need, on the wire.

    ofrep_sdk_test.py [--long] [words of a claim]

The time-out of the SDK is long here: that it is kept is tested with the faults of clients. --long
keeps a connection idle for 65 s instead of 12, both longer than every time-out but the idle one."""
import http.client
import json
import sys
import time

from guard_process import FLAG, TOKEN, GuardProcess
from harness import case, equal, finish, http_request, wait_until
from openfeature_client import Client

IS_LONG = "--long" in sys.argv
IDLE_S = 65 if IS_LONG else 12
PATIENT_MS = 5_000
OBJECT = {"a": 1, "nested": {"b": [1, 2.5, "x", None]}, "text": "é 🐘 \\ \" <"}
UNGUARDED = {
    "switched-on": ("boolean", True), "switched-off": ("boolean", False),
    "text": ("string", "#1f6feb"), "astral.text": ("string", "🐘 é"), "empty_text": ("string", ""),
    "whole": ("number", 42), "negative": ("number", -1), "large": ("number", 2**53 - 1),
    "fraction": ("number", 2.5), "whole-fraction": ("number", 1.0), "object": ("object", OBJECT),
}

_made = {}


def guard():
    """One for all cases, with a rollout to everybody that real probes feed."""
    if "guard" not in _made:
        flags = [{"key": key, "owner": "team", "build": "1", "variants": {"only": value},
                  "safe": "only"} for key, (_, value) in UNGUARDED.items()]
        _made["guard"] = GuardProcess(flags=flags).start_rollout()
        _made["guard"].until_treatment()
    return _made["guard"]


def client(token=TOKEN):
    if token not in _made:
        _made[token] = Client(guard().url, token, PATIENT_MS)
    return _made[token]


def idle():
    """A connection that has had one exchange, and when."""
    if "idle" not in _made:
        connection = http.client.HTTPConnection("127.0.0.1", guard().port, timeout=30)
        _made["idle"] = connection, exchange(connection)
    return _made["idle"]


def exchange(connection):
    """Another evaluation on the same connection: when it was answered."""
    connection.request("POST", "/ofrep/v1/evaluate/flags/text", b'{"context":{}}',
                       {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
    reply = connection.getresponse()
    equal((reply.status, json.loads(reply.read())["value"]), (200, "#1f6feb"))
    return time.monotonic()


# A default that no flag has, so that it shows where the code default was taken.
CODE_DEFAULT = {"boolean": False, "string": "code", "number": -7, "object": {"code": "default"}}


def is_code_default(answer, kind, error):
    equal((answer["value"], answer["reason"], answer["errorCode"]),
          (CODE_DEFAULT[kind], "ERROR", error), answer)
    assert "variant" not in answer, answer

# --- the SDK ---------------------------------------------------------------------------------------


@case("the SDK gets the value, variant and reason of unguarded flags of each type")
def _():
    idle()
    for key, (kind, value) in UNGUARDED.items():
        answer = client().ask(kind, key, CODE_DEFAULT[kind], "dr-martin")
        equal((answer["value"], answer["variant"], answer["reason"], answer["metadata"]),
              (value, "only", "STATIC", {}), key)


@case("an evaluation without any context gets an unguarded flag's value, and a guarded one's safe")
def _():
    equal(client().ask("string", "text", "code")["value"], "#1f6feb")
    answer = client().ask("boolean", FLAG, True)
    equal((answer["value"], answer["variant"], answer["reason"], answer["metadata"]),
          (False, "old", "DEFAULT", {}))


@case("the SDK gets treatment with the moment at which its lease ends, and then a later one")
def _():
    def ask():
        answer = client().ask("boolean", FLAG, False, "dr-martin", speciality="midwifery",
                              since="2026-01-01T00:00:00Z", nested={"list": [1, {"x": None}]})
        equal((answer["value"], answer["variant"], answer["reason"]), (True, "new", "SPLIT"))
        return answer["metadata"]
    first = ask()
    assert "leaseUntilMs" in first and set(first) <= {"leaseUntilMs", "provenUntilMs"}, first
    until = first["leaseUntilMs"]
    equal(until % 5_000, 0)
    left = until - time.time() * 1000
    # It is M after the beginning of a probe that was verified by now, and no longer.
    assert 0 < left <= guard().bounds()["max_evidence_age_ms"], left
    wait_until(lambda: ask()["leaseUntilMs"] > until, "new evidence renews the lease", 30)


@case("an unknown flag, a wrong type and a wrong token give the code default")
def _():
    for key in ["unknown", "no.such-flag_1"]:
        answer = client().ask("string", key, CODE_DEFAULT["string"], "dr-martin")
        is_code_default(answer, "string", "FLAG_NOT_FOUND")
    for kind, key in [("string", "whole"), ("number", "text"), ("boolean", "text"),
                      ("object", "switched-on"), ("string", FLAG)]:
        answer = client().ask(kind, key, CODE_DEFAULT[kind], "dr-martin")
        is_code_default(answer, kind, "TYPE_MISMATCH")
    stranger = client("some other token")
    for kind, key in [("boolean", FLAG), ("string", "text")]:
        answer = stranger.ask(kind, key, CODE_DEFAULT[kind], "dr-martin")
        equal((answer["value"], answer["reason"]), (CODE_DEFAULT[kind], "ERROR"), answer)


@case("a synthetic practitioner of the plan is no part of the rollout")
def _():
    # Between two rounds it has no arm, so that now and then it must be safe.
    wait_until(lambda: client().ask("boolean", FLAG, False, "synthetic-01")["variant"] == "old",
               "the safe variant", 30)

# --- the wire, for providers in other languages ----------------------------------------------------


def bodies():
    """(what, status, body, content type) of answers of each kind."""
    for what, reply in [
            ("unguarded", guard().evaluate("whole", "dr-martin")),
            ("treatment", guard().evaluate(FLAG, "dr-martin")),
            ("no key", guard().evaluate(FLAG)),
            ("unknown", guard().evaluate("unknown", "dr-martin")),
            ("wrong context", guard().evaluate(FLAG, context={"targetingKey": 1})),
            ("no token", guard().evaluate(FLAG, "dr-martin", token=None)),
            ("wrong token", guard().evaluate(FLAG, "dr-martin", token="wrong")),
            ("no JSON", http_request("POST", guard().url + "/ofrep/v1/evaluate/flags/text",
                                     b'{"context":{', TOKEN)),
            ("too large", http_request("POST", guard().url + "/ofrep/v1/evaluate/flags/text",
                                       b"x" * 70_000, TOKEN)),
            ("wrong method", http_request("GET", guard().url + "/ofrep/v1/evaluate/flags/text",
                                          bearer=TOKEN)),
            ("no such path", http_request("POST", guard().url + "/ofrep/v1/other", {}, TOKEN)),
            ("all", http_request("POST", guard().url + "/ofrep/v1/evaluate/flags",
                                 {"context": {"targetingKey": "dr-martin"}}, TOKEN))]:
        yield what, reply


@case("every answer has a JSON body of JSON type, its length, metadata, and no-store")
def _():
    statuses = {}
    for what, reply in bodies():
        statuses[what] = reply.status
        equal(reply.headers["Content-Type"], "application/json", what)
        equal(int(reply.headers["Content-Length"]), len(reply.body), what)
        equal(reply.headers["Transfer-Encoding"], None, what)
        assert isinstance(reply.json()["metadata"], dict), what
        if reply.status == 200:
            equal(reply.headers["Cache-Control"], "no-store", what)
    equal(statuses, {"unguarded": 200, "treatment": 200, "no key": 200, "unknown": 404,
                     "wrong context": 400, "no token": 401, "wrong token": 401, "no JSON": 400,
                     "too large": 413, "wrong method": 405, "no such path": 404, "all": 200})


@case("a success has variant and reason, an error has details, and never a value")
def _():
    reasons = {"STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"}
    for what, reply in bodies():
        body = reply.json()
        for entry in body.get("flags", [body]):
            if reply.status == 200:
                assert entry["reason"] in reasons and entry["variant"] and "value" in entry, entry
            else:
                assert "value" not in entry and entry["errorDetails"], (what, entry)


@case("a float keeps its point on the wire, and a whole number has none")
def _():
    for key, wanted in [("whole", b'"value":42,'), ("whole-fraction", b'"value":1.0,')]:
        body = guard().evaluate(key, "dr-martin").body
        assert wanted in body, body


@case("a key is percent-decoded, whoever encodes it")
def _():
    for key in ["astral.text", "%61stral.text", "a%73tral.tex%74"]:
        equal(guard().evaluate(key, "dr-martin").json()["value"], "🐘 é", key)
    # No client encodes a dot; who does tries to leave a directory.
    for key in ["astral%2Etext", "astral%text", "astral%2", "..%2Ftext", "a%00"]:
        reply = guard().evaluate(key, "dr-martin")
        assert reply.status in (400, 404) and "value" not in reply.json(), reply


@case("a bulk answer is not sent again while nothing in it changed")
def _():
    def all_flags(practitioner, tag=None):
        context = {"targetingKey": practitioner} if practitioner else {}
        return http_request("POST", guard().url + "/ofrep/v1/evaluate/flags", {"context": context},
                            TOKEN, {"If-None-Match": tag} if tag else None)
    whole = all_flags(None)
    equal(whole.status, 200)
    tag = whole.headers["ETag"]
    equal({f["key"] for f in whole.json()["flags"]}, {FLAG, *UNGUARDED})
    again = all_flags(None, tag)
    equal((again.status, again.body, again.headers["ETag"]), (304, b"", tag))
    # Another context has another answer, and its own tag.
    treated = all_flags("dr-martin", tag)
    equal(treated.status, 200)
    assert treated.headers["ETag"] != tag
    flag = next(f for f in treated.json()["flags"] if f["key"] == FLAG)
    equal((flag["variant"], "leaseUntilMs" in flag["metadata"]), ("new", True))


@case(f"a connection is kept for {IDLE_S} s without a request")
def _():
    connection, since = idle()
    socket = connection.sock
    time.sleep(max(0.0, since + IDLE_S - time.monotonic()))
    exchange(connection)
    assert connection.sock is socket, "the connection was made again"

# Last: it takes treatment away for good.


@case("a revert reaches the SDK at its next call, as the explicit safe value")
def _():
    guard().until_treatment()
    equal(client().ask("boolean", FLAG, True, "dr-martin")["variant"], "new")
    guard().command("revert", "notes are lost")
    answer = client().ask("boolean", FLAG, True, "dr-martin")
    equal((answer["value"], answer["variant"], answer["reason"], answer["metadata"]),
          (False, "old", "DEFAULT", {}))


finish([word for word in sys.argv[1:] if word != "--long"])
