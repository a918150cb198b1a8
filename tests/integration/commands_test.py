#!/usr/bin/env python3
"""The commands of people on call, against a real guard with a real notes service: each of them, and
`guard rollback` with the guard well, hung, gone, and on a full disk.

    commands_test.py [words of a claim]"""
import contextlib
import copy
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import (BUILD, ROOT, Notes, Process, Skip, case, directory, equal, finish, free_port,
                     http_request, secret_file, wait_until)

GUARD = BUILD / "guard/guard"
FLAG = "notes-editor-v2"
TOKEN = "the-bearer-token-of-the-tests"
OK, FAILED, USAGE, CONFIG, UNREACHABLE, REFUSED, NOT_DURABLE = range(7)
MAX_AGE_S = 60


def short_plan(notes, environment):
    """The demo's plan with the journey that sees nothing, at the pace of a test."""
    plan = yaml.safe_load((ROOT / "configs/demo/plan.yaml").read_text())
    plan["target"]["base_url"] = notes.url
    plan["rounds"] |= {"interval": "1 s", "settle": "50 ms"}
    plan["delays"] = ["0 s"]
    plan["journeys"] = plan["journeys"][:1]
    for step in plan["journeys"][0]["steps"]:
        step.pop("delays", None)
    for practitioner in plan["practitioners"]:
        practitioner["secret"] = {"environment": f"TOKEN_{practitioner['id'][-2:]}"}
        environment[practitioner["secret"]["environment"]] = notes.token(practitioner["id"])
    del plan["end"]
    return plan | {"end": "readback"}


class Guard:
    """A guard of a state directory of its own, run by its user."""

    def __init__(self, build="build-1", bake="0 s", watchdog="5 s", minimum_evidence=1):
        self.where = directory()
        self.state = self.where / "state"
        self.port = free_port()
        self.environment = dict(os.environ, READBACK_STATE=str(self.state))
        self.notes = Notes("--flag", FLAG, synthetic=24, ofrep=f"http://127.0.0.1:{self.port}",
                           ofrep_token=TOKEN)
        plan = short_plan(self.notes, self.environment)
        (self.where / "plan.json").write_text(json.dumps(plan))
        self.config = {
            "version": 1, "listen": f"127.0.0.1:{self.port}",
            "token_file": str(secret_file(TOKEN, self.where)),
            "application_time_out": "250 ms", "watchdog": watchdog,
            "flags": [{
                "key": FLAG, "owner": "team-notes", "build": build,
                "variants": {"new": True, "old": False}, "safe": "old", "treatment": "new",
                "plan": "plan.json",
                "evidence": {"max_loss_rate": 0.96, "max_class_loss_rate": 1},  # One probe.
                "rollout": {"steps": [{"share": "100 %", "minimum_time": "0 s",
                                       "minimum_evidence": minimum_evidence}],
                            "bake": bake, "max_evidence_age": f"{MAX_AGE_S} s"}}],
            "end": "readback"}
        self.write_config()
        self.process = None

    def write_config(self, **flag):
        self.config["flags"][0] |= flag
        (self.where / "guard.json").write_text(json.dumps(self.config))

    def run(self, *words):
        self.process = Process(GUARD, "run", self.where / "guard.json", *words, where=self.where,
                               environment=self.environment)
        wait_until(lambda: self.ask("status").returncode == OK or not self.process.is_running(),
                   "the guard listens")
        assert self.process.is_running(), self.process.errors()
        return self

    def ask(self, *words, limit_bytes=None):
        """A command of `guard`, with its exit code and what it said."""
        def limit():
            if limit_bytes is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
        return subprocess.run([str(GUARD), *map(str, words)], env=self.environment, text=True,
                              capture_output=True, timeout=60, preexec_fn=limit)

    def told(self, *words, code=OK):
        """The JSON of a command that ends with `code`."""
        done = self.ask(*words, "--json")
        equal(done.returncode, code, f"{words}: {done.stdout} {done.stderr}")
        return json.loads(done.stdout)

    def flag(self):
        return self.told("status", FLAG)

    def wait_for(self, what, condition, seconds=40):
        return wait_until(lambda: condition(self.flag()), f"{what}: {self.flag()}", seconds)

    def start(self):
        """Until treatment is served to everybody."""
        equal(self.ask("start", FLAG, "--by", "ada").returncode, OK)
        self.wait_for("treatment", lambda flag: flag["serving"]["mode"] == "leased")
        return self

    def finish(self):
        self.start()
        wait_until(lambda: self.ask("finish", FLAG, "--by", "ada").returncode == OK, "finished", 40)
        equal(self.flag()["phase"], "finished")
        return self

    def served(self, practitioner="a real practitioner"):
        reply = http_request("POST",
                             f"http://127.0.0.1:{self.port}/ofrep/v1/evaluate/flags/{FLAG}",
                             {"context": {"targetingKey": practitioner}}, TOKEN)
        equal(reply.status, 200)
        return reply.json()["variant"]

    def roll_back(self, *words, code=OK, what=FLAG):
        begun = time.time()
        told = self.told("rollback", *([what] if what else ["--all"]), "--reason", "notes are lost",
                         *words, code=code)
        self.check_bound(told, begun)
        return told["flags"][0]

    @staticmethod
    def check_bound(told, begun):
        """Now + M, rounded down to 5 s."""
        for flag in told["flags"]:
            until = flag["held_until_ms"] / 1000
            assert begun + MAX_AGE_S - 5 <= until <= time.time() + MAX_AGE_S, (until, begun)
            equal(until % 5, 0)

    def end(self):
        equal(self.process.end()[0], OK, self.process.errors())


