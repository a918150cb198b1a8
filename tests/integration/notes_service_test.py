#!/usr/bin/env python3
"""The demo's notes service and load generator: the API, who may see what, each fault on the path
that has it and no other, what the service does when the flag service is slow, dead or broken, and
that the load generator's ledger counts what was really lost."""
import json
import sqlite3
import time

from harness import (BUILD, FIELDS, FlagService, Notes, Process, case, directory, equal, finish,
                     http_request, wait_until)

TREATED, CONTROL = "synthetic-01", "synthetic-02"
TEXT = "  Patiente fébrile, T° > 38,5 & toux <5 jours 🐘 « à revoir »\n" + "x" * 80 + " nonce{} "
flags = FlagService(treated=[TREATED, "practitioner-00001"], token="flag token")
notes = Notes(ofrep=flags.url, ofrep_token="flag token")
_number = 0


def text():
    global _number
    _number += 1
    return TEXT.format(f"{_number:06}")


def all_fields():
    return {field: text() for field in FIELDS}


def read_everywhere(who, visit, field, written, patient="a"):
    """The field by each of the four paths; None where it is not to be seen."""
    nonce = written.split("nonce")[1].strip()
    listed = notes.listed(who, visit, patient)
    history = notes.history(who, visit)
    return {"record": notes.record(who, visit)[field], "list": listed and listed[field],
            "search": written if visit in notes.found(who, "nonce" + nonce) else None,
            "history": history[0][field] if history else None}


def everywhere(value):
    return dict.fromkeys(["record", "list", "search", "history"], value)


def acknowledged(reply, path):
    equal(reply.status, 200)
    body = reply.json()
    equal((body["saved"], body["path"]), (True, path))
    return body["revision"]


# --- the API -------------------------------------------------------------------------------------

@case("what is saved is read by record, list, search and history")
def _():
    for who, path in [(TREATED, "new"), (CONTROL, "old")]:
        visit, fields = notes.visit(who), all_fields()
        equal(acknowledged(notes.save(who, visit, **fields), path), 1)
        for field, written in fields.items():
            equal(read_everywhere(who, visit, field, written), everywhere(written), field)


@case("a save leaves the other fields, and the history keeps what was before")
def _():
    visit, first, second = notes.visit(TREATED), all_fields(), text()
    acknowledged(notes.save(TREATED, visit, **first), "new")
    equal(acknowledged(notes.save(TREATED, visit, interview=second), "new"), 2)
    record = notes.record(TREATED, visit)
    equal([record[f] for f in FIELDS],
          [first["visit_motive"], second, first["exam_report"], first["conclusion"]])
    equal([r["interview"] for r in notes.history(TREATED, visit)], [second, first["interview"]])


@case("a draft is shown until the save that supersedes it, and leaves no revision")
def _():
    visit, draft, final = notes.visit(CONTROL), all_fields(), text()
    acknowledged(notes.save(CONTROL, visit, draft=True, **draft), "old")
    acknowledged(notes.save(CONTROL, visit, draft=True, interview=draft["interview"]), "old")
    record = notes.record(CONTROL, visit)
    equal((record["has_draft"], record["interview"]), (True, draft["interview"]))
    acknowledged(notes.save(CONTROL, visit, interview=final), "old")
    record = notes.record(CONTROL, visit)
    equal((record["has_draft"], record["interview"], record["conclusion"]),
          (False, final, draft["conclusion"]))
    equal([(r["revision"], r["is_draft"]) for r in notes.history(CONTROL, visit)], [(3, False)])


