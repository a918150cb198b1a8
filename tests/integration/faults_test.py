#!/usr/bin/env python3
"""Every fault of the notes service, against a real guard: what comes of it, what the guard calls the
loss, whom it blames, how long it took, and what real practitioners held meanwhile.

    faults_test.py [--only WORDS] [--at-once N] [--minutes N] [--json FILE]

--only: the rows whose name holds the words. --minutes: how long `none` is watched at its last step.
--json: what was measured, too, as a file. The last line is 'N passed, N failed, N skipped'."""
import argparse
import concurrent.futures
import json
import pathlib
import threading
import time

from guarded_service import (JOURNEYS, PEOPLE, GuardedService, now_ms, rounds, serves_treatment)
from harness import case, equal, finish, wait_until

LOST = {"stale", "field_missing", "record_missing"}
MINUTES = 0.0
# Between two machines' clocks, and from an answer's stamp to whoever holds it: here one machine.
SLACK_MS = 50


class Row:
    """One line of the table of faults, and what is to come of it."""

    def __init__(self, fault, ending, classes=(), journeys=JOURNEYS, name=None, change=None,
                 finds=None):
        self.finds = finds  # one of the classes that some read must have found
        self.fault, self.ending, self.classes = fault, ending, set(classes)
        self.journeys = set(journeys)  # in which it may show
        self.name, self.change = name or fault, change


def tolerating(plan, _):
    for field in plan["fields"]:
        plan["fields"][field] = {"tolerates": ["edge_whitespace"]}
    plan["payload_classes"] = ["edge_whitespace"]  # Each ok is one in which blanks were cut.


ROWS = [
    Row("lost-when-document-shared", "reverts", LOST, ["note-with-shared-document"]),
    Row("acknowledged-not-stored", "reverts", LOST),
    Row("truncate:40", "reverts", {"truncated_tail"}),
    Row("strip-4-byte-utf8", "reverts", {"chars_dropped"}),
    Row("html-escape", "reverts", {"escaped"}),
    Row("swap-fields", "reverts", {"foreign"}),
    # The search misses the record, and may be read first; the others find another's text.
    Row("cross-patient", "reverts", LOST | {"foreign"}, finds="foreign"),
    Row("trim", "reverts", {"edge_whitespace"}),
    Row("trim", "advances", name="trim, tolerated", change=tolerating),
    Row("stale-cache:0.3", "advances", name="stale-cache:0.3, under the deadline"),
    Row("stale-cache:30", "reverts", LOST, name="stale-cache:30, over the deadline"),
    # Later than the reads on which the lease waits: only the re-read at 3 s can see it.
    Row("erase-after:2", "reverts", LOST, name="erase-after:2, seen by a re-read"),
    Row("lose-fraction:0.5", "reverts", LOST),
    Row("both-arms", "blames platform", LOST),
    Row("control-only", "keeps treatment", LOST),
    Row("hang", "lapses"),
    Row("error-500", "lapses"),
    Row("slow:10", "lapses"),
    Row("none", "advances"),
]


class Watched:
    """All that was seen of a guard from the fault on: its status, again and again."""

    def __init__(self, guarded):
        self.guarded, self.seen = guarded, []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._is_over.wait(0.05):
            self.seen.append((now_ms(), self.guarded.status()))

    def end(self):
        self._is_over.set()
        self._thread.join()

    def first_ms(self, condition):
        return next((at for at, status in self.seen if condition(status)), None)


class Played:
    """What came of one row."""

    def __init__(self, row):
        self.row = row
        self.loss_class = self.pause_ms = self.revert_ms = None
        self.blame = "nobody"

    def measured(self):
        return {"fault": self.row.fault, "row": self.row.name, "outcome": self.row.ending,
                "loss_class": self.loss_class, "blame": self.blame,
                "to_pause_ms": self.pause_ms, "to_revert_ms": self.revert_ms}

    def line(self):
        def seconds(value):
            return "-" if value is None else f"{value / 1_000:.2f} s"
        return [self.row.name, self.row.ending, self.loss_class or "-", self.blame,
                seconds(self.pause_ms), seconds(self.revert_ms)]


class Scene:
    """A row while it is played."""

    def __init__(self, row):
        self.played = Played(row)
        self.guarded = GuardedService(change=row.change)
        self.people = self.guarded.people()
        self.guarded.start()
        self.guarded.until_served()
        wait_until(self.people.treatments, "real people are served treatment")
        self.before = self.guarded.status()
        self.switched_ms = now_ms()
        self.guarded.notes.fault(row.fault)
        self.watched = Watched(self.guarded)

    def end(self):
        self.watched.end()
        self.people.end()