def is_reverted(guard):
    """After a restart: what counts is what the next guard serves."""
    guard.run()
    flag = guard.flag()
    equal(flag["phase"], "latched")
    equal(guard.served(), "old")
    return flag["latch"]


@case("start, status, pause, resume and exposures work, and status ends with the next command")
def _():
    guard = Guard().run()
    last = guard.ask("status").stdout.splitlines()[-1]
    equal(last, f"guard start {FLAG} --by NAME")
    equal(guard.served(), "old")
    guard.start()
    equal(guard.served(), "new")
    status = guard.flag()
    assert status["lease"]["seconds_left"] > 0, status
    assert status["not_covered"]["payload_classes"], status
    exposed = guard.told("exposures", FLAG)["exposures"]
    equal(len(exposed), 1)
    equal(exposed[0]["step"], 1)
    assert "1 served treatment" in guard.ask("exposures", FLAG).stdout
    equal(guard.ask("pause", FLAG, "--by", "ada", "--reason", "lunch").returncode, OK)
    equal(guard.served(), "old")
    text = guard.ask("status", FLAG).stdout
    assert "PAUSED" in text and "paused by ada: lunch" in text, text
    equal(text.splitlines()[-1], f"guard resume {FLAG} --by NAME")
    equal(guard.ask("resume", FLAG, "--by", "ada").returncode, OK)
    guard.wait_for("treatment again", lambda flag: flag["serving"]["mode"] == "leased")
    guard.end()


@case("refusals, unknown flags and missing arguments have exit codes of their own")
def _():
    guard = Guard().run()
    for code, *words in [(REFUSED, "finish", FLAG, "--by", "ada"),
                         (REFUSED, "start", "typo", "--by", "ada"),
                         (REFUSED, "status", "typo"), (REFUSED, "exposures", "typo"),
                         (REFUSED, "rollback", "typo", "--reason", "x"),
                         (USAGE, "start", FLAG, "--by", "guard"),
                         (USAGE, "start", FLAG), (USAGE, "rollback", FLAG),
                         (USAGE, "rollback", "--reason", "x"),
                         (USAGE, "rollback", FLAG, "--all", "--reason", "x"),
                         (USAGE, "rearm", FLAG, "--by", "ada"),
                         (UNREACHABLE, "rollback", FLAG, "--reason", "x", "--state", "/nowhere"),
                         (UNREACHABLE, "status", "--state", guard.where)]:
        done = guard.ask(*words)
        equal(done.returncode, code, f"{words}: {done.stdout} {done.stderr}")
        assert done.stderr or done.stdout, words
    equal(guard.flag()["phase"], "waiting")
    guard.end()


@case("reload takes a good config and refuses a bad one, which changes nothing")
def _():
    guard = Guard().run()
    guard.write_config(build="build-2")
    equal(guard.told("reload")["accepted"], True)
    guard.wait_for("the new build", lambda flag: flag["build"] == "build-2")
    guard.write_config(safe="neither")
    done = guard.ask("reload")
    equal(done.returncode, CONFIG)
    assert "guard.json:" in done.stderr, done.stderr
    text = guard.ask("status").stdout
    assert "RELOAD REFUSED" in text, text
    assert text.splitlines()[-1].startswith("guard validate "), text
    equal(guard.flag()["build"], "build-2")
    equal(guard.roll_back()["durable"], True)
    guard.end()


