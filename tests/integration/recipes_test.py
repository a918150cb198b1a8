#!/usr/bin/env python3
"""The lease hook of configs/recipes in each language, with the real SDK and, where the registry has
it, the real OFREP provider: an answer whose lease is past is the code default with the hook, and is
used without it.

    recipes_test.py [words of a claim]

A language whose toolchain is not on the machine is skipped, and counted."""
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time
import types

from harness import BUILD, ROOT, Skip, case, equal, finish
from openfeature_client import find_node, script

RECIPES = ROOT / "configs/recipes"
HERE = pathlib.Path(__file__).resolve().parent / "recipes"
MOST_LINES = 10
# Flag -> the leaseUntilMs of its answer, and the value with the hook.
HOUR = 3_600_000
FLAGS = {"past": (-HOUR, "code default"), "future": (HOUR, "treatment"), "control": (None, "treatment"),
         "odd": ("soon", "code default")}


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        flag = self.path.rsplit("/", 1)[1]
        until, _ = FLAGS[flag]
        if isinstance(until, int):
            until += int(time.time() * 1000)
        body = json.dumps({"key": flag, "value": "treatment", "variant": "new", "reason": "SPLIT",
                           "metadata": {} if until is None else {"leaseUntilMs": until}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
threading.Thread(target=SERVER.serve_forever, args=(0.05,), daemon=True).start()
URL = f"http://127.0.0.1:{SERVER.server_address[1]}"


def tool(name):
    found = shutil.which(name)
    if found is None:
        raise Skip(f"there is no {name}")
    return found


def run(command, where, seconds=300, **environment):
    done = subprocess.run([str(word) for word in command], cwd=where, text=True, timeout=seconds,
                          capture_output=True, env={**os.environ, **environment})
    if done.returncode:
        raise AssertionError(f"{command[0]} failed: {done.stdout[-1500:]} {done.stderr[-1500:]}")
    return done.stdout


def workshop(language, *pins):
    """A directory under build/ for this content of the files that pin versions, and whether its
    packages are there already."""
    content = b"".join((HERE / language / pin).read_bytes() for pin in pins)
    where = BUILD / "recipes" / f"{language}-{hashlib.sha256(content).hexdigest()[:12]}"
    where.mkdir(parents=True, exist_ok=True)
    for source in (HERE / language).iterdir():
        shutil.copy(source, where)
    return where, (where / "done").exists()


def fetched(command, where, **environment):
    """Runs what needs a registry; one that can't be had is no failure of a recipe."""
    try:
        run(command, where, **environment)
    except AssertionError as failure:
        raise Skip(str(failure)[:300]) from None
    (where / "done").touch()


def check(output):
    """What a client printed: without the hook every answer is used, with it only those that hold."""
    seen = {}
    for line in output.splitlines():
        if "{" in line:  # Maven puts colours before it.
            row = json.loads(line[line.index("{"):])
            seen[row["flag"], row["hook"]] = row["value"]
    wanted = {}
    for flag, (_, with_hook) in FLAGS.items():
        wanted[flag, False], wanted[flag, True] = "treatment", with_hook
    equal(seen, wanted)


def code_lines(path):
    """Lines of code of a hook: no blank line, no comment, no import, no package clause."""
    text = re.sub(r'""".*?"""', "", path.read_text(), flags=re.S)
    text = re.sub(r"^import \(.*?^\)", "", text, flags=re.S | re.M)
    return [line for line in text.splitlines()
            if line.strip() and not re.match(r"\s*(//|#|import |from |package )", line)]


@case(f"each hook is at most {MOST_LINES} lines of code")
def _():
    hooks = sorted(RECIPES.glob("*/*ease*ook.*"))
    equal(len(hooks), 4)
    for hook in hooks:
        lines = code_lines(hook)
        assert 3 <= len(lines) <= MOST_LINES, (hook, len(lines), lines)
        print(f"        {hook.relative_to(ROOT)}: {len(lines)} lines", flush=True)


def gates():
    """The write gate of each language: a function of (keys, flag, who, variant, token, seconds)."""
    where = RECIPES / "python"
    source = (where / "write_gate.py").read_text()
    module = types.ModuleType("write_gate")
    exec(compile(source, "write_gate.py", "exec"), module.__dict__)
    yield "Python", lambda *row: module.holds(*row[:5], clock=lambda: row[5]), module.mac
    node, gate = find_node(), RECIPES / "javascript/write_gate.mjs"

    def ask(*row):
        program = (f"import {{ holds }} from '{gate.as_uri()}';"
                   f"const row = {json.dumps(row)}; row[5] *= 1000;"
                   "console.log(JSON.stringify(holds(...row)));")
        return json.loads(run([node, "--input-type=module", "-e", program], BUILD))
    yield "JavaScript", ask, module.mac


@case("a lease token opens the write gate for its practitioner until its end, and for nobody else")
def _():
    for language, holds, mac in gates():
        old, new = "o" * 32, "n" * 32
        until = 1_800_000_045_000
        token = f"1.3.{until}.{mac(new, 'editor', 'é-martin', 'new', 3, until)}"
        by_old = f"1.3.{until}.{mac(old, 'editor', 'é-martin', 'new', 3, until)}"
        before, after = until / 1000 - 1, until / 1000
        keys = [new, old]
        for row, wanted in [
                ((keys, "editor", "é-martin", "new", token, before), True),
                ((keys, "editor", "é-martin", "new", by_old, before), True),
                ((keys, "editor", "é-martin", "new", token, after), False),
                (([old], "editor", "é-martin", "new", token, before), False),
                ((keys, "editor", "dr-other", "new", token, before), False),
                ((keys, "another", "é-martin", "new", token, before), False),
                ((keys, "editor", "é-martin", "old", token, before), False),
                ((keys, "editor", "é-martin", "new", token.replace(".3.", ".4."), before), False),
                ((keys, "editor", "é-martin", "new",
                  token.replace(str(until), str(until + 1)), before), False),
                ((keys, "editor", "é-martin", "new", None, before), False),
                ((keys, "editor", "é-martin", "new", "", before), False),
                ((keys, "editor", "é-martin", "new", "1.é.5.x", before), False),
                ((keys, "editor", "é-martin", "new", "2" + token[1:], before), False)]:
            equal(holds(*row), wanted, (language, row))


@case("JavaScript on a server: a past lease is the code default")
def _():
    client = script("client_of_recipe.mjs", {"client_of_recipe.mjs": HERE / "javascript/client.mjs"})
    check(run([find_node(), client, URL, *FLAGS], client.parent))


@case("Python: a past lease is the code default")
def _():
    where, is_there = workshop("python", "requirements.txt")
    python = where / "venv/bin/python"
    if not is_there:
        fetched([sys.executable, "-m", "venv", "venv"], where)
        (where / "done").unlink()
        fetched([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                 "--requirement", "requirements.txt"], where)
    shutil.copy(RECIPES / "python/lease_hook.py", where)
    check(run([python, "client.py", URL, *FLAGS], where))


@case("Java: a past lease is the code default")
def _():
    maven = tool("mvn")
    tool("javac")
    where, is_there = workshop("java", "pom.xml")
    sources = where / "src/main/java"
    sources.mkdir(parents=True, exist_ok=True)
    for source in [RECIPES / "java/LeaseHook.java", where / "RecipeClient.java"]:
        shutil.copy(source, sources)
    quiet = [maven, "-B", "-q"]
    if not is_there:
        fetched([*quiet, "dependency:go-offline"], where)
    check(run([*quiet, "compile", "exec:java", f"-Dexec.args={' '.join([URL, *FLAGS])}"], where))


@case("Go, with a provider of the test's own: a past lease is the code default")
def _():
    go = tool("go")
    where, is_there = workshop("go", "go.mod", "go.sum")
    (where / "lease").mkdir(exist_ok=True)
    shutil.copy(RECIPES / "go/lease_hook.go", where / "lease")
    if not is_there:
        fetched([go, "mod", "download"], where, GOTOOLCHAIN="local")
    check(run([go, "run", "-mod=readonly", ".", URL, *FLAGS], where, GOTOOLCHAIN="local"))


@case("Go, with the OFREP provider of its community")
def _():
    raise Skip("the module proxy does not serve github.com/open-feature/go-sdk-contrib/providers/ofrep")


finish(sys.argv[1:])
