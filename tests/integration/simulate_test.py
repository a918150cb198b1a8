#!/usr/bin/env python3
"""`guard simulate` on the demo's configs: what it foresees, what it says that it cannot see, the
picture, and that nothing of it hangs on the number of threads."""
import json
import os
import shutil
import subprocess
import xml.etree.ElementTree

from harness import BUILD, ROOT, case, directory, equal, finish

GUARD = BUILD / "guard" / "guard"
OK, USAGE, CONFIG_INVALID = 0, 2, 3
ENVIRONMENT = dict(os.environ, **{f"TOKEN_{n:02}": f"secret-of-{n:02}" for n in range(1, 25)})


def demo():
    """The demo's configs, with a token file of their own."""
    where = directory()
    for file in (ROOT / "configs" / "demo").glob("*.yaml"):
        shutil.copy(file, where)
    (where / "ofrep-token").write_text("a-token-that-is-long-enough-for-anybody")
    (where / "ofrep-token").chmod(0o600)
    return where


def simulate(config, *words, code=OK):
    done = subprocess.run([GUARD, "simulate", config, "--rollouts", "40", "--hours", "2", *words],
                          env=ENVIRONMENT, text=True, capture_output=True, timeout=600)
    equal(done.returncode, code, done.stderr)
    return done.stdout


def forecast(config, *words):
    return json.loads(simulate(config, "--json", *words))["flags"][0]


def losses(told):
    return {(one["scenario"], one["after"]): one for one in told["losses"]}


@case("the demo's rollout: every loss is paused and reverted, the total one within its bounds")
def _():
    told = forecast(demo() / "guard.yaml")
    found = losses(told)
    for name in ["total", "one_field", "one_class", "one_in_a_hundred", "interference"]:
        for after in ["a_minute", "healthy_time"]:
            one = found[name, after]
            equal((one["paused"], one["reverted"]), (40, 40), f"{name} after {after}")
            assert one["pause_s"]["median"] <= one["revert_s"]["median"], one
    total = found["total", "healthy_time"]
    assert total["pause_s"]["p99"] <= told["bounds"]["pause_ms"] / 1000, total
    assert total["revert_s"]["p99"] <= told["bounds"]["latch_ms"] / 1000, total
    assert total["writes_at_risk"]["p99"] > 0, total
    for dead in told["guard_dead"]:
        assert 0 < dead["held_s"]["p99"] <= told["bounds"]["hard_ms"] / 1000, dead
    begins = [step["median"] for step in told["well"]["step_begins_s"]]
    assert begins == sorted(begins) and begins[1] >= 20, begins
    equal(told["well"]["false_reverts"]["count"], 0, "false reverts")
    assert not [one for one in told["unseen"] if "no journey does anything" in one["why"]]


@case("the plan without the journey that shares a document says that it cannot see it")
def _():
    told = forecast(demo() / "guard-without-document.yaml")
    assert ("interference", "a_minute") not in losses(told)
    unseen = [one for one in told["unseen"] if "document" in one["loss"]]
    equal([one["why"] for one in unseen], ["no journey does anything but write and read"], told)


@case("the same seed is the same forecast on one thread and on three, another one is another")
def _():
    config = demo() / "guard.yaml"
    one = forecast(config, "--threads", "1")
    assert one == forecast(config, "--threads", "3")
    assert one["losses"] != forecast(config, "--seed", "2")["losses"]


@case("more writes are more at risk, and a slower application is paused later")
def _():
    config = demo() / "guard.yaml"
    few = losses(forecast(config))["total", "a_minute"]
    many = losses(forecast(config, "--writes-per-hour", "60"))["total", "a_minute"]
    slow = losses(forecast(config, "--answer-ms", "200"))["total", "a_minute"]
    ratio = many["writes_at_risk"]["median"] / few["writes_at_risk"]["median"]
    assert abs(ratio - 10) < 1e-6, ratio
    assert slow["pause_s"]["median"] > few["pause_s"]["median"], (slow, few)


@case("the table names each scenario; the picture is an SVG that names them, too")
def _():
    where = demo()
    text = simulate(where / "guard.yaml", "--svg", where / "picture.svg")
    root = xml.etree.ElementTree.parse(where / "picture.svg").getroot()
    equal(root.tag, "{http://www.w3.org/2000/svg}svg", "the root")
    drawn = " ".join(root.itertext())
    for words in ["every write of one payload class", "one write in a hundred", "guard is dead",
                  "only in a visit with another action", "a loss in the browser"]:
        assert words in text and words in drawn, words
    assert "secret-of" not in text + drawn


@case("a wrong config, and a flag that is not there, are refused")
def _():
    where = demo()
    simulate(where / "guard.yaml", "--flag", "no-such-flag", code=USAGE)
    (where / "guard.yaml").write_text("version: 1\n")
    simulate(where / "guard.yaml", code=CONFIG_INVALID)


finish()