@case("a token file that every user may read starts no guard")
def _():
    guard = Guard()
    token = pathlib.Path(guard.config["token_file"])
    token.chmod(0o644)
    refused = guard.ask("validate", guard.where / "guard.json")
    equal(refused.returncode, CONFIG)
    assert "is open to every user" in refused.stderr, refused.stderr
    assert TOKEN not in refused.stdout + refused.stderr
    token.chmod(0o600)
    guard.told("validate", guard.where / "guard.json")


@case("a daemon's log is words, or JSON lines")
def _():
    guard = Guard().run("--json")
    guard.process.signal(signal.SIGHUP)
    wait_until(lambda: '"reload"' in guard.process.errors(), "the reload is told")
    guard.end()
    events = [json.loads(line) for line in guard.process.errors().splitlines()]
    equal([event["event"] for event in events], ["listening", "reload", "ending"])
    equal((events[0]["port"], events[1]["accepted"]), (guard.port, True))
    faults = guard.told("demo", "--list")
    assert "lost-when-document-shared" in [fault["fault"] for fault in faults], faults


@case("a shorter lease after a reload leaves the printed bound where the longer one put it")
def _():
    guard = Guard().run().start()
    begun = time.time()
    shorter = dict(guard.config["flags"][0]["rollout"], max_evidence_age=f"{MAX_AGE_S // 2} s")
    guard.write_config(rollout=shorter, build="build-2")
    equal(guard.told("reload")["accepted"], True)
    guard.wait_for("the new build", lambda flag: flag["build"] == "build-2")
    guard.process.kill()
    told = guard.roll_back()
    assert told["held_until_ms"] / 1000 >= begun + MAX_AGE_S - 5, (told, begun)


@case("rollback with the guard up: served at once, on disk, read back, and twice is no failure")
def _():
    guard = Guard().run().start()
    told = guard.roll_back("--by", "ada")
    equal((told["guard"], told["killed"], told["durable"]), ("up", False, True))
    assert told["served"], told["words"]
    equal(told["served"]["variant"], "old")
    equal(guard.served(), "old")
    # Answered once the latch is on disk; status says so after the ledger, too.
    guard.wait_for("it in the ledger", lambda flag: flag["latch"]["is_durable"])
    latch = guard.flag()["latch"]
    equal((latch["who"], latch["cause"], latch["reason"]), ("ada", "operator", "notes are lost"))
    assert guard.flag()["held_until_ms"] <= told["held_until_ms"]
    equal(guard.roll_back("--by", "bob")["durable"], True)
    equal(guard.flag()["latch"], latch)
    text = guard.ask("rollback", FLAG, "--reason", "again").stdout
    assert f"{FLAG}: reverted, and on disk" in text and '"old" is served now' in text, text
    assert "a client can hold treatment until" in text, text
    equal(text.splitlines()[-1], f"guard exposures {FLAG}")
    guard.end()
    equal(is_reverted(guard)["who"], "ada")
    guard.end()


@case("rollback of everything, by the login name, with words that are too long and of two lines")
def _():
    guard = Guard().run().start()
    begun = time.time()
    told = guard.told("rollback", "--all", "--reason", "é" * 500 + "\nsecond line")
    guard.check_bound(told, begun)
    equal([flag["flag"] for flag in told["flags"]], [FLAG])
    latch = guard.flag()["latch"]
    equal(latch["reason"], "é" * 200)
    assert latch["who"] not in ("", "guard"), latch
    guard.end()


@case("rollback with the guard hung kills it, and the revert outlives the restart")
def _():
    guard = Guard(watchdog="30 s").run().start()
    guard.process.signal(signal.SIGSTOP)
    begun = time.monotonic()
    told = guard.roll_back()
    assert 2 <= time.monotonic() - begun < 8, time.monotonic() - begun
    equal((told["guard"], told["killed"], told["durable"]), ("hung", True, True))
    assert any("nobody is served; code default" in words for words in told["words"]), told
    wait_until(lambda: not guard.process.is_running(), "the guard is dead")
    equal(is_reverted(guard)["reason"], "notes are lost")
    guard.end()