@case("documents are shared, visits are closed and removed")
def _():
    visit = notes.visit(CONTROL, shared=True)
    record = notes.record(CONTROL, visit)
    equal([d["shared"] for d in record["documents"]], [True])
    equal(record["state"], "open")
    fields = all_fields()
    acknowledged(notes.save(CONTROL, visit, **fields), "old")
    equal(notes.ask(CONTROL, "POST", f"/visits/{visit}/close").status, 200)
    equal(notes.record(CONTROL, visit)["state"], "closed")
    equal(notes.save(CONTROL, visit, **fields).status, 409)
    equal(notes.ask(CONTROL, "DELETE", f"/visits/{visit}").status, 204)
    for path in ["", "/revisions"]:
        equal(notes.ask(CONTROL, "GET", f"/visits/{visit}{path}").status, 404)
    equal(notes.listed(CONTROL, visit), None)
    equal(notes.found(CONTROL, fields["interview"].split()[-1]), [])
    equal(notes.ask(CONTROL, "DELETE", f"/visits/{visit}").status, 404)


@case("what is no save is refused, and nothing of it is stored")
def _():
    visit = notes.visit(TREATED)
    asked = len(flags.asked)
    for body, status in [({}, 422), ({"interview": 5}, 422), ({"interview": None}, 422),
                         ({"interview": "a", "other": "b"}, 422), (["interview"], 400),
                         (b"{\"interview\":\"\xff\"}", 400), (b"{\"interview\":\"\\ud800\"}", 400),
                         (b"{\"interview\":", 400), (b"[" * 100_000, 400),
                         ({"interview": "é" * 100_001}, 422)]:
        equal(notes.ask(TREATED, "PUT", f"/visits/{visit}/notes", body).status, status,
              repr(body)[:60])
    equal(notes.ask(TREATED, "PUT", f"/visits/{visit}/notes", b"x" * 9_000_000).status, 413)
    equal(notes.record(TREATED, visit)["interview"], None)
    equal(notes.history(TREATED, visit), [])
    equal(len(flags.asked), asked)
    longest = "🐘" * 100_000
    acknowledged(notes.save(TREATED, visit, **dict.fromkeys(FIELDS, longest)), "new")
    equal(notes.record(TREATED, visit)["conclusion"], longest)


@case("texts of every kind come back as they went")
def _():
    for who in [TREATED, CONTROL]:
        visit = notes.visit(who)
        for written in ["", " ", "a\r\nb\rc\n\n", "nul\0inside", "e\u0301 \u00e9", "\U0001d306",
                        "\ufeffbom", "&amp; \\n \"q\" 'r'", "\u2028\u202e\u200b\uffff"]:
            acknowledged(notes.save(who, visit, interview=written),
                         "new" if who == TREATED else "old")
            equal(notes.record(who, visit)["interview"], written)
            equal(notes.history(who, visit)[0]["interview"], written)


@case("a practitioner sees and changes only what is his")
def _():
    visit = notes.visit(TREATED, shared=True)
    fields = all_fields()
    acknowledged(notes.save(TREATED, visit, **fields), "new")
    document = notes.record(TREATED, visit)["documents"][0]["id"]
    requests = [("POST", f"/patients/{TREATED}-a/visits"), ("GET", f"/patients/{TREATED}-a/visits"),
                ("GET", f"/visits/{visit}"), ("DELETE", f"/visits/{visit}"),
                ("PUT", f"/visits/{visit}/notes"), ("POST", f"/visits/{visit}/autosave"),
                ("POST", f"/visits/{visit}/close"), ("GET", f"/visits/{visit}/revisions"),
                ("POST", f"/visits/{visit}/documents"), ("POST", f"/documents/{document}/share")]
    for method, path in requests:
        body = {"interview": "x", "title": "t", "content": "c"} if method != "GET" else None
        equal(notes.ask(CONTROL, method, path, body).status, 403, path)
        equal(http_request(method, notes.url + path, body).status, 401, path)
        equal(http_request(method, notes.url + path, body, "0" * 64).status, 401, path)
        equal(http_request(method, notes.url + path, body, notes.admin).status, 403, path)
    equal(notes.found(CONTROL, fields["interview"].split()[-1]), [])
    for method, path in [("POST", "/admin/fault"), ("GET", "/admin/counters")]:
        equal(notes.ask(TREATED, method, path, {"fault": "hang"}).status, 403)
        equal(http_request(method, notes.url + path, {"fault": "hang"}).status, 401)
    equal(notes.counters()["fault"], "none")
    equal(notes.record(TREATED, visit)["conclusion"], fields["conclusion"])


