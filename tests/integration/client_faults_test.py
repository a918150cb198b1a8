#!/usr/bin/env python3
"""The guard killed, frozen, slowed, and its replies cut or late, under the real OpenFeature server
SDK: what the application gets, and for how long it holds treatment.

    client_faults_test.py [words of a claim]

Two kinds of application. One asks for each decision, as the SDK does by itself: what counts is that
it gives up in time, since a frozen guard lets it wait for ever. The other keeps the last answer
when the next one fails, as caches and web providers do: what counts is that it honours the lease.
The bound is E_hard as `guard validate` prints it: M + s, with an application that keeps and commits
for no time of its own."""
import signal
import sys
import threading
import time

from guard_process import FLAG, TOKEN, GuardProcess
from harness import Process, case, equal, finish, wait_until
from openfeature_client import Client, Lines, find_node, script
from slow_link import SlowLink

WHO = "dr-martin"
# What is seen to hang for so long is taken for hanging: ten times what the other one waits.
HANGS_S = 2.5
# A client that gives up after 250 ms has answered by then, on however busy a machine.
GIVES_UP_S = 10

_made = {}


def guard():
    """One for all cases, alive and serving treatment."""
    if "guard" not in _made:
        _made["guard"] = GuardProcess().start_rollout()
    if not _made["guard"].process.is_running():
        _made["guard"].run()
    _made["guard"].go_on()
    _made["guard"].until_treatment(WHO)
    return _made["guard"]


def bound():
    if "bound" not in _made:
        _made["bound"] = guard().bounds()["hard_ms"] / 1000
    return _made["bound"]


def until_treated(client):
    """Treatment by that client, whose first calls may be slower than it waits."""
    def treated():
        answer = client.ask("boolean", FLAG, False, WHO)
        return answer if answer.get("variant") == "new" else None
    return wait_until(treated, "the SDK gets treatment", 20)


def is_code_default(answer):
    """The code default here is the treatment's value, so that it can't be the safe variant."""
    assert answer is not None, "no answer"
    equal((answer["value"], answer["reason"], answer.get("variant")), (True, "ERROR", None), answer)


def ask(client, seconds=GIVES_UP_S):
    client.send("boolean", FLAG, True, WHO)
    return client.answer(seconds)

# --- applications that ask for each decision -------------------------------------------------------


@case("a killed guard is the code default at once, and the next call after its return is served")
def _():
    client = Client(guard().url, TOKEN)
    until_treated(client)
    guard().kill()
    for _ in range(3):
        is_code_default(ask(client))
    time.sleep(2)  # As long as it takes whoever restarts it.
    # After a restart nobody has evidence: the safe variant is served, not the code default.
    _made["guard"].run()
    answer = wait_until(lambda: (a := ask(client)) and a.get("variant") and a, "it is served", 20)
    assert answer["value"] is False or answer["metadata"]["leaseUntilMs"] > time.time() * 1000
    until_treated(client)


@case("a frozen guard is the code default for who gives up, and hangs who doesn't")
def _():
    hasty, patient = Client(guard().url, TOKEN), Client(guard().url, TOKEN, time_out_ms=0)
    until_treated(hasty)
    until_treated(patient)
    guard().stop()
    patient.send("boolean", FLAG, True, WHO)
    for _ in range(3):
        is_code_default(ask(hasty))
    equal(patient.answer(HANGS_S), None, "without a time-out of its own it waits for ever")
    _made["guard"].go_on()
    late = patient.answer(20)
    assert late is not None, "it is answered when the guard goes on"
    until_treated(hasty)


@case("half a reply and then silence is the code default for who gives up, and hangs who doesn't")
def _():
    link = SlowLink(guard().port)
    hasty, patient = Client(link.url, TOKEN), Client(link.url, TOKEN, time_out_ms=0)
    until_treated(hasty)
    until_treated(patient)
    link.behaviour = "half"
    patient.send("boolean", FLAG, True, WHO)
    for _ in range(3):
        is_code_default(ask(hasty))
    equal(patient.answer(HANGS_S), None, "the provider's time-out does not cover the body")
    link.behaviour = "pass"
    until_treated(hasty)


@case("a guard that is 300 ms away is the code default for who gives up, and a wait for who doesn't")
def _():
    link = SlowLink(guard().port)
    hasty, patient = Client(link.url, TOKEN), Client(link.url, TOKEN, time_out_ms=0)
    until_treated(hasty)
    until_treated(patient)
    link.delay = 0.3
    for _ in range(3):
        is_code_default(ask(hasty))
        answer = ask(patient)
        equal(answer["variant"], "new")
        assert answer["ms"] >= 300, answer
    link.delay = 0.0
    until_treated(hasty)


