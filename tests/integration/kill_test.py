#!/usr/bin/env python3
"""kill -9 and restart, again and again: whatever moment it hits, what was acknowledged holds, the
ledger is whole, pending re-reads are made, and nobody gets treatment before there is new evidence.

    kill_test.py [--kills N] [--seed N]"""
import argparse
import http.client
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from guarded_service import (FLAG, GUARD, JOURNEYS, PEOPLE, GuardedService, now_ms, rounds,
                             serves_treatment)
from harness import Process, case, equal, finish, wait_until

OPTIONS = argparse.Namespace(kills=200, seed=0)
# The lease waits for the reads at this delay, so no treatment can come sooner after a start.
LEASE_DELAY_MS = 600
UNREACHABLE = 4


def quick(plan, config):
    config["flags"][0]["rollout"]["steps"] = [
        {"share": share, "minimum_time": "0 s", "minimum_evidence": 1}
        for share in ("50 %", "75 %", "100 %")]
    config["flags"][0]["evidence"] = {"max_loss_rate": 0.96, "max_class_loss_rate": 1}


def offline(guarded, *words, code=0):
    """A command of `guard` while no guard runs: its JSON. It must end with `code`."""
    done = subprocess.run([str(GUARD), *words, "--state", str(guarded.state), "--json"],
                          capture_output=True, text=True, timeout=30)
    equal(done.returncode, code, f"{words}: {done.stdout} {done.stderr}")
    return json.loads(done.stdout)


class Expected:
    """What must hold of the flag, whenever the guard starts: sets of what may be, which a command
    without an answer widens and whatever is seen narrows again."""

    def __init__(self):
        self.latched = {False}
        self.begun = {False}  # the rollout, while not latched
        self.pauses = {None}  # the reasons of operators' pauses

    def latch(self, is_sure):
        self.latched = {True} if is_sure else self.latched | {True}
        self.pauses = {None} if is_sure else self.pauses | {None}
        self.begun = {True, False}

    def asked(self, command, reason):
        """A command may have been carried out from now on."""
        if command == "start":
            self.begun = self.begun | {True}
        if command == "pause":
            self.pauses = self.pauses | {reason}
        if command == "resume":
            self.pauses = self.pauses | {None}
        if command == "revert":
            self.latch(False)
        if command == "rearm" and True in self.latched:
            self.latched = self.latched | {False}  # Once it is proven.

    def acknowledged(self, command, reason, words):
        """It was accepted, and so must hold after any crash."""
        if command == "start" and self.latched == {False}:
            self.begun = {True}
        if command == "pause":
            self.pauses = {reason} if not self.may_revert else {reason, None}
        if command == "resume":
            self.pauses = {None}
        if command == "revert" and "already" not in words:
            self.latch(True)

    may_revert = False  # by itself, since a fault is on

    def check(self, status):
        """Of a guard that has just started; narrows to what is seen."""
        is_latched = status["phase"] == "latched"
        assert is_latched in self.latched, (status["phase"], self.latched)
        pause = status["pause"] and status["pause"]["reason"]
        assert pause in self.pauses, (pause, self.pauses)
        if not is_latched:
            assert (status["phase"] != "waiting") in self.begun, (status["phase"], self.begun)
            self.begun = {status["phase"] != "waiting"}
        self.latched, self.pauses = {is_latched}, {pause}


