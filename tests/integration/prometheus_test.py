#!/usr/bin/env python3
"""Metrics, alerts and what on-call reads: the rules under promtool, a daemon's real page, and one
planted fault through real Prometheus and Alertmanager to a webhook.

    prometheus_test.py [words of a claim]"""
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.parse

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from guard_process import FLAG, GUARD, GuardProcess
from harness import (ROOT, Process, Skip, case, directory, equal, finish, free_port, http_request,
                     secret_file, wait_until)

CONFIGS = ROOT / "configs/prometheus"
MOST_SERIES = 2000
TOKEN = "a-token-of-these-tests"


def tool(name):
    """The program's path. Debian calls Alertmanager otherwise than its makers."""
    found = shutil.which(name) or shutil.which(f"prometheus-{name}")
    if not found:
        raise Skip(f"{name} is not installed")
    return found


def check(name, *arguments, where=CONFIGS, given=None):
    done = subprocess.run([tool(name), *map(str, arguments)], cwd=where, input=given, text=True,
                          capture_output=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def passes(name, *arguments, **how):
    status, said = check(name, *arguments, **how)
    equal(status, 0, said)


def rules():
    groups = yaml.safe_load((CONFIGS / "rules.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]

# --- files ---------------------------------------------------------------------------------------


@case("rules and both samples are what their programs take")
def _():
    passes("promtool", "check", "rules", "rules.yaml")
    passes("promtool", "check", "config", "prometheus.yaml")
    passes("amtool", "check-config", "alertmanager.yaml")


@case("the tests of the rules pass")
def _():
    passes("promtool", "test", "rules", "rules_test.yaml")


@case("each expression of the dashboard is one that Prometheus can parse")
def _():
    dashboard = json.loads((ROOT / "configs/grafana/readback.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [note["expr"] for note in dashboard["annotations"]["list"]]
    assert len(expressions) > 15
    records = [{"record": "one", "expr": expression.replace("$__rate_interval", "1m")}
               for expression in expressions]
    path = directory() / "expressions.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": records}]}))
    passes("promtool", "check", "rules", "--lint=none", path)


@case("the tests of the rules notice each alert that never fires, and each that always does")
def _():
    where = directory()
    shutil.copy(CONFIGS / "rules_test.yaml", where)
    for wrong, where_named in [("vector(1) == 2", "exp:"), ("vector(1)", "got:")]:
        text = yaml.safe_load((CONFIGS / "rules.yaml").read_text())
        for rule in (rule for group in text["groups"] for rule in group["rules"]):
            rule["expr"] = wrong
            rule.pop("for", None)
        (where / "rules.yaml").write_text(yaml.safe_dump(text))
        status, said = check("promtool", "test", "rules", "rules_test.yaml", where=where)
        assert status != 0, wrong
        named = " ".join(line for line in said.splitlines() if line.strip().startswith(where_named))
        for rule in rules():
            assert f'alertname="{rule["alert"]}"' in named, f"{rule['alert']} as {wrong}"


@case("each alert says what happened, whom it harms, what to run, and has a section of the runbook")
def _():
    runbook = (ROOT / "configs/runbook.md").read_text()
    sections = {title.lower().replace(" ", "-"): title
                for title in re.findall(r"^## (.+)$", runbook, re.M)}
    for rule in rules():
        name = rule["alert"]
        assert rule["labels"]["severity"], name
        for word in ["summary", "impact", "command", "runbook"]:
            assert rule["annotations"].get(word, "").strip(), f"{name} has no {word}"
        path, anchor = rule["annotations"]["runbook"].split("#")
        equal(path, "configs/runbook.md", name)
        equal(sections.get(anchor), name, f"the section of {name}")
    of_alerts = {title for title in sections.values() if title.startswith("Readback")}
    equal(of_alerts, {rule["alert"] for rule in rules()}, "sections of alerts")
    for link in re.findall(r"\]\(#([^)]+)\)", runbook):
        assert link in sections, f"the runbook links to #{link}, which is not there"


@case("each command that alerts and runbook name is one of the guard's")
def _():
    said = " ".join(rule["annotations"]["command"] for rule in rules())
    said += (ROOT / "configs/runbook.md").read_text()
    commands = set(re.findall(r"guard ((?:probe |audit )?[a-z]+) ", said + " ")) - {"commands"}
    commands |= {words for words in re.findall(r"`guard ((?:probe |audit )?[a-z]+)", said)}
    assert {"rollback", "rearm", "status", "exposures", "audit verify"} <= commands, commands
    help_text = subprocess.run([GUARD, "--help"], text=True, capture_output=True).stdout
    for command in sorted(commands):
        if command.split()[0] not in help_text:
            continue  # A word of a sentence: "the guard does not ...".
        done = subprocess.run([GUARD, *command.split(), "--help"], capture_output=True, timeout=10)
        equal(done.returncode, 0, f"guard {command}")
    for command in re.findall(r"`guard ([a-z]+)", said):
        assert command in help_text, f"there is no guard {command}"

