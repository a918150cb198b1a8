#!/usr/bin/env python3
"""The decision's goals, with few seeds: how soon it is against tests that are told the rate of loss,
how soon the flag is named, and how often a harmless flag is reverted. The seeds are fixed, so this
measures the same at each run; tests/bench/evidence does it with as many as one likes."""
import json
import subprocess

from harness import BUILD, case, finish

SEEDS = {6: 20_000, 7: 4_000}  # where a chance is measured
FEW_SEEDS = 800  # for a ratio


def rows(number):
    seeds = str(SEEDS.get(number, FEW_SEEDS))
    done = subprocess.run([BUILD / "tests" / "bench" / "evidence", "--json", "--row", str(number),
                           "--seeds", seeds], capture_output=True, text=True, timeout=600)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found, done.stderr
    return found


def check(number, at_least):
    """With few seeds the limit is wide, so the measure itself is held against the goal; a planted
    bug has to be over its goal for certain."""
    found = rows(number)
    for row in found:
        assert row["met"] if "planted" in row["case"] else row["measured"] <= row["goal"], row
    assert len(found) >= at_least, found
    return found


@case("one cell from the start: at most 1.02 times an SPRT that is told p; total loss: 2 probes")
def _():
    assert check(1, 9)[0]["measured"] == 2


@case("after 10^2 to 10^6 healthy probes: at most 1.15 times a CUSUM told p; total loss: 3 probes")
def _():
    check(2, 40)


@case("one lossy cell of 100: at most 1.10 times the mean time to its first failure")
def _():
    check(3, 6)


@case("loss spread over 100 cells: at most 1.10 times an SPRT over one stream")
def _():
    check(4, 1)


@case("a noisy platform: at most 1.15 times an SPRT that is told p")
def _():
    check(5, 12)


@case("blame: within 5 blocks, and a harmless flag at most at its level, whatever the platform does")
def _():
    check(6, 12)


@case("false reverts stay under alpha, with cells that fail together; a tenth of the threshold shows")
def _():
    check(7, 6)


finish()