class Story:
    """One guard that is killed and restarted, its operators, and the fault switch."""

    def __init__(self, draw):
        self.draw = draw
        self.guarded = GuardedService(change=quick, practitioners=60, interval="400 ms",
                                      is_started=False, delays=("0 s", f"{LEASE_DELAY_MS} ms", "1500 ms"))
        self.expected = Expected()
        self.number = 0
        self.launches = []  # Unix milliseconds
        self.reverted = []  # [acknowledged, re-arm asked or None]
        self.last_hash = None
        self.seen = dict.fromkeys(["acknowledged", "unanswered", "latched", "rearmed", "treated",
                                   "killed while starting", "reads left"], 0)

    def launch(self):
        self.launches.append(now_ms())
        guarded = self.guarded
        if guarded.guard is None:
            return guarded.run()
        guarded.guard = Process(GUARD, "run", guarded.where / "guard.yaml", "--state",
                                guarded.state, where=guarded.where, environment=guarded.environment)
        return guarded

    def kill(self):
        guard = self.guarded.guard
        guard.signal(signal.SIGKILL)
        guard.popen.wait()
        guard.popen.stdout.close()

    def check_what_is_left(self):
        """Without any guard: the latch file can be read, and the ledger's chain is whole and holds
        the entry that was its last before."""
        left = offline(self.guarded, "status", code=UNREACHABLE)
        equal(left["latch_damage"], "")
        assert left["flags"][0]["is_readable"], left
        is_latched = left["flags"][0]["latched"]
        assert is_latched in self.expected.latched, (is_latched, self.expected.latched)
        expect = ["--expect", self.last_hash] if self.last_hash else []
        audit = offline(self.guarded, "audit", "verify", *expect)
        assert audit["is_whole"], audit
        self.last_hash = audit["last_hash"]
        self.seen["reads left"] += sum(task["kind"] == "read" for task in self.guarded.pending())

    def rearm_asked(self):
        """Whatever was reverted before may end from now on: two reverts can be open, one of them
        told to a guard that was latched already."""
        for revert in self.reverted:
            revert[1] = revert[1] or now_ms()

    def operate(self, is_over):
        """Commands, one after the other, until the guard is gone."""
        draw, guarded, expected = self.draw, self.guarded, self.expected
        while not is_over.is_set():
            command = draw.choice(["start", "start", "start", "pause", "resume", "resume", "resume",
                                   "revert", "rearm", "rearm", "rearm"])
            self.number += 1
            reason = f"{command} number {self.number}"
            others = {"same_build": True} if command == "rearm" else {}
            expected.asked(command, reason)
            if command == "rearm":
                self.rearm_asked()
            try:
                answer = guarded.command(command, reason=reason, **others)
            except (OSError, http.client.HTTPException, ValueError):
                self.seen["unanswered"] += 1
                return
            if answer["accepted"]:
                assert answer["durable"], answer
                expected.acknowledged(command, reason, answer["words"])
                self.seen["acknowledged"] += 1
                if command == "revert" and "already" not in answer["words"]:
                    self.reverted.append([now_ms(), None])
            is_over.wait(draw.choice([0, 0, 0.05, 0.2]))

    def live(self, kind):
        """From a start to kill -9."""
        draw, guarded, expected = self.draw, self.guarded, self.expected
        self.launch()
        if kind == "starting":
            time.sleep(draw.uniform(0, 0.3))
            self.kill()
            self.seen["killed while starting"] += 1
            return
        wait_until(guarded.answers, "the guard answers", 20)
        first = [guarded.evaluate(name) for name in PEOPLE[:3]]
        assert all(reply.json()["variant"] == "old" for reply in first) or \
            now_ms() - self.launches[-1] > LEASE_DELAY_MS, first
        status = guarded.status()
        expected.check(status)
        self.seen["latched"] += status["phase"] == "latched"
        fault = draw.choice(["none", "none", "none", "lost-when-document-shared",
                             "acknowledged-not-stored", "both-arms"])
        expected.may_revert = fault != "none"
        if expected.may_revert:
            expected.latch(False)
        guarded.notes.fault(fault)
        is_over = threading.Event()
        operators = threading.Thread(target=self.operate, args=(is_over,))
        if kind == "long":  # Nobody interferes, so that it comes to evidence, or to a revert.
            expected.asked("rearm", "")
            self.rearm_asked()
            guarded.command("rearm", reason="a long life", same_build=True)
            time.sleep(draw.uniform(2, 4))
        else:
            operators.start()
            time.sleep(draw.uniform(0, 0.8))
        if draw.random() < 0.3:
            status = guarded.status()
            if status["phase"] == "latched" and status["latch"]["is_durable"] and kind == "long":
                expected.latch(True)
        self.kill()
        is_over.set()
        if operators.ident:
            operators.join()

    def roll_back_without_a_guard(self):
        self.number += 1
        offline(self.guarded, "rollback", FLAG, "--reason", f"down {self.number}")
        if self.expected.latched != {True}:
            self.reverted.append([now_ms(), None])
        # It writes the slot, and leaves the ledger, which knows of a pause, to the guard: a revert
        # that is new to it ends the pause, as any revert does.
        self.expected.latched = {True}
        self.expected.pauses = self.expected.pauses | {None}