# --- the page ------------------------------------------------------------------------------------


def demo_guard():
    """A guard of the demo's own configuration, whose application does not answer."""
    where = directory()
    config = yaml.safe_load((ROOT / "configs/demo/guard.yaml").read_text())
    port = free_port()
    config["listen"] = f"127.0.0.1:{port}"
    config["token_file"] = str(secret_file(TOKEN, where))
    plan = yaml.safe_load((ROOT / "configs/demo/plan.yaml").read_text())
    plan["target"]["base_url"] = f"http://127.0.0.1:{free_port()}"
    orphan = {"id": "orphan", "secret": {"environment": "TOKEN_ORPHAN"}, "patients": ["orphan-a"]}
    plan = {"orphan": orphan, **plan}
    environment = dict(os.environ)
    for practitioner in [*plan["practitioners"], plan["orphan"]]:
        environment[practitioner["secret"]["environment"]] = f"{TOKEN}-{practitioner['id']}"
    (where / "plan.yaml").write_text(json.dumps(plan))
    (where / "guard.yaml").write_text(json.dumps(config))
    process = Process(GUARD, "run", where / "guard.yaml", "--state", where / "state", where=where,
                      environment=environment)
    url = f"http://127.0.0.1:{port}"

    def is_ready():
        assert process.is_running(), process.errors()
        try:
            return http_request("GET", url + "/-/ready").status == 200
        except OSError:
            return False
    wait_until(is_ready, "the guard is ready", 20)
    return process, url