@case("rollback with the guard gone writes the slot, twice, and says that nobody is served")
def _():
    guard = Guard().run().start()
    guard.process.kill()
    told = guard.roll_back("--by", "ada")
    equal((told["guard"], told["killed"], told["durable"]), ("down", False, True))
    equal(guard.roll_back("--by", "bob")["durable"], True)
    text = guard.ask("rollback", FLAG, "--reason", "again").stdout
    assert "nobody is served; code default" in text, text
    equal(guard.ask("rollback", "typo", "--reason", "x").returncode, REFUSED)
    offline = guard.told("status", code=UNREACHABLE)
    equal((offline["running"], offline["flags"][0]["latched"]), (False, True))
    equal(len(guard.told("exposures", FLAG)["exposures"]), 0)
    latch = is_reverted(guard)
    equal((latch["who"], latch["build"]), ("ada", "build-1"))
    guard.end()


@case("a mistyped flag is refused with the nearest name, also without a record of the last run")
def _():
    typo = FLAG[:-1] + "3"

    def refused(known=FLAG):
        said = guard.ask("rollback", typo, "--reason", "x")
        equal(said.returncode, REFUSED)
        assert f'Did you mean "{known}"?' in said.stdout, said.stdout

    guard = Guard().run().start()
    refused()
    record = guard.state / "last-run.json"
    record.unlink()
    refused()
    guard.process.kill()
    refused()
    for database in guard.state.glob("state.db*"):
        database.unlink()
    said = guard.ask("rollback", typo, "--reason", "x")
    equal(said.returncode, OK)
    assert "THE NAME COULD NOT BE CHECKED" in said.stdout, said.stdout


@case("who was exposed is read from the store when the guard is gone")
def _():
    guard = Guard().run().start()
    equal(guard.served(), "new")
    equal(len(guard.told("exposures", FLAG)["exposures"]), 1)
    guard.process.kill()
    equal(len(guard.told("exposures", FLAG)["exposures"]), 1)


@case("the evidence behind a state is explained, with the guard up and gone, as of now and of then")
def _():
    guard = Guard().run().start()
    guard.notes.fault("acknowledged-not-stored")
    guard.wait_for("a loss", lambda flag: flag["finding"] != "none" or flag["phase"] == "latched")
    # Not the newest: entries of that very millisecond may still be on their way to the disk.
    early_at = guard.told("explain", FLAG)["last"]["at_ms"] - 1
    early = guard.told("explain", FLAG, "--at", early_at)
    guard.wait_for("a suspicion", lambda _: guard.told("explain", FLAG)["suspicions"])
    assert early["streams"], early["words"]
    # The ledger tells of a revert just after its latch is set.
    guard.wait_for("the revert", lambda _: guard.told("explain", FLAG)["last"]["kind"] == "reverted")
    told = guard.told("explain", FLAG)
    equal((told["last"]["kind"], told["ruling"]["verdict"], told["budget"]),
          ("reverted", "revert", 1))
    equal(told["words"], guard.flag()["latch"]["reason"])
    equal(told["baseline"]["is_proven"], False)
    assert any(stream["is_crossed"] and stream["failures"] > 1 for stream in told["streams"]), told
    for words in ("CROSSED", "baseline rate of loss", "not shown"):
        assert words in guard.ask("explain", FLAG).stdout, words
    guard.process.kill()
    # At a moment that is over, or without the guard, it is the same to the last bit.
    assert guard.told("explain", FLAG, "--at", early_at) == early, "another explanation of then"
    assert guard.told("explain", FLAG) == told, "another explanation of now"
    equal(guard.ask("explain", "no-such-flag").returncode, REFUSED)
    equal(guard.ask("explain", FLAG, "--at", "1970-01-01T00:00:00Z").returncode, REFUSED)
    equal(guard.ask("explain", FLAG, "--at", "yesterday").returncode, USAGE)


@case("rollback of a finished flag, up and gone")
def _():
    guard = Guard().run().finish()
    text = guard.ask("status", FLAG).stdout
    assert "FINISHED, remove the flag from the code" in text, text
    equal(guard.served(), "new")
    equal(guard.roll_back()["served"]["variant"], "old")
    equal(guard.served(), "old")
    guard.end()
    other = Guard().run().finish()
    other.end()
    equal(other.roll_back()["guard"], "down")
    is_reverted(other)
    other.end()


