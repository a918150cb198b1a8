"""A notes service that a real `guard run` guards, at the pace of a test: config and plan are made
from the demo's own, and everything that a test asks of the two is here.

    guarded = GuardedService()            # the notes service, and the guard, waiting
    guarded.command("start"); guarded.notes.fault("trim"); guarded.status()["verdict"]
    people = guarded.people(["practitioner-00001"])   # honest clients, until people.end()
"""
import copy
import http.client
import json
import os
import re
import socket
import sqlite3
import threading
import time
import urllib.parse

import yaml

from harness import (BUILD, ROOT, Notes, Process, directory, equal, free_port, http_request,
                     secret_file, wait_until)

GUARD = BUILD / "guard/guard"
FLAG = "notes-editor-v2"
TOKEN = "the-bearer-token-of-the-guarded-service"
# By the flag's salt the first and the third are in from the first step on, the fourth from the
# second, and the second not before everybody is.
PEOPLE = [f"practitioner-{number:05}" for number in range(1, 9)]
JOURNEYS = ["note-alone", "note-with-shared-document"]


def milliseconds(text):
    """Of a duration as configs have it."""
    number, unit = re.fullmatch(r"(\d+) *(ms|s|min|h|d)", text).groups()
    return int(number) * {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}[unit]


def fast_plan(url, practitioners=48, interval="500 ms", delays=("0 s", "1 s", "3 s"),
              deadline="600 ms"):
    """The demo's plan at the pace of a test. The first and the last of the delays are the record's
    alone: the other paths have those that the lease waits for."""
    plan = yaml.safe_load((ROOT / "configs/demo/plan.yaml").read_text())
    plan["target"] |= {"base_url": url, "time_out": "500 ms"}
    plan["practitioners"] = [
        {"id": f"synthetic-{number:02}", "secret": {"environment": f"TOKEN_{number:02}"},
         "patients": [f"synthetic-{number:02}-a", f"synthetic-{number:02}-b"]}
        for number in range(1, practitioners + 1)]
    plan["rounds"] |= {"interval": interval, "jitter": 0.2, "settle": "20 ms",
                       "write_time_out": "500 ms", "lease_within": "1 s",
                       "confirm": {"reads": 2, "within": "200 ms"}}
    plan["delays"] = [delays[0]]
    for journey in plan["journeys"]:
        for step in journey["steps"]:
            if step["kind"] != "read":
                continue
            step.pop("delays", None)
            step["deadline"] = deadline
            if step["path"] == "record":
                step["delays"] = list(delays)
    return plan


def fast_steps():
    return [{"share": "50 %", "minimum_time": "5 s", "minimum_evidence": 2},
            {"share": "75 %", "minimum_time": "1 s", "minimum_evidence": 2},
            {"share": "100 %", "minimum_time": "1 s", "minimum_evidence": 2}]


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, seconds):
        super().__init__("localhost", timeout=seconds)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class GuardedService:
    """`change(plan, config)` may alter both before they are written; `through(guard_port)` may name
    another address at which the service asks for the flag."""

    def __init__(self, change=None, practitioners=48, max_evidence_age="15 s", real=0, fault="none",
                 is_started=True, through=None, notes=(), **plan):
        self.where = directory()
        self.state = self.where / "state"
        self.port = free_port()
        url = through(self.port) if through else f"http://127.0.0.1:{self.port}"
        self.notes = Notes("--fault", fault, *notes, practitioners=real, synthetic=practitioners,
                           ofrep=url, ofrep_token=TOKEN)
        self.plan = fast_plan(self.notes.url, practitioners, **plan)
        self.config = yaml.safe_load((ROOT / "configs/demo/guard.yaml").read_text())
        self.config |= {"listen": f"127.0.0.1:{self.port}",
                        "token_file": str(secret_file(TOKEN, self.where))}
        rollout = self.config["flags"][0]["rollout"]
        rollout |= {"steps": fast_steps(), "bake": "1 s", "max_evidence_age": max_evidence_age}
        if change:
            change(self.plan, self.config)
        self.max_evidence_age_ms = milliseconds(rollout["max_evidence_age"])
        self.environment = dict(os.environ)
        for each in self.plan["practitioners"]:
            self.environment[each["secret"]["environment"]] = self.notes.token(each["id"])
        self.write_config()
        self.guard = None
        if is_started:
            self.run()

    def secrets(self):
        """All that nobody may ever be shown."""
        return [TOKEN, self.notes.secret, self.notes.admin] + [
            self.environment[each["secret"]["environment"]] for each in self.plan["practitioners"]]

    def write_config(self):
        for name, content in [("plan", self.plan), ("guard", self.config)]:
            path = self.where / f"{name}.yaml"
            content["end"] = content.pop("end")  # The last key, whatever was added.
            path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))

    def run(self):
        """Starts the guard; until it answers."""
        self.guard = Process(GUARD, "run", self.where / "guard.yaml", "--state", self.state,
                             where=self.where, environment=self.environment)
        wait_until(self.answers, "the guard answers")
        return self

    def answers(self):
        if not self.guard.is_running():
            raise AssertionError(f"the guard ended: {self.guard.errors()}")
        try:
            return self.ask("GET", "/status")
        except (OSError, http.client.HTTPException):
            return None

    def ask(self, method, path, body=None, seconds=10):
        """Of the guard's Unix socket: status and JSON."""
        connection = Connection(self.state / "socket", seconds)
        try:
            content = None if body is None else json.dumps(body)
            headers = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def whole_status(self):
        return self.ask("GET", "/status")[1]

    def status(self):
        return self.whole_status()["flags"][0]

    def command(self, command, by="ada", reason="the test says so", **others):
        """The guard's answer: {"accepted", "durable", "known", "words"}."""
        return self.ask("POST", "/command", {"flag": FLAG, "command": command, "by": by,
                                             "reason": reason, **others})[1]

    def start(self):
        answer = self.command("start")
        assert answer["accepted"], answer

    def evaluate(self, practitioner, seconds=5):
        """What the guard answers a client of OFREP."""
        return http_request("POST", f"http://127.0.0.1:{self.port}/ofrep/v1/evaluate/flags/{FLAG}",
                            {"context": {"targetingKey": practitioner}}, TOKEN, seconds=seconds)

    def metrics(self):
        """The samples of the metrics page, {'name{label="value"}': number}."""
        reply = http_request("GET", f"http://127.0.0.1:{self.port}/metrics", bearer=TOKEN)
        equal(reply.status, 200, "the metrics page")
        samples = (line.rsplit(" ", 1) for line in reply.body.decode().splitlines()
                   if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}

    def losses(self, arm):
        """The loss classes that were found in an arm."""
        return sorted({re.search(r'loss_class="([^"]*)"', name)[1]
                       for name, value in self.metrics().items()
                       if name.startswith("readback_losses_total{") and f'arm="{arm}"' in name and
                       value > 0})

    def people(self, names=None, every_s=0.1):
        return People(self.port, names or PEOPLE[:4], every_s)

    def wait_for(self, what, condition, seconds=30):
        """The first status for which condition(status) is true."""
        seen = {}

        def is_so():
            seen.update(self.status())
            return condition(seen)
        try:
            wait_until(is_so, what, seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}; status: {json.dumps(seen)}; "
                                 f"counters: {self.notes.counters()}") from None
        return copy.deepcopy(seen)

    def until_served(self, seconds=30):
        return self.wait_for("treatment is served", serves_treatment, seconds)

    def ledger(self, evidence=False):
        """The entries of the ledger, oldest first; without those that only hold evidence, unless
        they are asked for."""
        with sqlite3.connect(f"file:{self.state}/state.db?mode=ro", uri=True) as database:
            database.row_factory = sqlite3.Row
            rows = database.execute("SELECT * FROM ledger ORDER BY number").fetchall()
        return [dict(row) for row in rows
                if evidence or row["kind"] not in ("evidence", "budget")]

    def pending(self):
        """The tasks of the pending reads and removals, as they are on the disk."""
        with sqlite3.connect(f"file:{self.state}/state.db?mode=ro", uri=True) as database:
            return [json.loads(task) for task, in database.execute("SELECT task FROM pending")]

    def end(self):
        """Ends both; fails if the guard does not end well by itself."""
        status, _ = self.guard.end()
        equal(status, 0, f"the guard's exit: {self.guard.errors()}")
        self.notes.process.end()


