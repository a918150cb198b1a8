#!/usr/bin/env python3
"""The write gate: pages of a real notes service that were told once which editor to show, and save much
later. What their lease token does not cover takes the old way with the same text, and no save is
refused or dropped.

    write_gate_test.py [words of a claim]"""
import sys
import time

from guard_process import FLAG, GuardProcess
from harness import case, equal, finish

KEY = "the-lease-key-of-the-tests-0123456789"
WHO, OTHER = "practitioner-00001", "practitioner-00002"

_made = {}


def guard():
    """One for all cases, alive and serving treatment."""
    if "guard" not in _made:
        _made["guard"] = GuardProcess(lease_key=KEY).start_rollout()
    if not _made["guard"].process.is_running():
        _made["guard"].run()
    _made["guard"].until_treatment(WHO)
    return _made["guard"]


class Page:
    """An open visit and what its page was told."""

    def __init__(self, who=WHO):
        self.who, self.notes = who, guard().notes
        reply = self.notes.ask(who, "POST", f"/patients/{who}-a/visits", {})
        equal(reply.status, 201)
        self.visit, self.editor = reply.json()["id"], reply.json()["editor"]
        self.token = reply.json()["lease_token"]

    def until(self):
        return int(self.token.split(".")[2]) / 1000

    def save(self, text, token=None):
        """The editor that took it. Whatever the token, the text is there."""
        headers = {"X-Lease-Token": self.token if token is None else token}
        reply = self.notes.ask(self.who, "PUT", f"/visits/{self.visit}/notes", {"interview": text},
                               headers=headers)
        equal((reply.status, reply.json()["saved"]), (200, True), reply)
        equal(self.notes.record(self.who, self.visit)["interview"], text)
        return reply.json()["path"]


@case("a page is told once, and saves by the new editor while its lease holds")
def _():
    page = Page()
    equal(page.editor, "new")
    before = page.notes.counters()["evaluations"]
    for i in range(5):
        equal(page.save(f"note {i} é 🐘"), "new")
    # Its saves ask nobody; probes do, whose visits show no token.
    assert page.until() > time.time(), page.token
    assert before["new"] > 0, before


@case("a token of another practitioner, an altered one and none at all take the old way")
def _():
    page, other = Page(), Page(OTHER)
    version, generation, until, mac = page.token.split(".")
    for token in [other.token, "", "1", "x" * 200, "1.0.99999999999999.",
                  f"{version}.{generation}.{int(until) + 60_000}.{mac}",
                  f"{version}.{int(generation) + 1}.{until}.{mac}",
                  f"2.{generation}.{until}.{mac}", f"{version}.{generation}.{until}.{mac[:-1]}0",
                  f"{version}.-{generation}.{until}.{mac}", page.token + "0"]:
        if token != page.token:
            equal(page.save(f"saved with {token[:20]!r}", token), "old", token)
    equal(page.save("and with its own"), "new")


@case("with the guard gone a page saves by the new editor until its lease is over, and then by the old")
def _():
    page = Page()
    guard().kill()
    equal(page.save("the guard is gone"), "new")
    until = page.until()
    last_new, texts = 0.0, 0
    while time.time() < until + 1.5:
        asked = time.time()
        path = page.save(f"text {texts}")
        texts += 1
        if path == "new":
            last_new = asked
            assert asked < until, "the lease is past"
        time.sleep(0.1)
    equal(page.save("much later"), "old")
    print(f"        {texts} saves, none refused; by the new editor until "
          f"{until - last_new:.1f} s before the lease's end", flush=True)
    assert 0 < last_new < until, (last_new, until)


@case("after a revert no page gets a token, and the ones that are out end with their lease")
def _():
    page = Page()
    guard().command("revert", "notes are lost")
    late = Page.__new__(Page)
    late.who, late.notes = WHO, page.notes
    reply = page.notes.ask(WHO, "POST", f"/patients/{WHO}-a/visits", {}).json()
    equal((reply["editor"], reply["lease_token"]), ("old", ""))
    time.sleep(max(0.0, page.until() - time.time() + 0.1))
    equal(page.save("the lease is over"), "old")
    gate = page.notes.counters()["gate"]
    assert gate["new"] > 0 and gate["old"] > 0, gate


finish(sys.argv[1:])