@case("unknown paths, methods and names are told apart")
def _():
    equal(http_request("GET", notes.url + "/healthz").status, 200)
    equal(notes.ask(TREATED, "GET", "/nothing").status, 404)
    equal(notes.ask(TREATED, "PATCH", "/visits/v1").status, 405)
    for name in ["v0", "v-1", "v99999999", "v1x", "x1", "v", "v99999999999999999999"]:
        equal(notes.ask(TREATED, "GET", f"/visits/{name}").status, 404, name)
    equal(notes.ask(TREATED, "GET", "/patients/nobody/visits").status, 404)
    equal(notes.ask(TREATED, "GET", "/search").status, 422)
    for query in ["%22", "%22%20OR%20%22", "*", "interview:x", "%00", "NEAR("]:
        equal(notes.ask(TREATED, "GET", f"/search?q={query}").status, 200, query)


# --- the flag ------------------------------------------------------------------------------------

@case("each save and each draft asks the flag once, with the practitioner's context")
def _():
    visit = notes.visit(TREATED)
    before = len(flags.asked)
    notes.save(TREATED, visit, interview=text())
    notes.save(TREATED, visit, draft=True, interview=text())
    asked = flags.asked[before:]
    equal([(who, flag) for who, _, flag in asked], [(TREATED, "notes-editor-v2")] * 2)
    equal(sorted(asked[0][1]), ["practice", "region", "speciality", "targetingKey"])


@case("a flag service that is slow, silent or wrong gives the old editor within its time-out")
def _():
    visit = notes.visit(TREATED)
    for behaviour, delay in [("slow", 6), ("half", 6), ("close", 0), ("status", 0),
                             ("no-value", 0), ("text-value", 0)]:
        # A good answer first: the bad one then comes on a connection that was kept.
        flags.behaviour, flags.delay = "answer", delay
        acknowledged(notes.save(TREATED, visit, interview=text()), "new")
        flags.behaviour = behaviour
        written = text()
        begun = time.monotonic()
        acknowledged(notes.save(TREATED, visit, interview=written), "old")
        # 250 ms, and what a busy machine adds; without the time-out it would be six seconds.
        assert time.monotonic() - begun < 4, behaviour
        equal(notes.record(TREATED, visit)["interview"], written)
    flags.behaviour = "answer"
    acknowledged(notes.save(TREATED, visit, interview=text()), "new")


@case("kept connections are used again, and one that was closed meanwhile costs nothing")
def _():
    visit = notes.visit(TREATED)
    notes.save(TREATED, visit, interview=text())
    before = flags.connections
    for _ in range(5):
        acknowledged(notes.save(TREATED, visit, interview=text()), "new")
    equal(flags.connections - before, 0)
    flags.behaviour = "reset-kept"
    for _ in range(5):
        acknowledged(notes.save(TREATED, visit, interview=text()), "new")
    flags.behaviour = "answer"
    assert 4 <= flags.connections - before <= 5, flags.connections - before


@case("a flag service that is gone or refuses the token gives the old editor")
def _():
    gone = FlagService(treated=[TREATED])
    for options in [{"ofrep": gone.url}, {"ofrep": flags.url, "ofrep_token": "another"}, {}]:
        service = Notes(**options)
        if options.get("ofrep") == gone.url:
            acknowledged(service.save(TREATED, service.visit(TREATED), interview="x"), "new")
            gone.end()
        acknowledged(service.save(TREATED, service.visit(TREATED), interview="x"), "old")
        service.process.end()


# --- faults --------------------------------------------------------------------------------------