@case("a reply that arrives after its stamp is treatment, unless the lease is honoured")
def _():
    link = SlowLink(guard().port)
    careless = Client(link.url, TOKEN, time_out_ms=0)
    careful = Client(link.url, TOKEN, time_out_ms=0, has_lease_hook=True)
    for client in (careless, careful):
        until_treated(client)
    link.hold()
    for client in (careless, careful):
        client.send("boolean", FLAG, False, WHO)
    # What is answered now carries a stamp of at most now + M.
    time.sleep(bound())
    released_ms = time.time() * 1000
    link.release()
    answer = careless.answer(GIVES_UP_S)
    equal(answer["value"], True)
    assert answer["metadata"]["leaseUntilMs"] <= released_ms, "nothing was past: nothing is shown"
    answer = careful.answer(GIVES_UP_S)
    equal((answer["value"], answer["reason"]), (False, "ERROR"), answer)
    assert "lease" in answer["errorMessage"], answer

# --- applications that keep an answer --------------------------------------------------------------


class KeepingClients:
    """Both applications of keeping_client.mjs and the last that each reported."""

    def __init__(self, url):
        self.process = Process(find_node(), script("keeping_client.mjs"), url, TOKEN, FLAG, WHO)
        self._lines = Lines(self.process)
        self.last = {}

    def read(self):
        while (line := self._lines.next(0.01)) is not None:
            self.last[line["client"]] = line
        assert self.process.is_running(), self.process.errors()
        return self.last

    def both_hold_treatment(self):
        now = self.read()
        return len(now) == 2 and all(c["value"] for c in now.values())


def hold_through(what, url, befall, restore=lambda: None):
    """Runs both applications, lets `befall` happen to the guard, looks on until past the bound, and
    asserts that the one that honours the lease kept to it, and the other did not."""
    clients, most = KeepingClients(url), bound()
    wait_until(clients.both_hold_treatment, "both hold treatment", 30)
    since = time.time()
    befall()
    try:
        wait_until(lambda: time.time() > since + most and
                   clients.read()["unchecked"]["at_ms"] / 1000 > since + most + 0.5,
                   "the application goes on", most + 20)
    finally:
        restore()
    checked, unchecked = clients.last["checked"], clients.last["unchecked"]
    held = {name: client["last_treatment_ms"] / 1000 - since
            for name, client in clients.last.items()}
    print(f"        {what}: treatment held for {held['checked']:.1f} s, without the check "
          f"{held['unchecked']:.1f} s and on; bound {most:.1f} s", flush=True)
    assert 0 < held["checked"] <= most, held
    equal((checked["value"], checked["asked_past_stamp"]), (False, 0), checked)
    assert checked["last_treatment_ms"] <= checked["until_ms"] + 1000, checked  # s, the clock's error
    # Without the check it goes on, so what was tested above is the check.
    assert unchecked["value"] and held["unchecked"] > most, held
    assert unchecked["asked_past_stamp"] > 0, unchecked
    clients.process.kill()


@case("the guard killed: treatment until the stamp, and beyond the bound without the check")
def _():
    hold_through("guard killed", guard().url, _made["guard"].kill)


@case("the guard frozen: treatment until the stamp, and beyond the bound without the check")
def _():
    hold_through("guard frozen", guard().url, _made["guard"].stop, _made["guard"].go_on)


@case("the guard slowed to 300 ms: treatment until the stamp, and beyond the bound without the check")
def _():
    link = SlowLink(guard().port)
    hold_through("guard slowed to 300 ms", link.url, lambda: setattr(link, "delay", 0.3))

# --- a guard that is slow to its own probes' application -------------------------------------------


class Pulses:
    """A process that stands still for 300 ms of each 315: alive, and always late."""

    def __init__(self, process):
        self.process, self.is_over = process, threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)
        self.thread.start()

    def _beat(self):
        while not self.is_over.is_set():
            self.process.signal(signal.SIGSTOP)
            time.sleep(0.3)
            self.process.signal(signal.SIGCONT)
            time.sleep(0.015)

    def end(self):
        self.is_over.set()
        self.thread.join()


@case("a slow guard takes no loss for ok, and finds it once it is fast again")
def _():
    journey = "note-with-shared-document"
    slow = GuardProcess(journeys=["note-alone", journey], fault="lost-when-document-shared",
                        max_evidence_age="40 s")
    pulses = Pulses(slow.process)
    try:
        slow.start_rollout()
        wait_until(lambda: slow.rounds(journey, "treatment")["void"] >= 4 or
                   slow.status()["phase"] == "latched", "rounds that don't count", 60)
    finally:
        pulses.end()
    seen = slow.rounds(journey, "treatment")
    print(f"        slowed guard, treatment rounds with a lost note: {seen}", flush=True)
    assert seen["void"] > 0, "it was not slow: nothing is shown"
    wait_until(lambda: slow.status()["phase"] == "latched", "the revert", 60)
    equal(slow.rounds(journey, "treatment")["ok"], 0)
    equal(slow.status()["latch"]["cause"], "loss")


finish(sys.argv[1:])