@contextlib.contextmanager
def full_disk(state):
    """Moves a state directory onto a small disk that is then filled up."""
    mounted = state.with_name("small")
    mounted.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(mounted)],
                      capture_output=True).returncode != 0:
        raise Skip("a small disk cannot be mounted here")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=False)


def fill(where):
    """Until not one byte more fits."""
    with open(where / "ballast", "wb", buffering=0) as ballast:
        for size in (1 << 16, 512, 1):
            with contextlib.suppress(OSError):
                while ballast.write(b"x" * size):
                    pass


def on_a_full_disk(revert):
    guard = Guard()
    with full_disk(guard.state) as small:
        guard.state = small
        guard.environment["READBACK_STATE"] = str(small)
        try:
            guard.run().start()
            fill(small)
            revert(guard)
            is_reverted(guard)
        finally:
            if guard.process:
                guard.process.kill()


@case("rollback with a full disk and the guard up")
def _():
    def revert(guard):
        equal(guard.roll_back()["durable"], True)
        equal(guard.served(), "old")
        guard.process.kill()
    on_a_full_disk(revert)


@case("rollback with a full disk and the guard gone")
def _():
    def revert(guard):
        guard.process.kill()
        equal(guard.roll_back()["durable"], True)
    on_a_full_disk(revert)


@case("rollback may write no file longer than it is, and needs none")
def _():
    guard = Guard().run().start()
    guard.process.kill()
    size = (guard.state / "latches").stat().st_size
    done = guard.ask("rollback", FLAG, "--reason", "full", "--json", limit_bytes=size)
    equal(done.returncode, OK, done.stderr)
    equal(guard.ask("rollback", FLAG, "--reason", "full", limit_bytes=0).returncode, OK)
    is_reverted(guard)
    guard.end()


@case("a slot that cannot be written is told, and is not called done")
def _():
    guard = Guard().run().start()
    guard.process.kill()
    done = guard.ask("rollback", FLAG, "--reason", "full", limit_bytes=0)
    equal(done.returncode, NOT_DURABLE, done.stdout)
    assert "NOT ON DISK" in done.stdout, done.stdout
    equal(done.stdout.splitlines()[-1], f"guard rollback {FLAG} --reason TEXT")


@case("a latch outlives restart and reload, and the reverted build is not re-armed by accident")
def _():
    guard = Guard().run().start()
    guard.roll_back()
    guard.end()
    is_reverted(guard)
    guard.write_config(owner="another-team")
    equal(guard.told("reload")["accepted"], True)
    equal(guard.flag()["phase"], "latched")
    refused = guard.ask("rearm", FLAG, "--by", "ada", "--reason", "it is repaired")
    equal(refused.returncode, REFUSED)
    assert "--same-build" in refused.stderr, refused.stderr
    equal(guard.flag()["phase"], "latched")
    guard.write_config(build="build-2")
    equal(guard.told("reload")["accepted"], True)
    guard.wait_for("the new build", lambda flag: flag["build"] == "build-2")
    equal(guard.ask("rearm", FLAG, "--by", "ada", "--reason", "it is repaired").returncode, OK)
    guard.wait_for("the proof", lambda flag: flag["phase"] == "rolling")
    guard.wait_for("treatment", lambda flag: flag["serving"]["mode"] == "leased")
    equal(guard.told("audit", "verify")["is_whole"], True)
    guard.end()


@case("a re-arm with --same-build proves first, and a crash before that leaves it latched")
def _():
    guard = Guard(minimum_evidence=1000).run().start()
    guard.roll_back()
    equal(guard.ask("rearm", FLAG, "--by", "ada", "--reason", "false alarm",
                    "--same-build").returncode, OK)
    equal(guard.flag()["phase"], "proving")
    equal(guard.served(), "old")
    guard.process.kill()
    is_reverted(guard)
    guard.end()


@case("nobody but root, the guard's user and its group may roll back")
def _():
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        raise Skip("needs root and setpriv")
    guard = Guard().run()
    for path in [guard.where, guard.state]:
        path.chmod(0o755)
    for command in (["status"], ["rollback", FLAG, "--reason", "x"]):
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               str(GUARD), *command], env=guard.environment, text=True,
                              capture_output=True, timeout=60)
        equal(done.returncode, REFUSED, f"{command} {done.stdout} {done.stderr}")
    equal(guard.flag()["phase"], "waiting")
    guard.end()


finish()