def faulty(fault, expected, shared=False, who=TREATED, path="new", before=None):
    """Saves all fields of a visit under a fault, and checks each by every path. `expected` makes
    the text that is then read of the fields written and the field's name."""
    notes.fault("none")
    visit = notes.visit(who, shared=shared)
    if before:
        notes.save(who, visit, **before)
    notes.fault(fault)
    fields = all_fields()
    acknowledged(notes.save(who, visit, **fields), path)
    record, listed = notes.record(who, visit), notes.listed(who, visit)
    history = notes.history(who, visit)
    for field in FIELDS:
        wanted = expected(fields, field)
        equal(record[field], wanted, (fault, "record", field))
        equal(listed[field], wanted, (fault, "list", field))
        equal(history[0][field] if history else None, wanted, (fault, "history", field))
    query = fields["interview"].split()[-1]
    is_kept = any(query in (expected(fields, field) or "") for field in FIELDS)
    equal(notes.found(who, query), [visit] if is_kept else [], (fault, "search"))
    return visit


def as_written(fields, field):
    return fields[field]


def nothing(fields, field):
    return None


def escaped(written):
    for plain, entity in [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"),
                          ("'", "&#39;")]:
        written = written.replace(plain, entity)
    return written


PARTNER = dict(zip(FIELDS, ["interview", "visit_motive", "conclusion", "exam_report"]))
ALTERED = [
    ("none", as_written),
    ("acknowledged-not-stored", nothing),
    ("truncate:58", lambda fields, field: fields[field][:58]),
    ("truncate", lambda fields, field: fields[field][:60]),
    ("strip-4-byte-utf8", lambda fields, field: fields[field].replace("🐘", "")),
    ("html-escape", lambda fields, field: escaped(fields[field])),
    ("swap-fields", lambda fields, field: fields[PARTNER[field]]),
    ("trim", lambda fields, field: fields[field].strip()),
    ("lose-fraction:1", nothing),
    ("lose-fraction:0", as_written),
    ("slow:0", as_written),
    ("both-arms", nothing),
    ("both-arms:truncate:5", lambda fields, field: fields[field][:5]),
    ("control-only", as_written),
    ("lost-when-document-shared", as_written),
]


@case("each fault does to the new editor's texts what its name says")
def _():
    for fault, expected in ALTERED:
        faulty(fault, expected)


@case("the old editor stores whole under every fault but those of its own")
def _():
    for fault, expected in ALTERED:
        if not fault.startswith("both-arms") and fault != "control-only":
            faulty(fault, as_written, who=CONTROL, path="old", shared=True)
    for fault in ["hang", "error-500", "slow:5", "stale-cache:60", "cross-patient"]:
        faulty(fault, as_written, who=CONTROL, path="old")
    faulty("both-arms", nothing, who=CONTROL, path="old")
    faulty("control-only", nothing, who=CONTROL, path="old")
    faulty("control-only:trim", lambda fields, field: fields[field].strip(), who=CONTROL,
           path="old")
    notes.fault("none")


@case("the incident loses notes where a document was shared, and only there")
def _():
    faulty("lost-when-document-shared", nothing, shared=True)
    before = all_fields()
    faulty("lost-when-document-shared", lambda fields, field: before[field], shared=True,
           before=before)
    notes.fault("none")


@case("a text that goes to the wrong patient stands in place of the right one")
def _():
    notes.fault("none")
    other, fields = notes.visit(TREATED, "b"), all_fields()
    notes.save(TREATED, other, **fields)
    faulty("cross-patient", lambda _, field: fields[field])
    notes.fault("none")
    # Synthetic texts are not given to real patients, nor the reverse.
    real = notes.visit("practitioner-00001")
    notes.fault("cross-patient")
    acknowledged(notes.save("practitioner-00001", real, interview=text()), "new")
    equal(notes.record("practitioner-00001", real)["interview"], None)
    notes.fault("none")


