#!/usr/bin/env python3
"""What a guard must not let out: texts of notes, secrets and tokens, wherever it writes or answers;
and it writes into the records of synthetic practitioners only."""
import json
import re
import sqlite3
import subprocess
import threading

from guarded_service import FLAG, GUARD, TOKEN, GuardedService, rounds
from harness import case, equal, finish, http_request, wait_until

# The nonce in every text, as probes/token.h has it.
NONCE = re.compile(rb"rb[0-9a-hjkmnp-tv-z]{13}", re.IGNORECASE)


class Texts:
    """The texts that the notes service was given, as they are seen in its database."""

    def __init__(self, database):
        self.seen, self.database = set(), database
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            while not self._is_over.wait(0.2):
                for row in database.execute("SELECT visit_motive, interview, exam_report, "
                                            "conclusion FROM revisions"):
                    self.seen.update(text for text in row if text)

    def end(self):
        self._is_over.set()
        self._thread.join()
        return self.seen


def dump(database):
    """Every value of every table."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [name for name, in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return "\n".join(str(row) for table in tables
                         for row in connection.execute(f"SELECT * FROM {table}")).encode()


def said_by(guarded):
    """By name, all that the guard has written, and all that it answers, wrong questions included."""
    said = {str(path.relative_to(guarded.state)): path.read_bytes()
            for path in guarded.state.rglob("*") if path.is_file()}
    said["database"] = dump(guarded.state / "state.db")
    said["log"] = guarded.guard.errors_path.read_bytes()
    for path in ["/status", f"/exposures/{FLAG}", "/nothing"]:
        said[path] = json.dumps(guarded.ask("GET", path)).encode()
    said["reload"] = json.dumps(guarded.ask("POST", "/reload")).encode()
    url = f"http://127.0.0.1:{guarded.port}"
    for name, path, bearer in [("metrics", "/metrics", TOKEN), ("healthy", "/-/healthy", None),
                               ("refused", "/metrics", TOKEN[:-1]), ("nothing", "/no", TOKEN)]:
        reply = http_request("GET", url + path, bearer=bearer)
        said[name] = reply.body + str(reply.headers).encode()
    for body in [b"", b"{", b'{"context": {"targetingKey": "synthetic-01"}}', b"[" * 40]:
        reply = http_request("POST", f"{url}/ofrep/v1/evaluate/flags/{FLAG}", body, TOKEN)
        said[f"evaluation of {body[:20]}"] = reply.body + str(reply.headers).encode()
    for words in [["status"], ["status", "--json"], ["audit", "verify"], ["exposures", FLAG],
                  ["validate", guarded.where / "guard.yaml"]]:
        state = [] if words[0] == "validate" else ["--state", guarded.state]
        done = subprocess.run([GUARD, *words, *state], env=guarded.environment,
                              capture_output=True, timeout=30)
        said["guard " + " ".join(map(str, words))] = done.stdout + done.stderr
    return said


def check(guarded, texts):
    said = said_by(guarded)
    assert len(texts) > 100, "texts that were seen"
    assert all(NONCE.search(text.encode()) for text in texts), "each text has its nonce"
    for name, content in said.items():
        assert content or name in ("lock", "state.db-wal"), f"nothing was said by {name}"
        equal(NONCE.findall(content), [], f"nonces in {name}")
        for secret in guarded.secrets():
            assert secret.encode() not in content, f"a secret in {name}"
        for text in texts:
            assert text.encode() not in content, f"a text in {name}"


def check_records(guarded):
    """Nobody real has written, so nothing of a real practitioner may be there."""
    with sqlite3.connect(f"file:{guarded.notes.database}?mode=ro", uri=True) as database:
        writers = {name for name, in database.execute("SELECT DISTINCT practitioner FROM visits")}
        patients = {name for name, in database.execute("SELECT DISTINCT patient FROM visits")}
        last, = database.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
    assert last > 40, "visits were made"
    assert writers and all(name.startswith("synthetic-") for name in writers), writers
    assert all(name.startswith("synthetic-") for name in patients), patients
    counters = guarded.notes.counters()
    equal([counters["saves"][path]["real"] for path in ("old", "new")], [0, 0])
    equal(counters["real_practitioners_on_new_path"], 0)


def guarded_by_real():
    """Beside 50 real practitioners, who are served but do not write."""
    guarded = GuardedService(real=50)
    guarded.people_asking = guarded.people(["practitioner-00001", "practitioner-00003"])
    guarded.texts = Texts(guarded.notes.database)
    guarded.start()
    guarded.until_served()
    wait_until(guarded.people_asking.treatments, "real people are served treatment")
    return guarded


def end(guarded):
    guarded.people_asking.end()
    check(guarded, guarded.texts.end())
    check_records(guarded)
    guarded.end()


@case("a guard that works lets out no text and no secret, and writes as nobody real")
def _():
    guarded = guarded_by_real()
    guarded.wait_for("a step", lambda seen: seen["step"] == 2 and rounds(seen, "ok") > 60, 60)
    end(guarded)


@case("a guard that finds a loss names it without the text that was lost")
def _():
    # Each of these ends in other words: what is cut, escaped, or found in another's record.
    for fault in ["truncate:20", "html-escape", "cross-patient"]:
        guarded = guarded_by_real()
        guarded.notes.fault(fault)
        status = guarded.wait_for("the revert", lambda seen: seen["phase"] == "latched" and
                                  seen["latch"]["is_durable"], 60)
        assert status["latch"]["reason"], status
        end(guarded)


@case("an application that answers nothing usable makes the guard tell nothing of what it sent")
def _():
    guarded = guarded_by_real()
    guarded.notes.fault("error-500")
    guarded.wait_for("rounds without an answer",
                     lambda seen: rounds(seen, "info", "treatment") >= 6, 60)
    guarded.notes.process.kill()
    info = rounds(guarded.status(), "info")
    guarded.wait_for("rounds without an application",
                     lambda seen: rounds(seen, "info") >= info + 8, 60)
    guarded.people_asking.end()
    check(guarded, guarded.texts.end())
    guarded.guard.kill()


@case("a config that is refused is told without the secrets that it names, or wrongly holds")
def _():
    for change, says in [
            (lambda plan: plan.update(delays=["soon"]), b"duration"),
            (lambda plan: plan["practitioners"][0].update(secret=secrets[-1]), b"secret"),
            (lambda plan: plan["practitioners"][0].update(secret={"value": secrets[-1]}), b"value"),
            (lambda plan: plan["practitioners"][0].update(secret={"environment": "NOT_SET"}),
             b"NOT_SET")]:
        guarded = GuardedService(is_started=False)
        secrets = guarded.secrets()
        change(guarded.plan)
        guarded.write_config()
        for words in [["run", guarded.where / "guard.yaml", "--state", guarded.state],
                      ["validate", guarded.where / "guard.yaml"]]:
            done = subprocess.run([GUARD, *words], env=guarded.environment, capture_output=True,
                                  timeout=30)
            equal(done.returncode, 3, done.stderr)
            said = done.stdout + done.stderr
            assert says in said, said
            for secret in secrets:
                assert secret.encode() not in said, said
        guarded.notes.process.end()


if __name__ == "__main__":
    finish()
