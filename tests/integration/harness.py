"""What the integration tests share: processes that are always ended, HTTP without a library, waiting
for a condition, counting cases, and a flag service whose answers a test decides.

    from harness import case, finish, Notes, FlagService

    @case("a claim in words")
    def _(): assert 1 + 1 == 2

    finish()    # runs the cases in order, prints 'N passed, N failed, N skipped', exits
"""
import atexit
import hashlib
import hmac
import http.client
import http.server
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"

# --- cases ------------------------------------------------------------------------------------

_cases = []


class Skip(Exception):
    """Raised in a case that this machine cannot run; the text says what is missing."""


def case(claim):
    """Registers a test case, which finish() runs. It fails by raising anything but Skip."""
    def register(function):
        _cases.append((claim, function))
        return function
    return register


def finish(argv=None):
    """Runs the cases whose claim holds the words given as arguments (all without any), and exits
    with 1 if one failed or none ran."""
    wanted = " ".join(sys.argv[1:] if argv is None else argv)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for claim, function in _cases:
        if wanted not in claim:
            continue
        begun = time.monotonic()
        try:
            function()
            outcome, why = "passed", ""
        except Skip as skip:
            outcome, why = "skipped", f" ({skip})"
        except BaseException as failure:  # Also what a broken fixture raises.
            if isinstance(failure, KeyboardInterrupt):
                raise
            traceback.print_exc()
            outcome, why = "failed", ""
        counts[outcome] += 1
        print(f"{outcome:7} {time.monotonic() - begun:6.1f} s  {claim}{why}", flush=True)
    end_all()
    print(", ".join(f"{number} {outcome}" for outcome, number in counts.items()), flush=True)
    sys.exit(counts["failed"] > 0 or counts["passed"] + counts["skipped"] == 0)


def wait_until(condition, what, seconds=10):
    """The first true value of condition(), which is asked until then; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def equal(found, wanted, of=""):
    """assert found == wanted, with both in the message."""
    if found != wanted:
        raise AssertionError(f"{of}: {found!r} is not {wanted!r}")

# --- processes and files ------------------------------------------------------------------------

_processes = []
_directories = []


def directory():
    """A new directory that goes away at the end."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="readback-"))
    _directories.append(path)
    return path


def secret_file(text, where=None):
    """A file that holds a secret, and only its owner may read."""
    path = (where or directory()) / f"secret-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


class Process:
    """A program of the build. Its standard output is lines, its standard error goes to a file;
    one that `is_asked` is written to by popen.stdin."""

    def __init__(self, *command, where=None, environment=None, is_asked=False):
        self.command = [str(word) for word in command]
        self.errors_path = (where or directory()) / f"{pathlib.Path(self.command[0]).name}.stderr"
        with open(self.errors_path, "ab") as errors:
            self.popen = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=errors,
                                          stdin=subprocess.PIPE if is_asked else None,
                                          text=True, env=environment)
        _processes.append(self)

    def line(self):
        """The next line of its output. Fails if it ends before."""
        line = self.popen.stdout.readline()
        if not line:
            raise AssertionError(f"{self.command[0]} ended: {self.errors()}")
        return line.rstrip("\n")

    def errors(self):
        return self.errors_path.read_text(errors="replace")[-2000:]

    def is_running(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=10):
        """Its exit status and what it still had to say."""
        output, _ = self.popen.communicate(timeout=seconds)
        return self.popen.returncode, output

    def end(self, seconds=10):
        """Asks it to end. Kills it, and fails, if it does not."""
        if self.is_running():
            self.signal(signal.SIGTERM)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command[0]} did not end in {seconds} s") from None

    def kill(self):
        if self.is_running():
            self.signal(signal.SIGCONT)
            self.popen.kill()
        self.popen.wait()


def end_all():
    """Ends what is still running and removes the directories."""
    while _processes:
        _processes.pop().kill()
    while _directories:
        shutil.rmtree(_directories.pop(), ignore_errors=True)


atexit.register(end_all)


def free_port():
    """A port of the loopback that nobody listens on now. Prefer port 0 where a program takes it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

# --- HTTP ----------------------------------------------------------------------------------------


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:200]!r}>"


def http_request(method, url, body=None, bearer=None, headers=None, seconds=10):
    """One exchange on a connection of its own. A body that is no bytes is sent as JSON."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    sent = dict(headers or {})
    if bearer:
        sent["Authorization"] = f"Bearer {bearer}"
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    try:
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()

# --- the demo's practice-notes service -----------------------------------------------------------

FIELDS = ["visit_motive", "interview", "exam_report", "conclusion"]


