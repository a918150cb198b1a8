#!/usr/bin/env python3
"""The orphan: a synthetic practitioner whose evaluations always fail shows what the application does
without an answer. Its code default must be the safe variant, else a dead guard is not safe.

    orphan_test.py [words of a claim]"""
import sys

from guard_process import FLAG, TOKEN, GuardProcess
from harness import case, equal, finish, http_request, wait_until

ORPHAN = "synthetic-25"


def standing(guard, wanted):
    return wait_until(lambda: guard.status()["orphan"] == wanted and guard.status(), wanted, 40)


def metric(guard, name):
    page = http_request("GET", guard.url + "/metrics").body.decode()
    return float(next(line for line in page.splitlines() if line.startswith(name + "{")).split()[-1])


@case("an application whose code default is safe behaves as control")
def _():
    guard = GuardProcess(has_orphan=True).start_rollout()
    standing(guard, "as_control")
    equal(metric(guard, "readback_code_default_unsafe"), 0)
    # He is answered with an error, one flag or all, while everybody else is served.
    guard.until_treatment()
    reply = guard.evaluate(FLAG, ORPHAN)
    equal((reply.status, "value" in reply.json(), reply.json()["errorCode"]),
          (503, False, "GENERAL"))
    equal(http_request("POST", guard.url + "/ofrep/v1/evaluate/flags",
                       {"context": {"targetingKey": ORPHAN}}, TOKEN).status, 503)
    equal(guard.status()["finding"], "none")
    guard.process.end()


@case("an application whose code default is the treatment is told, and nothing is reverted for it")
def _():
    guard = GuardProcess(has_orphan=True, notes_options=["--unsafe-code-default"]).start_rollout()
    standing(guard, "not_as_control")
    equal(metric(guard, "readback_code_default_unsafe"), 1)
    guard.until_treatment()
    equal(guard.status()["phase"], "rolling")
    guard.process.end()


@case("a plan without an orphan says that nobody checks it")
def _():
    guard = GuardProcess()
    equal(guard.status()["orphan"], None)
    guard.process.end()


finish(sys.argv[1:])
