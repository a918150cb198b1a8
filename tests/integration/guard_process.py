"""A real `guard run` beside a real notes service that asks it, at the pace of a test.

    guard = GuardProcess().start_rollout()
    guard.until_treatment()
    guard.evaluate("notes-editor-v2", "dr-martin").json()["metadata"]["leaseUntilMs"]
"""
import copy
import http.client
import json
import os
import signal
import socket
import subprocess

import yaml

from harness import (BUILD, ROOT, Notes, Process, directory, equal, free_port, http_request,
                     secret_file, wait_until)

GUARD = BUILD / "guard/guard"
FLAG = "notes-editor-v2"
TOKEN = "the-bearer-token-of-the-tests"


def fast_plan(journeys, delays=("0 s",)):
    """The demo's plan with those journeys only, and nothing that is read later than `delays`."""
    plan = yaml.safe_load((ROOT / "configs/demo/plan.yaml").read_text())
    # As often as the demo's synthetic practitioners are enough for.
    plan["rounds"] |= {"interval": f"{len(journeys)} s", "settle": "50 ms"}
    plan["delays"] = list(delays)
    plan["journeys"] = [j for j in plan["journeys"] if j["name"] in journeys]
    for journey in plan["journeys"]:
        for step in journey["steps"]:
            step.pop("delays", None)
    return plan


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, seconds):
        super().__init__("guard", timeout=seconds)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class GuardProcess:
    """Everybody is in from the first step on. `flags` are further ones, as in guard.yaml."""

    def __init__(self, *, max_evidence_age="20 s", journeys=("note-alone",), flags=(), fault="none",
                 origins=(), tokens=(TOKEN,), lease_key=None, keeps_drafts=False, delays=("0 s",),
                 has_orphan=False, notes_options=(),
                 steps=({"share": "100 %", "minimum_time": "1 h", "minimum_evidence": 1},)):
        self.where = directory()
        self.state = self.where / "state"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        options = [*notes_options, *(["--keep-drafts"] if keeps_drafts else [])]
        if lease_key:
            options += ["--lease-key-file", secret_file(lease_key, self.where)]
        self.notes = Notes("--flag", FLAG, "--fault", fault, *options, synthetic=25,
                           ofrep=self.url, ofrep_token=TOKEN)
        plan = fast_plan(journeys, delays)
        plan["target"]["base_url"] = self.notes.url
        self.environment = dict(os.environ)
        orphans = [{"id": "synthetic-25", "secret": {"environment": "TOKEN_25"},
                    "patients": ["synthetic-25-a"]}] if has_orphan else []
        if has_orphan:
            plan.pop("end")
            plan |= {"orphan": orphans[0], "end": "readback"}
        for practitioner in [*plan["practitioners"], *orphans]:
            variable = practitioner["secret"]["environment"]
            self.environment[variable] = self.notes.token(practitioner["id"])
        guarded = {"key": FLAG, "owner": "team-notes", "build": "build-1",
                   "variants": {"new": True, "old": False}, "safe": "old", "treatment": "new",
                   "plan": "plan.json",
                   "evidence": {"max_loss_rate": 0.96, "max_class_loss_rate": 1},  # One probe.
                   "rollout": {"steps": list(steps), "bake": "1 h",
                               "max_evidence_age": max_evidence_age}}
        self.config = {"version": 1, "listen": f"127.0.0.1:{self.port}",
                       "token_file": str(secret_file("\n".join(tokens), self.where)),
                       "application_time_out": "250 ms", "answer_within": "200 ms",
                       "application_keeps_answer": "0 s", "application_commits_within": "0 s",
                       "clock_error": "1 s", "watchdog": "5 s",
                       "flags": [guarded, *copy.deepcopy(list(flags))]}
        if lease_key:
            self.config["lease_key_file"] = str(secret_file(lease_key, self.where))
        if origins:
            self.config["browser_origins"] = list(origins)
        self.config["end"] = "readback"
        (self.where / "plan.json").write_text(json.dumps(plan))
        (self.where / "guard.json").write_text(json.dumps(self.config))
        self.process = None
        self.run()

    def run(self):
        """Runs it until it listens; after a crash again, on the same state."""
        self.process = Process(GUARD, "run", self.where / "guard.json", "--state", self.state,
                               where=self.where, environment=self.environment)

        def listens():
            assert self.process.is_running(), self.process.errors()
            try:
                return self.ask("GET", "/status").status == 200
            except OSError:
                return False
        wait_until(listens, "the guard listens", 20)
        return self

    def set_tokens(self, tokens):
        """Puts others into the file of the bearer tokens, and has it read."""
        with open(self.config["token_file"], "w") as file:
            file.write("\n".join(tokens) + "\n")
        equal(self.ask("POST", "/reload").status, 200)

    def bounds(self):
        """What `guard validate` promises for the guarded flag, in milliseconds."""
        done = subprocess.run([GUARD, "validate", "--json", self.where / "guard.json"], text=True,
                              env=self.environment, capture_output=True, timeout=60)
        equal(done.returncode, 0, done.stdout + done.stderr)
        flags = json.loads(done.stdout)["flags"]
        return next(f["bounds"] for f in flags if f["flag"] == FLAG)

    def ask(self, method, path, body=None, seconds=10):
        """Over its Unix socket, as its commands do."""
        connection = UnixConnection(self.state / "socket", seconds)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, body and json.dumps(body), headers)
            response = connection.getresponse()
            response.body = response.read()
            return response
        finally:
            connection.close()

    def status(self):
        flags = json.loads(self.ask("GET", "/status").body)["flags"]
        return next(f for f in flags if f["flag"] == FLAG)

    def command(self, name, reason="a test"):
        reply = self.ask("POST", "/command",
                         {"flag": FLAG, "command": name, "by": "ada", "reason": reason})
        equal(reply.status, 200, reply.body)

    def start_rollout(self):
        self.command("start")
        return self

    def evaluate(self, flag, practitioner=None, context=None, token=TOKEN, headers=None):
        context = dict(context or {})
        if practitioner is not None:
            context["targetingKey"] = practitioner
        return http_request("POST", f"{self.url}/ofrep/v1/evaluate/flags/{flag}",
                            {"context": context}, token, headers)

    def until_treatment(self, practitioner="dr-martin", seconds=60):
        """Its answer, once it is treatment."""
        def served():
            answer = self.evaluate(FLAG, practitioner).json()
            return answer if answer["variant"] == "new" else None
        return wait_until(served, "treatment is served", seconds)

    def rounds(self, journey, arm):
        """How many of each outcome."""
        for row in self.status()["rounds"]:
            if (row["journey"], row["arm"]) == (journey, arm):
                return {name: row[name] for name in ["ok", "fail", "info", "void"]}
        return dict.fromkeys(["ok", "fail", "info", "void"], 0)

    def stop(self):
        self.process.signal(signal.SIGSTOP)

    def go_on(self):
        self.process.signal(signal.SIGCONT)

    def kill(self):
        self.process.signal(signal.SIGKILL)
        self.process.popen.wait()
