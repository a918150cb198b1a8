#!/usr/bin/env python3
"""`guard probe run PLAN --once`: what it shows whoever writes or mends a plan, with nobody answering
for the flag and with each arm its variant; and what it never shows, which is a text."""
import json
import re
import sqlite3
import subprocess

from guarded_service import GUARD, JOURNEYS, GuardedService
from harness import case, equal, finish

INCIDENT = "lost-when-document-shared"
OK, FAILED, CONFIG_INVALID = 0, 1, 3
# The nonce in every text, as probes/token.h has it.
NONCE = re.compile(r"rb[0-9a-hjkmnp-tv-z]{13}", re.IGNORECASE)
PATHS = {"record", "list", "search", "revisions"}


class Probed:
    """A notes service, a plan and a config that names it, and no guard."""

    def __init__(self, **options):
        self.guarded = GuardedService(is_started=False, **options)
        self.notes = self.guarded.notes

    def run(self, *words, code=OK, with_config=True):
        where = self.guarded.where
        config = ["--config", where / "guard.yaml"] if with_config else []
        done = subprocess.run([GUARD, "probe", "run", where / "plan.yaml", "--once", *config,
                               *words], env=self.guarded.environment, capture_output=True,
                              text=True, timeout=120)
        equal(done.returncode, code, done.stdout + done.stderr)
        said = done.stdout + done.stderr
        equal(NONCE.findall(said), [], "nonces of texts")
        for secret in self.guarded.secrets():
            assert secret not in said, "a secret"
        return done.stdout

    def arms(self, **options):
        """By journey and arm."""
        return {(arm["journey"], arm["arm"]): arm
                for arm in json.loads(self.run("--json", **options))}

    def visits(self):
        with sqlite3.connect(self.notes.database) as database:
            return database.execute("SELECT count(*) FROM visits").fetchone()[0]


def outcomes(arm):
    return {read["outcome"] for read in arm["reads"]}


@case("on a healthy service every field comes back by every path, and nothing stays behind")
def _():
    probed = Probed()
    arms = probed.arms()
    equal(set(arms), {(journey, arm) for journey in JOURNEYS for arm in ("treatment", "control")})
    for (journey, name), arm in arms.items():
        equal((arm["state"], arm["ok"], arm["void"], arm["not_removed"]),
              ("acknowledged", True, "", []), arm)
        equal(outcomes(arm), {"ok"}, arm)
        equal({read["path"] for read in arm["reads"]}, PATHS)
        assert all(200 <= step["status"] < 300 for step in arm["steps"]), arm["steps"]
        assert all(step["took_ms"] > 0 for step in arm["steps"])
    saves = probed.notes.counters()["saves"]
    assert saves["new"]["synthetic"] > 0 and saves["old"]["synthetic"] > 0, saves
    equal(probed.visits(), 0, "visits that are left")
    text = probed.run()
    assert "every field came back by every path" in text, text
    for word in [*JOURNEYS, "treatment", "control", "share-document", "200", "read record", "ms"]:
        assert word in text, (word, text)


@case("without a config nobody answers for the flag, and the code's default is what is walked")
def _():
    probed = Probed()
    arms = probed.arms(with_config=False)
    equal(set(arms), {(journey, "code default") for journey in JOURNEYS})
    assert all(arm["ok"] for arm in arms.values()), arms
    equal(probed.notes.counters()["saves"]["new"]["synthetic"], 0)
    assert "every field came back" in probed.run(with_config=False)
    equal(probed.visits(), 0)