@case("a stale cache serves what was before on every path, then the text")
def _():
    notes.fault("none")
    visit, before, after = notes.visit(TREATED), all_fields(), all_fields()
    notes.save(TREATED, visit, **before)
    notes.fault("stale-cache:2")
    begun = time.monotonic()
    acknowledged(notes.save(TREATED, visit, **after), "new")
    stale = read_everywhere(TREATED, visit, "interview", before["interview"])
    unseen = notes.found(TREATED, after["interview"].split()[-1])
    if time.monotonic() - begun < 2:  # Else the machine was too slow for the claim.
        equal(stale, everywhere(before["interview"]))
        equal(unseen, [])
    wait_until(lambda: read_everywhere(TREATED, visit, "interview", after["interview"]) ==
               everywhere(after["interview"]), "the text is read")
    assert time.monotonic() - begun >= 2
    notes.fault("none")


@case("what is stored is gone after a while, unless it was saved again")
def _():
    notes.fault("none")
    visit, again = notes.visit(TREATED), notes.visit(TREATED)
    notes.fault("erase-after:1")
    fields, kept = all_fields(), text()
    acknowledged(notes.save(TREATED, visit, **fields), "new")
    acknowledged(notes.save(TREATED, again, **fields), "new")
    notes.fault("none")
    acknowledged(notes.save(TREATED, again, interview=kept), "new")
    wait_until(lambda: read_everywhere(TREATED, visit, "interview", fields["interview"]) ==
               everywhere(None), "the text is gone")
    wait_until(lambda: notes.record(TREATED, again)["conclusion"] is None, "the rest is gone")
    equal(notes.record(TREATED, again)["interview"], kept)


@case("a share of the saves is lost")
def _():
    notes.fault("lose-fraction:0.5")
    lost = 0
    for _ in range(40):
        visit = notes.visit(TREATED)
        acknowledged(notes.save(TREATED, visit, interview=text()), "new")
        lost += notes.record(TREATED, visit)["interview"] is None
    notes.fault("none")
    assert 5 < lost < 35, lost


@case("a hung, failing or slow path gives no or a bad answer, and the old one goes on")
def _():
    visit = notes.visit(TREATED)
    notes.fault("hang")
    try:
        reply = notes.save(TREATED, visit, seconds=0.6, interview=text())
        raise AssertionError(f"answered: {reply}")
    except TimeoutError:
        pass
    equal(notes.record(TREATED, visit)["interview"], None)
    notes.fault("error-500")
    equal(notes.save(TREATED, visit, interview=text()).status, 500)
    equal(notes.record(TREATED, visit)["interview"], None)
    notes.fault("slow:0.7")
    begun, written = time.monotonic(), text()
    acknowledged(notes.save(TREATED, visit, interview=written), "new")
    assert time.monotonic() - begun >= 0.7
    equal(notes.record(TREATED, visit)["interview"], written)
    notes.fault("none")


@case("faults that do not exist are refused and change nothing")
def _():
    notes.fault("trim")
    for name in ["", "truncat", "truncate:", "truncate:x", "truncate:-1", "lose-fraction:1.5",
                 "lose-fraction:nan", "trim:1", "none:1", "both-arms:", "both-arms:both-arms",
                 "control-only:nothing", "slow:99999", "truncate:1e3"]:
        reply = http_request("POST", notes.url + "/admin/fault", {"fault": name}, notes.admin)
        equal(reply.status, 422, name)
    equal(notes.counters()["fault"], "trim")
    notes.fault("none")