def play(row):
    """A healthy rollout, the fault, and what is claimed of its ending."""
    scene = Scene(row)
    try:
        ENDINGS[row.ending](scene)
    finally:
        scene.end()
    check_people(scene)
    scene.guarded.end()
    return scene.played


def check_people(scene):
    """What real practitioners got, asking all the time."""
    people, age_ms = scene.people, scene.guarded.max_evidence_age_ms
    for answer in people.treatments():
        # Evidence is never newer than the answer, so te + M isn't either.
        assert answer.stamp_ms <= answer.had_ms + age_ms, answer
        equal(answer.stamp_ms % 5_000, 0, answer)
    latest = {answer.practitioner: answer.is_treatment for answer in people.answers}
    if scene.played.row.ending in ("advances", "keeps treatment"):
        assert latest[PEOPLE[0]] and latest[PEOPLE[2]], latest
        return
    assert not any(latest.values()), latest
    # The lease's own bound, whatever the guard found out: M after the last verified write, which
    # began before the fault or, where an arm was under way, within its time-out.
    assert people.held_until_ms() <= scene.switched_ms + age_ms + 500 + SLACK_MS
    reverted = [entry["at_ms"] for entry in scene.guarded.ledger() if entry["kind"] == "reverted"]
    for answer in people.treatments():
        assert not reverted or answer.asked_ms < reverted[0] + SLACK_MS, answer


# --- the endings ----------------------------------------------------------------------------------


def loss_of(words):
    """The loss class that a reason, or an entry of the ledger, names."""
    names = LOST | {"truncated_tail", "chars_dropped", "escaped", "foreign", "edge_whitespace"}
    return next((name for name in sorted(names) if f": {name}" in words), None)


def note_pause(scene, first_ms):
    """The entries of suspicions; the first of them is the pause."""
    suspected = [entry for entry in scene.guarded.ledger() if entry["kind"] == "suspected"]
    scene.played.pause_ms = suspected[0]["at_ms"] - first_ms
    return suspected


def reverts(scene):
    guarded, played = scene.guarded, scene.played
    status = guarded.wait_for("the revert", lambda seen: seen["phase"] == "latched" and
                              seen["latch"]["is_durable"], 60)
    latch = status["latch"]
    equal((latch["cause"], latch["who"], status["verdict"]), ("loss", "guard", "revert"))
    equal(status["serving"], {"mode": "safe", "variant": "old", "safe_variant": "old",
                              "share_percent": 0.0})
    lost = guarded.notes.counters()["lost"]["synthetic"]["first"]
    # What a cache serves late is not lost, in the service's own count.
    first_ms = lost["started_ms"] if lost else scene.switched_ms
    note_pause(scene, first_ms)
    played.blame, played.loss_class = "the flag", loss_of(latch["reason"])
    played.revert_ms = latch["when_ms"] - first_ms
    assert played.loss_class in played.row.classes, latch["reason"]
    assert any(journey in latch["reason"] for journey in played.row.journeys), latch["reason"]
    found = guarded.losses("treatment")
    assert played.loss_class in found and (played.row.finds or found[0]) in found, found
    equal(guarded.losses("control"), [])
    if "erase" in played.row.fault:
        assert "read by record" in latch["reason"], latch["reason"]
    assert 0 <= played.pause_ms <= played.revert_ms, (played.pause_ms, played.revert_ms)
    # Nothing changes by itself, and once what was under way is over nobody writes with treatment.
    time.sleep(1)
    written = guarded.notes.counters()["saves"]["new"]
    time.sleep(1.5)
    equal(guarded.notes.counters()["saves"]["new"], written)
    equal(guarded.status()["phase"], "latched")


def advances(scene):
    guarded = scene.guarded
    minutes = MINUTES if scene.played.row.name == "none" else 0
    guarded.wait_for("the last step", lambda seen: seen["step"] == seen["steps"], 90)
    proven = rounds(guarded.status(), "ok", "treatment")
    until = time.monotonic() + 60 * minutes

    def is_over():
        status = guarded.status()
        equal(rounds(status, "fail"), 0, "rounds that failed")
        return rounds(status, "ok", "treatment") >= proven + 6 and time.monotonic() >= until
    wait_until(is_over, "more is proven at the last step", 60 * minutes + 60)
    status = guarded.status()
    assert serves_treatment(status), status
    equal((status["finding"], status["ill_controls"], status["latch"]), ("none", [], None))
    equal([(entry["kind"], entry["reason"]) for entry in guarded.ledger()][1:],
          [("advanced", "step 2 of 3"), ("advanced", "step 3 of 3")])
    if minutes:
        gaps = sum(not serves_treatment(seen) for _, seen in scene.watched.seen)
        equal(gaps, 0, f"moments without treatment, of {len(scene.watched.seen)}")
        counts = {outcome: rounds(status, outcome) for outcome in ("ok", "fail", "info", "void")}
        print(f"none for {minutes:g} min at the last step: {counts}, the loop at most "
              f"{guarded.whole_status()['loop_late_ms']:.0f} ms late in the last of them", flush=True)


