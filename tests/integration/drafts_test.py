#!/usr/bin/env python3
"""Notes that a revert came too late for: the notes service keeps what its new editor wrote until the
guard has proven it, and writes the rest again after a revert, each read back. For each fault: how many
notes were lost when the guard reverted, how many came back.

    drafts_test.py [words of a claim]

Zero is claimed for faults that lose whatever is written in such a visit. Of one that loses some, be it
by chance or by what the text holds, a probe whose text it does not touch passes meanwhile, and what was
written before it is dropped as proven: for those the numbers are shown."""
import sys
import time

from guard_process import GuardProcess
from harness import case, equal, finish, wait_until

JOURNEYS = ["note-alone", "note-with-shared-document"]
# With all that the faults alter: blanks at both ends, HTML, characters beyond U+FFFF, some length.
TEXT = "  Paracétamol <1 g> & \"repos\" 🐘 " + "toux, fièvre, courbatures; " * 6 + "n° {} \t"
FAULTS = {  # fault -> options of the guard
    "acknowledged-not-stored": {}, "lost-when-document-shared": {}, "truncate:60": {},
    "strip-4-byte-utf8": {}, "html-escape": {}, "trim": {}, "swap-fields": {}, "cross-patient": {},
    "erase-after:2": {"delays": ["0 s", "3 s"]}, "lose-fraction:0.5": {},
}
NOT_TOTAL = {"lose-fraction:0.5"}
PEOPLE = 10

_rows = []


class Visits:
    """Notes of real practitioners in visits with a shared document, and what each should hold."""

    def __init__(self, notes):
        self.notes, self.texts = notes, {}

    def write(self, count):
        for i in range(count):
            who = f"practitioner-{1 + i % PEOPLE:05}"
            visit = self.notes.visit(who, shared=True)
            text = TEXT.format(len(self.texts))
            reply = self.notes.save(who, visit, visit_motive=text + "motive", interview=text)
            assert reply.status == 200, reply
            self.texts[who, visit] = {"visit_motive": text + "motive", "interview": text}
            self.path = reply.json()["path"]

    def lost(self):
        """Fields that are not there as they were written."""
        lost = 0
        for (who, visit), fields in self.texts.items():
            record = self.notes.record(who, visit)
            lost += sum(record[field] != text for field, text in fields.items())
        return lost


def drafts(guard):
    return guard.notes.counters()["drafts"]


def play(fault, options):
    guard = GuardProcess(journeys=JOURNEYS, keeps_drafts=True, max_evidence_age="40 s",
                         **options).start_rollout()
    guard.until_treatment("practitioner-00001")
    visits = Visits(guard.notes)

    def is_treated():
        visits.write(1)
        return visits.path == "new"
    wait_until(is_treated, "the new editor", 60)
    visits.write(PEOPLE)
    equal(visits.lost(), 0)
    assert drafts(guard)["kept"] > 0, "what was just written is not proven yet"
    wait_until(lambda: drafts(guard)["kept"] == 0, "all of it is proven", 60)
    guard.notes.fault(fault)
    begun = time.monotonic()
    while guard.status()["phase"] != "latched":
        assert time.monotonic() - begun < 90, "no revert"
        if guard.status()["serving"]["mode"] == "leased":
            visits.write(2)
        time.sleep(0.2)
    wait_until(lambda: drafts(guard)["kept"] == 0, "all drafts are written again", 60)
    time.sleep(3)  # Longer than what is erased late takes.
    after = visits.lost()
    counts = drafts(guard)
    lost = after + counts["recovered"]
    _rows.append((fault, len(visits.texts) * 2, lost, counts["recovered"], after))
    print(f"        {fault}: {len(visits.texts) * 2} fields written, {lost} lost at the revert, "
          f"{counts['recovered']} recovered, {counts['rewritten']} written again all the same, "
          f"{after} still lost", flush=True)
    guard.process.end()
    guard.notes.process.end()
    return lost, after


for name, how in FAULTS.items():
    if name in NOT_TOTAL:
        @case(f"{name}: some of what was lost comes back, and what does not is told")
        def _(name=name, how=how):
            lost, after = play(name, how)
            assert lost > 0, "nothing was lost: nothing is shown"
    else:
        @case(f"{name}: what was lost until the revert comes back, all of it")
        def _(name=name, how=how):
            lost, after = play(name, how)
            assert lost > 0 or name.startswith("erase"), "nothing was lost: nothing is shown"
            equal(after, 0)


@case("the table of notes lost and recovered")
def _():
    print(f"        {'fault':28} {'written':>8} {'lost':>6} {'recovered':>10} {'still lost':>11}")
    for row in _rows:
        print("        {:28} {:8} {:6} {:10} {:11}".format(*row), flush=True)


finish(sys.argv[1:])