@case("the counters say what was saved on which path, what was lost, and which was first")
def _():
    service = Notes("--fault", "lost-when-document-shared", ofrep=flags.url,
                    ofrep_token="flag token")
    real = "practitioner-00001"
    for who, shared in [(TREATED, False), (CONTROL, True), (TREATED, True), (real, True)]:
        visit = service.visit(who, shared=shared)
        service.save(who, visit, interview=text(), conclusion=text())
    counters = service.counters()
    equal(counters["fault"], "lost-when-document-shared")
    assert counters["fault_since_ms"] > 1_600_000_000_000
    equal(counters["saves"], {"old": {"real": 0, "synthetic": 1},
                              "new": {"real": 1, "synthetic": 2}})
    lost = counters["lost"]
    equal((lost["synthetic"]["notes"], lost["real"]["notes"]), (2, 2))
    equal((lost["real"]["practitioners"], lost["real"]["by_path"]), (1, {"old": 0, "new": 2}))
    equal(lost["synthetic"]["first"]["practitioner"], TREATED)
    equal(lost["real"]["first"]["visit"], "v4")
    equal(counters["real_practitioners_on_new_path"], 1)
    service.process.end()


@case("what was acknowledged survives a kill, and the practitioners stay who they are")
def _():
    service = Notes(ofrep=flags.url, ofrep_token="flag token")
    visit, written = service.visit(CONTROL), text()
    service.save(CONTROL, visit, interview=written)
    service.process.kill()
    again = Notes(database=service.database)
    equal(again.record(CONTROL, visit)["interview"], written)
    with sqlite3.connect(f"file:{service.database}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT count(*), count(DISTINCT speciality), max(id) FROM "
                                "practitioners WHERE is_synthetic = 0").fetchone()
        marked = database.execute("SELECT count(*) FROM patients WHERE display_name LIKE "
                                  "'SYNTHETIC%'").fetchone()
    equal((rows[0], rows[2]), (20, "practitioner-00020"))
    assert rows[1] > 3
    equal(marked, (8 * 4,))
    again.process.end()


# --- the load generator --------------------------------------------------------------------------

def loaded(service, *options, seconds=3, rate=40):
    """Runs the load generator to its end: its closing report, and the ledger's file."""
    ledger = directory() / "ledger.db"
    load = Process(BUILD / "configs/demo/load", "--url", service.url, "--token-secret-file",
                   service.secret_file, "--ledger", ledger, "--practitioners", 20, "--rate", rate,
                   "--seconds", seconds, *options)
    status, output = load.wait(60)
    equal(status, 0, load.errors())
    return json.loads(output), ledger


def audited(fault, *options):
    service = Notes("--fault", fault, ofrep=flags.url, ofrep_token="flag token")
    report, ledger = loaded(service, "--database", service.database, *options)
    return service, report, ledger, service.counters()


@case("the load generator counts exactly the notes that the service lost")
def _():
    flags.treated.update(f"practitioner-{n:05}" for n in range(1, 11))
    for fault, is_lossy in [("none", False), ("acknowledged-not-stored", True),
                            ("lost-when-document-shared", True), ("truncate:20", True),
                            ("swap-fields", True), ("lose-fraction:0.3", True),
                            ("control-only", True), ("both-arms", True), ("trim", False),
                            ("stale-cache:60", False), ("slow:0.2", False)]:
        service, report, ledger, counters = audited(fault)
        assert report["acknowledged_notes"] > 200 and not report["errors"], report
        assert report["acknowledged_by_path"]["new"] > 50, report
        truth = counters["lost"]["real"]
        equal((report["lost_notes"], report["lost_by_path"], report["practitioners_hit"]),
              (truth["notes"], truth["by_path"], truth["practitioners"]), fault)
        equal(report["lost_notes"] > 0, is_lossy, fault)
        equal(report["saves_by_path"], {path: counters["saves"][path]["real"]
                                        for path in ["old", "new"]}, fault)
        with sqlite3.connect(ledger) as database:
            equal(database.execute("SELECT count(*) FROM losses").fetchone()[0],
                  truth["notes"], fault)
        if fault == "lost-when-document-shared":
            equal(report["lost_with_shared_document"], report["lost_notes"])
            # Load takes its time before it sends, the service after it has read.
            assert 0 <= truth["first"]["started_ms"] - report["first_lost_ms"] < 1_000
            assert report["first_lost"]["visit"] == truth["first"]["visit"]
        service.process.end()