def blames_platform(scene):
    guarded, played = scene.guarded, scene.played
    guarded.wait_for("a finding", lambda seen: seen["finding"] == "platform", 60)
    # It stays so: repeats go on, and fail in both arms.
    failed = rounds(guarded.status(), "fail", "treatment")
    status = guarded.wait_for("repeats fail, too",
                              lambda seen: rounds(seen, "fail", "treatment") >= failed + 3)
    equal((status["finding"], status["phase"], status["latch"], status["verdict"]),
          ("platform", "rolling", None, "pause"))
    equal(status["serving"]["mode"], "safe")
    assert any("the platform is to blame" in reason for reason in status["reasons"]), status
    lost = guarded.notes.counters()["lost"]["synthetic"]["first"]
    suspected = note_pause(scene, lost["started_ms"])
    played.blame, played.loss_class = "the platform", loss_of(suspected[-1]["reason"])
    assert played.loss_class in played.row.classes, suspected
    scene.people.end()
    guarded.notes.fault("none")
    guarded.wait_for("the cells are cleared, and it goes on", serves_treatment, 120)


def keeps_treatment(scene):
    guarded, before = scene.guarded, scene.before
    guarded.wait_for("control is ill", lambda seen: seen["ill_controls"], 60)
    proven = rounds(guarded.status(), "ok", "treatment")
    # Longer than the lease that the fault found: it is renewed by what treatment proves.
    status = guarded.wait_for(
        "treatment goes on being proven",
        lambda seen: rounds(seen, "ok", "treatment") >= proven + 6 and serves_treatment(seen) and
        seen["lease"]["stamp_ms"] > before["lease"]["stamp_ms"] + 5_000)
    assert status["ill_controls"], status
    equal((status["finding"], status["latch"], status["verdict"]), ("none", None, "hold"))
    equal(status["step"], before["step"], "no step is proven without its controls")
    assert any("reverting is unsafe" in reason for reason in status["reasons"]), status
    scene.played.blame = "control: revert is unsafe"
    scene.played.loss_class = next(iter(guarded.losses("control")), None)
    assert scene.played.loss_class in LOST, guarded.losses("control")
    assert all(serves_treatment(seen) for _, seen in scene.watched.seen), "at every moment"


def lapses(scene):
    guarded, row = scene.guarded, scene.played.row
    status = guarded.wait_for("the lease ends", lambda seen: not serves_treatment(seen), 60)
    ended_ms = scene.watched.first_ms(lambda seen: not serves_treatment(seen)) or now_ms()
    scene.played.pause_ms = ended_ms - scene.switched_ms
    # Nobody is blamed, however long it goes on.
    info = rounds(status, "info", "treatment")
    status = guarded.wait_for("more rounds without an answer",
                              lambda seen: rounds(seen, "info", "treatment") >= info + 6)
    equal((status["phase"], status["latch"], status["suspects"], status["ill_controls"],
           status["verdict"], status["blame"]), ("rolling", None, [], [], "pause", "nobody"))
    assert status["finding"] in ("none", "not_ok"), status["finding"]
    equal((rounds(status, "fail"), status["serving"]["mode"]), (0, "safe"))
    assert {entry["kind"] for entry in guarded.ledger()} <= {
        "started", "advanced", "unanswered", "cleared"}, row.name
    scene.people.end()
    guarded.notes.fault("none")
    guarded.wait_for("it goes on by itself", serves_treatment, 60)


ENDINGS = {"reverts": reverts, "advances": advances, "blames platform": blames_platform,
           "keeps treatment": keeps_treatment, "lapses": lapses}

# --- the run --------------------------------------------------------------------------------------


def table(results):
    heading = ["fault", "outcome", "loss class", "blame", "to pause", "to revert"]
    lines = [heading] + [played.line() for played in results]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heading))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in lines)


def main():
    global MINUTES
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    MINUTES = options.minutes
    wanted = [row for row in ROWS if options.only in row.name]
    pool = concurrent.futures.ThreadPoolExecutor(options.at_once)
    results = []
    for row in wanted:
        playing = pool.submit(play, row)
        case(f"{row.name}: {row.ending}")(lambda playing=playing: results.append(playing.result()))

    @case("what was measured")
    def _():
        print(table(results))
        if options.json:
            options.json.write_text(json.dumps([played.measured() for played in results], indent=1))
        assert results or not wanted, "nothing was measured"

    finish([])


if __name__ == "__main__":
    main()