def page(url):
    reply = http_request("GET", url + "/metrics")
    equal(reply.status, 200)
    equal(reply.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
    return reply.body.decode()


def series(text):
    """Value by series, as written."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


@case("health, readiness and a page that promtool takes, without a token")
def _():
    process, url = demo_guard()
    equal(http_request("GET", url + "/-/healthy").body, b"healthy\n")
    equal(http_request("GET", url + "/-/ready").body, b"ready\n")
    equal(http_request("POST", url + "/metrics", {}).status, 405)
    equal(http_request("GET", url + "/-/other").status, 404)
    text = page(url)
    passes("promtool", "check", "metrics", given=text)
    # promtool refuses what it should: a page without a help text.
    first = next(line for line in text.splitlines() if line.startswith("# HELP"))
    status, _ = check("promtool", "check", "metrics", given=text.replace(first + "\n", ""))
    assert status != 0
    process.end()


@case("the demo has fewer than 2,000 series, whatever is lost")
def _():
    process, url = demo_guard()
    found = series(page(url))
    most = re.search(r"kMostLosses = (\d+);", (ROOT / "guard/probe_counts.h").read_text())[1]
    assert not any(name.startswith("readback_losses_total{") for name in found)
    assert 300 < len(found) < MOST_SERIES - int(most), len(found)
    print(f"        {len(found)} series, and at most {most} kinds of loss")
    process.end()


@case("rules and dashboard use only metrics that the guard has")
def _():
    process, url = demo_guard()
    families = re.findall(r"^# TYPE (\S+) (\S+)$", page(url), re.M)
    known = {"readback_losses_total"}  # left out until there is one
    for name, kind in families:
        known.add(name)
        if kind in ("histogram", "summary"):
            known |= {name + suffix for suffix in ("_bucket", "_sum", "_count")}
    process.end()
    files = [CONFIGS / "rules.yaml", *(ROOT / "configs/grafana").glob("*.json")]
    for path in files:
        used = set(re.findall(r"\breadback_[a-z_]+", path.read_text()))
        assert used, path
        equal(used - known, set(), f"unknown in {path.name}")

# --- the whole way -------------------------------------------------------------------------------


def low_port():
    """A free port below those that the kernel gives to clients."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class OnCall:
    """A webhook receiver: what it was sent, by path."""

    def __init__(self):
        self.messages = []  # (path, alert)
        on_call = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                on_call.messages += [(self.path, alert) for alert in body["alerts"]]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def got(self, name, path=None):
        """The first firing alert of that name."""
        return next((alert for where, alert in list(self.messages)
                     if alert["labels"]["alertname"] == name and alert["status"] == "firing"
                     and path in (None, where)), None)


class Monitoring:
    """Prometheus and Alertmanager with the samples, but for addresses and pace."""

    def __init__(self, target, on_call):
        where = directory()
        self.prometheus = f"http://127.0.0.1:{low_port()}"
        self.alertmanager = f"http://127.0.0.1:{low_port()}"
        config = yaml.safe_load((CONFIGS / "prometheus.yaml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(CONFIGS / "rules.yaml")]
        managers = config["alerting"]["alertmanagers"][0]["static_configs"][0]
        managers["targets"] = [self.alertmanager.removeprefix("http://")]
        config["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
        (where / "prometheus.yaml").write_text(yaml.safe_dump(config))
        told = yaml.safe_load((CONFIGS / "alertmanager.yaml").read_text())
        told["route"] |= {"group_wait": "0s", "group_interval": "1s"}
        for receiver in told["receivers"]:
            for hook in receiver["webhook_configs"]:
                hook["url"] = on_call.url + "/" + hook["url"].rsplit("/", 1)[1]
        (where / "alertmanager.yaml").write_text(yaml.safe_dump(told))
        for name, url, extra in [
                ("alertmanager", self.alertmanager,
                 [f"--storage.path={where}/alerts", "--cluster.listen-address="]),
                ("prometheus", self.prometheus, [f"--storage.tsdb.path={where}/series"])]:
            Process(tool(name), f"--config.file={where}/{name}.yaml", *extra,
                    f"--web.listen-address={url.removeprefix('http://')}", where=where)
            wait_until(lambda: self.is_ready(url), f"{name} is ready", 30)

    @staticmethod
    def is_ready(url):
        try:
            return http_request("GET", url + "/-/ready").status == 200
        except OSError:
            return False

    def value(self, query):
        query = urllib.parse.quote(query)
        reply = http_request("GET", f"{self.prometheus}/api/v1/query?query={query}").json()
        found = reply["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    def firing(self):
        alerts = http_request("GET", self.prometheus + "/api/v1/alerts").json()["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def inhibited(self):
        alerts = http_request("GET", self.alertmanager + "/api/v2/alerts?inhibited=true").json()
        return {alert["labels"]["alertname"] for alert in alerts if alert["status"]["inhibitedBy"]}


@case("a planted fault ends as the text that on-call reads, and only as that")
def _():
    tool("prometheus"), tool("alertmanager")
    on_call = OnCall()
    guard = GuardProcess(journeys=("note-alone", "note-with-shared-document")).start_rollout()
    guard.until_treatment("dr-martin")
    monitoring = Monitoring(guard.url.removeprefix("http://"), on_call)
    wait_until(lambda: monitoring.value("readback_exposed_share_ratio") == 1, "it is scraped", 30)
    wait_until(lambda: guard.until_treatment() and monitoring.value(
        "readback_exposed_practitioners") >= 1, "who was exposed is counted", 30)
    equal(monitoring.firing(), set(), "alerts while all is well")
    equal(on_call.messages, [])

    guard.notes.fault("lost-when-document-shared")
    reverted = wait_until(lambda: on_call.got("ReadbackReverted", "/on-call"), "on-call is told",
                          60)
    said = reverted["annotations"]
    print("        on-call reads:", *(f"\n          {word}: {text}" for word, text in said.items()))
    equal(reverted["labels"]["flag"], FLAG)
    assert said["summary"].startswith(f"{FLAG} is reverted"), said
    exposed = json.loads(subprocess.run(
        [GUARD, *said["command"].split()[1:], "--state", guard.state, "--json"], text=True,
        capture_output=True, check=True).stdout)["exposures"]
    assert f"may have lost text: {len(exposed)}." in said["impact"], said
    assert re.search(r"(interview|visit_motive|exam_report|conclusion) "
                     r"\(\w+: (stale|field_missing|record_missing), \d+ x\)", said["impact"]), said
    anchor = said["runbook"].split("#")[1]
    assert f"## {anchor}\n" in (ROOT / "configs/runbook.md").read_text().lower()

    # What is no news then: it is paused, too.
    guard.command("pause")
    wait_until(lambda: "ReadbackPaused" in monitoring.inhibited(), "the pause is inhibited", 30)
    equal(on_call.got("ReadbackPaused", "/ticket"), None)
    equal(monitoring.firing(), {"ReadbackReverted", "ReadbackPaused"}, "alerts in the end")
    equal(monitoring.value("sum(readback_reverts_total{cause='loss'})"), 1)
    passes("promtool", "check", "metrics", given=page(guard.url))


finish()