@case("what was never answered is not counted lost, and what was erased is")
def _():
    service, report, _, _ = audited("hang", "--time-out-ms", 300)
    assert report["errors"]["timed out"] > 0, report
    equal((report["lost_notes"], report["acknowledged_by_path"]["new"]), (0, 0))
    service.process.end()
    service, report, _, _ = audited("error-500")
    assert report["errors"]["status 500"] > 0, report
    equal(report["lost_notes"], 0)
    service.process.end()
    # Erased by the time of the audit are those of the first seconds.
    service, report, _, _ = audited("erase-after:1")
    assert 0 < report["lost_notes"] <= service.counters()["lost"]["real"]["notes"], report
    assert report["lost_notes"] < report["acknowledged_by_path"]["new"], report
    service.process.end()


@case("a tenth of the visits shares a document, the rate is kept, and the seed repeats")
def _():
    service = Notes(practitioners=20)
    report, ledger = loaded(service, rate=150, seconds=4)
    share = report["visits_with_shared_document"] / report["visits"]
    assert 0.04 < share < 0.18, share
    equal(report["lost_notes"], None)
    again, other = loaded(service, rate=150, seconds=1)
    with sqlite3.connect(ledger) as first, sqlite3.connect(other) as second:
        query = "SELECT practitioner, field, sha256 FROM notes ORDER BY sha256"
        texts = [set(database.execute(query)) for database in (first, second)]
        count = first.execute("SELECT count(*), count(DISTINCT sha256) FROM notes").fetchone()
    equal(count[0], count[1])
    assert texts[1] < texts[0], "the same seed, the same texts"
    # Nothing is sent before it is due; a busy machine may send less.
    assert 100 < report["acknowledged_saves"] <= 150 * report["seconds"] + 3, report


@case("the load generator ends at a signal with its report, and its status file is always whole")
def _():
    service, status = Notes(), directory() / "status.json"
    load = Process(BUILD / "configs/demo/load", "--url", service.url, "--token-secret-file",
                   service.secret_file, "--ledger", directory() / "ledger.db", "--practitioners",
                   20, "--rate", 50, "--status-file", status, "--database", service.database)
    wait_until(status.exists, "a status file")
    seen = set()

    def has_grown():
        seen.add(json.loads(status.read_text())["acknowledged_saves"])
        return len(seen) > 2
    wait_until(has_grown, "three counts in the status file")
    exit_status, output = load.end()
    report = json.loads(output)
    equal((exit_status, report["lost_notes"]), (0, 0))
    assert report["acknowledged_saves"] >= max(seen)
    equal(report["in_flight"], 0)


@case("the load generator goes on while the service is away, and refuses another run's ledger")
def _():
    service = Notes()
    port = service.url.rsplit(":", 1)[1]
    ledger, status = directory() / "ledger.db", directory() / "status.json"
    command = [BUILD / "configs/demo/load", "--url", service.url, "--token-secret-file",
               service.secret_file, "--ledger", ledger, "--practitioners", 20, "--rate", 50,
               "--database", service.database, "--status-file", status]
    load = Process(*command)
    wait_until(status.exists, "a status file")
    service.process.kill()
    wait_until(lambda: json.loads(status.read_text())["errors"], "errors")
    saved = json.loads(status.read_text())["acknowledged_saves"]
    again = Notes("--listen", f"127.0.0.1:{port}", database=service.database)
    wait_until(lambda: json.loads(status.read_text())["acknowledged_saves"] > saved, "more saves")
    _, output = load.end()
    equal(json.loads(output)["lost_notes"], 0)
    status, _ = Process(*command).wait()
    equal(status, 1)
    again.process.end()


if __name__ == "__main__":
    finish()