class Notes:
    """A running notes service of a database of its own (or of `database`)."""
    secret, admin = "a secret of the tests", "the administrator of the tests"

    def __init__(self, *options, practitioners=20, synthetic=8, ofrep=None, ofrep_token=None,
                 database=None):
        self.where = directory()
        self.secret_file = secret_file(self.secret, self.where)
        self.database = database or self.where / "notes.db"
        command = [BUILD / "configs/demo/notes_service", "--database", self.database,
                   "--practitioners", practitioners, "--synthetic", synthetic,
                   "--token-secret-file", self.secret_file,
                   "--admin-token-file", secret_file(self.admin, self.where), *options]
        if ofrep:
            command += ["--ofrep", ofrep]
        if ofrep_token:
            command += ["--ofrep-token-file", secret_file(ofrep_token, self.where)]
        self.process = Process(*command, where=self.where)
        self.url = f"http://127.0.0.1:{json.loads(self.process.line())['listening']}"

    def token(self, practitioner):
        return hmac.new(self.secret.encode(), practitioner.encode(), "sha256").hexdigest()

    def ask(self, practitioner, method, path, body=None, seconds=10, headers=None):
        return http_request(method, self.url + path, body, self.token(practitioner), headers,
                            seconds=seconds)

    def fault(self, name):
        reply = http_request("POST", self.url + "/admin/fault", {"fault": name}, self.admin)
        equal(reply.status, 200, name)
        return reply.json()

    def counters(self):
        return http_request("GET", self.url + "/admin/counters", bearer=self.admin).json()

    def visit(self, practitioner, patient="a", shared=False):
        """The id of a new visit, in which a document is shared or not."""
        visit = self.ask(practitioner, "POST", f"/patients/{practitioner}-{patient}/visits", {})
        equal(visit.status, 201)
        name = visit.json()["id"]
        if shared:
            document = self.ask(practitioner, "POST", f"/visits/{name}/documents",
                                {"title": "Ordonnance", "content": "Paracétamol 1 g"})
            equal(document.status, 201)
            self.ask(practitioner, "POST", f"/documents/{document.json()['id']}/share", {})
        return name

    def save(self, practitioner, visit, seconds=10, draft=False, **fields):
        method, path = ("POST", "autosave") if draft else ("PUT", "notes")
        return self.ask(practitioner, method, f"/visits/{visit}/{path}", fields, seconds)

    def record(self, practitioner, visit):
        return self.ask(practitioner, "GET", f"/visits/{visit}").json()

    def listed(self, practitioner, visit, patient="a"):
        visits = self.ask(practitioner, "GET", f"/patients/{practitioner}-{patient}/visits").json()
        return next((v for v in visits["visits"] if v["id"] == visit), None)

    def found(self, practitioner, text):
        """The ids of the visits that the search for `text` finds."""
        query = urllib.parse.quote(text)
        reply = self.ask(practitioner, "GET", f"/search?q={query}")
        return [v["id"] for v in reply.json()["visits"]]

    def history(self, practitioner, visit):
        return self.ask(practitioner, "GET", f"/visits/{visit}/revisions").json()["revisions"]

# --- a flag service whose answers a test decides -------------------------------------------------


def serve_on_loopback(handler):
    """A server of `handler` on a free port, until the process ends: the server and its URL."""
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_):
            pass  # A peer that left.

    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


class FlagService:
    """Answers OFREP evaluations: treatment for whom `treated` names, else control.

    `behaviour` is how it answers: 'answer', 'slow' (after `delay` s), 'half' (half a body, then
    silence), 'close' (no answer), 'status' (500), 'no-value', 'text-value', 'reset-kept' (ends a
    connection at its second request, as a server does that restarted)."""

    def __init__(self, treated=(), token=None):
        self.treated, self.token = set(treated), token
        self.behaviour, self.delay = "answer", 1.0
        self.asked = []  # (practitioner, context, flag), in order
        self.connections = 0
        self._open = set()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                service.connections += 1
                service._open.add(self.connection)
                self.requests = 0

            def finish(self):
                super().finish()
                service._open.discard(self.connection)

            def do_POST(self):
                service._answer(self)

            def log_message(self, *_):
                pass

        self.server, self.url = serve_on_loopback(Handler)

    def _answer(self, handler):
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        handler.requests += 1
        flag = handler.path.rsplit("/", 1)[1]
        practitioner = body["context"]["targetingKey"]
        self.asked.append((practitioner, body["context"], flag))
        behaviour = self.behaviour
        if behaviour == "close" or (behaviour == "reset-kept" and handler.requests > 1):
            handler.close_connection = True
            return
        if behaviour == "slow":
            time.sleep(self.delay)
        is_treated = practitioner in self.treated
        answer = {"key": flag, "value": is_treated, "reason": "SPLIT", "metadata": {},
                  "variant": "new" if is_treated else "old"}
        status = 200
        if self.token and handler.headers["Authorization"] != f"Bearer {self.token}":
            status = 401
        if behaviour == "status":
            status = 500
        if behaviour == "no-value":
            del answer["value"]
        if behaviour == "text-value":
            answer["value"] = "true"
        content = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if behaviour == "half":
            handler.wfile.write(content[:len(content) // 2])
            handler.wfile.flush()
            time.sleep(self.delay)
            handler.close_connection = True
            return
        handler.wfile.write(content)

    def end(self):
        """Ends the connections that it has, and refuses others from now on."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # Its client was faster.
