#!/usr/bin/env python3
"""A guard that is late: nothing that was written meanwhile may count as proof of the new editor, and
treatment ends with its lease."""
import contextlib
import signal
import socket
import threading
import time

from guarded_service import JOURNEYS, GuardedService, now_ms, rounds, serves_treatment
from harness import case, equal, finish, wait_until

INCIDENT = "lost-when-document-shared"


def pulses(guarded, seconds):
    """The guard is stopped for 300 ms again and again, longer than the application waits: a save
    that meets it is made with the old editor, and nothing of it is lost."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        guarded.guard.signal(signal.SIGSTOP)
        time.sleep(0.3)
        guarded.guard.signal(signal.SIGCONT)
        time.sleep(0.05)


@case("a slowed guard never counts ok what the fault loses")
def _():
    guarded = GuardedService(fault=INCIDENT)
    people = guarded.people()
    guarded.start()
    pulses(guarded, 15)
    status, counters = guarded.status(), guarded.notes.counters()
    people.end()
    assert counters["evaluations"]["timed_out"] > 0, counters
    assert rounds(status, "void") > 0, status
    equal(rounds(status, "ok", "treatment", JOURNEYS[1]), 0, "no ok of what is lost")
    equal(people.treatments(), [])
    guarded.end()


@case("a guard that is slowed while it serves serves no longer than its lease")
def _():
    guarded = GuardedService()
    people = guarded.people()
    guarded.start()
    guarded.until_served()
    wait_until(people.treatments, "real people are served treatment")
    guarded.notes.fault(INCIDENT)
    switched_ms = now_ms()
    pulses(guarded, guarded.max_evidence_age_ms / 1_000 + 1)
    status = guarded.status()
    people.end()
    assert not serves_treatment(status), status
    assert rounds(status, "void") > 0, status
    # What was under way at the switch may have begun within the time-out of a write.
    assert people.held_until_ms() <= switched_ms + guarded.max_evidence_age_ms + 550
    guarded.end()


class LateAnswers:
    """Stands between the application and the guard: requests pass at once, answers after 300 ms."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                client.close()
                continue
            for source, sink, wait_s in [(client, server, 0), (server, client, 0.3)]:
                threading.Thread(target=self._pass, args=(source, sink, wait_s),
                                 daemon=True).start()

    @staticmethod
    def _pass(source, sink, wait_s):
        with contextlib.suppress(OSError):
            while content := source.recv(65_536):
                time.sleep(wait_s)
                sink.sendall(content)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@case("answers that are late on the way make void arms, in which nothing is proven")
def _():
    guarded = GuardedService(fault=INCIDENT, through=lambda port: LateAnswers(port).url)
    guarded.start()
    status = guarded.wait_for("void arms", lambda seen: rounds(seen, "void", "treatment") >= 6)
    equal((rounds(status, "ok", "treatment"), rounds(status, "fail", "treatment")), (0, 0))
    told = sum(each["count"] for each in status["voids"] if each["arm"] == "treatment")
    equal(told, rounds(status, "void", "treatment"), "each has its reason")
    assert not serves_treatment(status), status
    equal(status["finding"], "none")
    assert guarded.notes.counters()["saves"]["old"]["synthetic"] > 0
    guarded.end()


if __name__ == "__main__":
    finish()