@case("whatever moment kill -9 hits, what was acknowledged holds after the restart")
def _():
    draw = random.Random(OPTIONS.seed)
    print(f"seed {OPTIONS.seed}, {OPTIONS.kills} kills", flush=True)
    story = Story(draw)
    story.launch()
    people = story.guarded.people(PEOPLE[:3], every_s=0.05)
    story.guarded.start()
    story.expected.begun = {True}
    story.guarded.until_served()
    story.kill()
    for kill in range(OPTIONS.kills):
        kind = draw.choices(["starting", "short", "long"], [25, 65, 10])[0]
        try:
            story.live(kind)
            story.check_what_is_left()
            if draw.random() < 0.05:
                story.roll_back_without_a_guard()
        except AssertionError as failure:
            last = [(entry["number"], entry["kind"], entry["by"], entry["reason"], entry["state"])
                    for entry in story.guarded.ledger()[-12:]]
            raise AssertionError(f"kill {kill} ({kind}) of seed {OPTIONS.seed}: {failure}; "
                                 f"{story.seen}; the ledger's end: {last}") from failure
    people.end()
    check_answers(story, people)
    story.guarded.run()
    status = story.guarded.status()
    story.expected.check(status)
    story.guarded.end()
    print(f"{OPTIONS.kills} kills: {story.seen}", flush=True)
    if OPTIONS.kills >= 100:
        assert all(story.seen.values()), story.seen


def check_answers(story, people):
    """No answer of treatment without evidence of the process that gave it, none after a revert."""
    launches = story.launches
    for answer in people.treatments():
        launched = max(at for at in launches if at <= answer.had_ms)
        story.seen["treated"] += 1
        assert answer.had_ms - launched > LEASE_DELAY_MS, (answer, launched)
        assert answer.stamp_ms <= answer.had_ms + story.guarded.max_evidence_age_ms, answer
        for acknowledged, rearmed in story.reverted:
            is_latched = acknowledged < answer.asked_ms and (rearmed is None or
                                                             answer.had_ms < rearmed)
            assert not is_latched, (answer, acknowledged, rearmed)
    entries = [entry["kind"] for entry in story.guarded.ledger()]
    story.seen["rearmed"] = entries.count("rearmed")


@case("what was pending is read after a restart: what was erased meanwhile is found, and convicts")
def _():
    guarded = GuardedService()
    guarded.start()
    guarded.until_served()
    guarded.notes.fault("erase-after:2")
    ok = rounds(guarded.status(), "ok", "treatment")
    guarded.wait_for("rounds that pass what the lease reads",
                     lambda seen: rounds(seen, "ok", "treatment") >= ok + 4)
    guarded.guard.signal(signal.SIGKILL)
    guarded.guard.popen.wait()
    killed_ms = now_ms()
    # What is written from now on stays. Only a read that was pending can find a loss.
    guarded.notes.fault("none")
    with sqlite3.connect(f"file:{guarded.state}/state.db?mode=ro", uri=True) as database:
        left = {name: json.loads(task) for name, task in
                database.execute("SELECT id, task FROM pending") if '"read"' in task}
    assert left and all("text" not in task["read_back"] for task in left.values())
    time.sleep(0.5)
    people = guarded.people()
    guarded.run()
    guarded.wait_for("a suspicion", lambda seen: seen["finding"] != "none" or
                     seen["phase"] == "latched", 20)
    entry = wait_until(lambda: next((entry for entry in guarded.ledger()
                                     if entry["kind"] == "suspected"), None), "its entry")
    harm = json.loads(entry["state"])["harm"]
    assert all(cell["first_failed_write_ms"] < killed_ms for cell in harm), harm
    assert any(read["delay_ms"] == 3_000 for cell in harm for read in cell["failed_reads"]), harm
    equal({cell["journey"] for cell in harm} - set(JOURNEYS), set())

    def is_all_read():
        with sqlite3.connect(f"file:{guarded.state}/state.db?mode=ro", uri=True) as database:
            now = {name for name, in database.execute("SELECT id FROM pending")}
        return not now & set(left)
    wait_until(is_all_read, "every read that was pending is over", 30)
    # And it convicts: several writes were erased, none of control.
    status = guarded.wait_for("the revert", lambda seen: seen["phase"] == "latched", 30)
    equal((status["latch"]["cause"], status["ill_controls"]), ("loss", []))
    equal(rounds(status, "fail", "treatment"), 0)
    people.end()
    guarded.end()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("words", nargs="*", help="of a claim; all without any")
    OPTIONS = parser.parse_args()
    finish(OPTIONS.words)