@case("the journey with the document sees the incident, in the treatment arm only")
def _():
    probed = Probed(fault=INCIDENT)
    arms = probed.arms(code=FAILED)
    equal({key for key, arm in arms.items() if not arm["ok"]}, {(JOURNEYS[1], "treatment")})
    broken = arms[JOURNEYS[1], "treatment"]
    equal((broken["state"], broken["void"], outcomes(broken)), ("acknowledged", "", {"fail"}))
    losses = {read["loss_class"] for read in broken["reads"]}
    assert losses <= {"stale", "field_missing", "record_missing"}, losses
    assert all(read["explanation"] and read["reads"] > 1 for read in broken["reads"]), broken
    equal(probed.visits(), 0, "what was lost is removed, too")
    text = probed.run(code=FAILED)
    assert "NOT every field came back" in text and "fail" in text, text
    # Without the config the old editor saves, and it is as green as ever.
    assert all(arm["ok"] for arm in probed.arms(with_config=False).values())


def only_create_and_read(plan, _):
    plan["journeys"] = [each for each in plan["journeys"] if each["name"] == JOURNEYS[0]]


@case("a plan that only creates a note and reads it back stays green under the incident")
def _():
    probed = Probed(fault=INCIDENT, change=only_create_and_read)
    arms = probed.arms()
    equal(set(arms), {(JOURNEYS[0], "treatment"), (JOURNEYS[0], "control")})
    assert all(arm["ok"] for arm in arms.values()), arms
    assert probed.notes.counters()["saves"]["new"]["synthetic"] > 0


def read_a_wrong_field(plan, _):
    for journey in plan["journeys"]:
        for step in journey["steps"]:
            if step.get("path") == "record":
                step["fields"]["conclusion"] = "/conclusions"


@case("a wrong pointer is told with the pointers that there are")
def _():
    probed = Probed(change=read_a_wrong_field)
    arms = probed.arms(code=FAILED)
    for arm in arms.values():
        wrong = [read for read in arm["reads"] if read["outcome"] != "ok"]
        equal({(read["path"], read["field"]) for read in wrong}, {("record", "conclusion")})
        for read in wrong:
            assert "no /conclusions, at the top are: conclusion" in read["explanation"], read
    assert "/conclusions" in probed.run(code=FAILED)


def capture_a_wrong_field(plan, _):
    plan["journeys"][0]["steps"][0]["captures"] = {"visit": "/identifier"}
    plan["journeys"] = plan["journeys"][:1]


@case("a capture that finds nothing is told at its step, with what the reply has")
def _():
    probed = Probed(change=capture_a_wrong_field)
    arm = probed.arms(code=FAILED)[JOURNEYS[0], "control"]
    assert arm["state"] != "acknowledged" and not arm["reads"], arm
    explanation = arm["steps"][-1]["explanation"]
    assert "/identifier" in explanation and "id, patient" in explanation, arm


@case("an answer that hangs, refuses or fails is told, and is no loss")
def _():
    for fault, says in [("hang", None), ("error-500", 500)]:
        probed = Probed(fault=fault)
        arms = probed.arms(code=FAILED)
        for (journey, name), arm in arms.items():
            equal(arm["ok"], name == "control", (fault, arm))
            if name == "treatment":
                equal(arm["steps"][-1]["status"], says)
                assert "fail" not in outcomes(arm), arm
                assert arm["steps"][-1]["explanation"], arm


@case("a plan with mistakes, or one that no flag of the config names, is refused with their places")
def _():
    probed = Probed()
    plan = probed.guarded.where / "plan.yaml"
    right = plan.read_text()
    plan.write_text(right.replace("interval: ", "intervall: "))
    probed.run(code=CONFIG_INVALID)
    probed.run(code=CONFIG_INVALID, with_config=False)
    plan.write_text(right)
    other = probed.guarded.where / "other.yaml"
    other.write_text(right)
    done = subprocess.run([GUARD, "probe", "run", other, "--once", "--config",
                           probed.guarded.where / "guard.yaml"], env=probed.guarded.environment,
                          capture_output=True, text=True, timeout=60)
    equal(done.returncode, CONFIG_INVALID, done.stderr)
    assert "no flag" in done.stderr and "other.yaml" in done.stderr, done.stderr


if __name__ == "__main__":
    finish()