def serves_treatment(status):
    lease = status["lease"]
    return (status["serving"]["mode"] == "finished" or
            (status["serving"]["mode"] == "leased" and lease is not None and
             lease["seconds_left"] > 0))


def rounds(status, outcome, arm=None, journey=None):
    """How many rounds ended so."""
    return sum(row[outcome] for row in status["rounds"]
               if arm in (None, row["arm"]) and journey in (None, row["journey"]))


class Answer:
    """What one practitioner was told, when he asked and when he had it."""

    def __init__(self, practitioner, asked_ms, had_ms, body):
        self.practitioner, self.asked_ms, self.had_ms = practitioner, asked_ms, had_ms
        self.is_treatment = body is not None and body["variant"] == "new"
        self.stamp_ms = body["metadata"].get("leaseUntilMs") if self.is_treatment else None

    def __repr__(self):
        return f"<{self.practitioner} {self.asked_ms} treatment={self.is_treatment} {self.stamp_ms}>"


class People:
    """Real practitioners' clients, as honest as they should be: each asks every `every_s`, keeps a
    treatment until its stamp at most, and takes the code's default, the old editor, where there is
    no answer in 250 ms."""

    def __init__(self, port, names, every_s):
        self.port, self.names, self.every_s = port, names, every_s
        self.answers = []
        self.failures = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self):
        connection = None
        while not self._is_over.wait(self.every_s):
            for name in self.names:
                asked = now_ms()
                try:
                    if connection is None:
                        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                                timeout=0.25)
                    connection.request(
                        "POST", f"/ofrep/v1/evaluate/flags/{urllib.parse.quote(FLAG)}",
                        json.dumps({"context": {"targetingKey": name}}),
                        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
                    response = connection.getresponse()
                    body = json.loads(response.read())
                    assert response.status == 200, (response.status, body)
                    self.answers.append(Answer(name, asked, now_ms(), body))
                except (OSError, http.client.HTTPException):
                    connection = None
                    self.failures += 1

    def end(self):
        self._is_over.set()
        self._thread.join()
        return self

    def treatments(self):
        return [answer for answer in self.answers if answer.is_treatment]

    def held_until_ms(self):
        """The last moment at which one of them held a treatment: until his next answer, or the
        stamp of the last one."""
        latest = 0
        for name in self.names:
            own = [answer for answer in self.answers if answer.practitioner == name]
            for answer, following in zip(own, own[1:] + [None]):
                if answer.is_treatment:
                    until = following.had_ms if following else answer.stamp_ms
                    latest = max(latest, min(answer.stamp_ms, until))
        return latest


def now_ms():
    return time.time() * 1_000
