#!/usr/bin/env python3
"""The official web provider in a real Chromium, as it comes and with the recipe of configs/recipes,
while things happen to the guard: what the page shows, and for how long it shows treatment. Beside it
the server provider, for what only a proxy answers.

    web_clients_test.py [words of a claim]

As it comes the provider keeps a treatment that nobody renews: where that is not *seen*, nothing is
proven of the recipe, and the case fails. The bound is E_hard as `guard validate` prints it."""
import json
import os
import shutil
import subprocess
import sys
import time

from guard_process import FLAG, GUARD, TOKEN, GuardProcess
from harness import Process, Skip, case, equal, finish, http_request, wait_until
from http_link import HttpLink
from openfeature_client import HERE, ROOT, Client, Lines, find_node, installed

LEASE_S = 20
PAGE_TOKEN = "the-token-of-the-pages-of-the-tests"
KINDS = {"as it comes": False, "with the recipe": True}

_made = {}
_table = []


class Browser:
    def __init__(self):
        chromium = os.environ.get("READBACK_CHROMIUM", shutil.which("chromium"))
        if not chromium:
            raise Skip("there is no chromium")
        node, root = find_node(), installed(HERE / "web", "@openfeature/ofrep-web-provider")
        for source in [*(HERE / "web").glob("*.*"), *(ROOT / "configs/recipes/javascript").glob("*")]:
            if source.name not in ("package.json", "package-lock.json"):
                shutil.copy(source, root)
        self.process = Process(node, root / "browser.mjs", chromium, is_asked=True)
        self._lines = Lines(self.process)
        first = self._lines.next(60)
        assert first is not None, self.process.errors()
        self.origin, self.version = first["origin"], first["version"]
        self.opened = 0

    def ask(self, do, page, **more):
        self.process.popen.stdin.write(json.dumps({"do": do, "page": page, **more}) + "\n")
        self.process.popen.stdin.flush()
        answer = self._lines.next(30)
        assert answer is not None and "error" not in answer, (answer, self.process.errors())
        return answer


def browser():
    if "browser" not in _made:
        _made["browser"] = Browser()
    return _made["browser"]


def guard():
    """One for most cases, alive and serving treatment, to pages by a token of their own."""
    if "guard" not in _made:
        origin = browser().origin
        _made["guard"] = GuardProcess(origins=[origin], tokens=[TOKEN, PAGE_TOKEN],
                                      max_evidence_age=f"{LEASE_S} s").start_rollout()
        _made["bound"] = _made["guard"].bounds()["hard_ms"] / 1000
    if not _made["guard"].process.is_running():
        _made["guard"].run()
    _made["guard"].go_on()
    _made["guard"].until_treatment()
    return _made["guard"]


def own_guard():
    """One that a case may revert."""
    guard()
    of = GuardProcess(origins=[browser().origin], tokens=[TOKEN, PAGE_TOKEN],
                      max_evidence_age=f"{LEASE_S} s").start_rollout()
    of.until_treatment()
    return of


class Page:
    def __init__(self, kind, url, who="dr-martin"):
        browser().opened += 1
        self.kind, self.name = kind, f"page-{browser().opened}"
        how = {"base": url, "token": PAGE_TOKEN, "flag": FLAG, "who": who, "lease_s": LEASE_S,
               "is_recipe": KINDS[kind]}
        browser().ask("open", self.name, how=how)
        wait_until(lambda: self.value() is True, f"{kind}: the page shows treatment", 20)

    def shown(self):
        return browser().ask("shown", self.name)["shown"]

    def value(self):
        shown = self.shown()
        return shown[-1]["value"] if shown else None

    def held_until(self, since):
        """For how many seconds after `since` it showed treatment; None if it still does."""
        shown = self.shown()
        if not shown or shown[-1]["value"]:
            return None
        treated = [i for i, one in enumerate(shown) if one["value"]]
        if not treated:
            return 0.0
        return max(0.0, shown[treated[-1] + 1]["at"] / 1000 - since)

    def close(self):
        browser().ask("close", self.name)


class Pages:
    """A page as it comes and one with the recipe, both showing treatment."""

    def __init__(self, url):
        self.all = [Page(kind, url) for kind in KINDS]
        self.plain, self.recipe = self.all

    def tell(self, fault, since):
        """Puts what each came to in the table; the seconds of each."""
        held = {}
        for page in self.all:
            held[page.kind] = page.held_until(since)
            row(f"web {'0.4.3'}", fault, page.kind, held[page.kind])
        return held["as it comes"], held["with the recipe"]

    def close(self):
        for page in self.all:
            page.close()


def row(client, fault, kind, held):
    text = "holds treatment on" if held is None else f"safe after {held:.1f} s"
    _table.append((client, fault, kind, text))
    print(f"        {fault}, {kind}: {text}", flush=True)


def past_bound(since):
    time.sleep(max(0.0, since + _made["bound"] + 1.5 - time.time()))


def keeps_and_is_ended(held):
    """As it comes treatment goes on beyond the bound; with the recipe it ends within."""
    plain, recipe = held
    equal(plain, None, "as it comes the treatment goes on: else nothing is shown")
    assert recipe is not None and recipe <= _made["bound"], held


@case("a revert reaches both at once, and the guard knows that they confirmed it")
def _():
    of = own_guard()
    pages = Pages(of.url)
    wait_until(lambda: of.status()["clients"]["holding"] >= 2, "the guard knows of both")
    since = time.time()
    of.command("revert", "notes are lost")
    wait_until(lambda: not any(page.value() for page in pages.all), "both are safe", 10)
    held = pages.tell("revert", since)
    assert None not in held, held
    clients = wait_until(lambda: (c := of.status()["clients"])["confirmed"] >= 2 and c,
                         "both confirm", 10)
    print(f"        confirmed after {time.time() - since:.1f} s: {clients}", flush=True)
    pages.close()
    of.process.end()


@case("the guard killed, and then the page reloaded")
def _():
    pages = Pages(guard().url)
    since = time.time()
    _made["guard"].kill()
    past_bound(since)
    keeps_and_is_ended(pages.tell("guard killed", since))
    for page in pages.all:
        browser().ask("reload", page.name)
    time.sleep(4)
    plain, recipe = (page.shown() for page in pages.all)
    equal((plain[-1]["value"], plain[-1]["reason"]), (True, "CACHED"), plain)
    assert not any(one["value"] for one in recipe), recipe
    row("web 0.4.3", "guard killed, page reloaded", "as it comes", None)
    row("web 0.4.3", "guard killed, page reloaded", "with the recipe", 0.0)
    pages.close()


@case("the guard frozen")
def _():
    pages = Pages(guard().url)
    since = time.time()
    _made["guard"].stop()
    past_bound(since)
    _made["guard"].stop()
    held = pages.tell("guard frozen", since)
    _made["guard"].go_on()
    keeps_and_is_ended(held)
    pages.close()


@case("a revert while the guard is down for two seconds: its first event makes both ask")
def _():
    of = own_guard()
    pages = Pages(of.url)
    since = time.time()
    of.kill()
    done = subprocess.run([GUARD, "rollback", FLAG, "--reason", "lost", "--state", of.state],
                          text=True, capture_output=True)
    equal(done.returncode, 0, done.stdout + done.stderr)
    time.sleep(2)
    of.run()
    wait_until(lambda: not any(page.value() for page in pages.all), "both are safe", 10)
    held = pages.tell("reverted while down for 2 s", since)
    assert None not in held and max(held) <= _made["bound"], held
    pages.close()
    of.process.end()


def while_paused(fault, arrange, restore=lambda link: None, check=keeps_and_is_ended):
    """Both behind a proxy; `arrange` changes it, and then exposure is paused, as by a revert."""
    link = HttpLink(guard().port)
    pages = Pages(link.url)
    since = time.time()
    arrange(link)
    _made["guard"].command("pause")
    try:
        restore(link)
        past_bound(since)
        held = pages.tell(fault, since)
    finally:
        _made["guard"].command("resume")
    check(held)
    pages.close()


@case("a proxy answers 401 to everything, and exposure ends")
def _():
    while_paused("401 of a proxy", lambda link: setattr(link, "status", 401))


@case("a proxy answers 429 with an hour to wait, and exposure ends")
def _():
    def arrange(link):
        link.headers = {"Retry-After": "3600"}
        link.status = 429
    while_paused("429 of a proxy, Retry-After 1 h", arrange)


@case("a proxy answers 503 to everything, and exposure ends")
def _():
    while_paused("503 of a proxy", lambda link: setattr(link, "status", 503))


@case("a proxy answers 503 for three seconds while exposure ends: the event is repeated")
def _():
    def restore(link):
        time.sleep(3)
        link.status = None

    def check(held):
        assert None not in held and max(held) <= _made["bound"], held
        assert min(held) >= 2.5, "the proxy was not in the way: nothing is shown"
    while_paused("503 for 3 s", lambda link: setattr(link, "status", 503), restore, check)


@case("an old answer that comes after the newer one is corrected by the heartbeat")
def _():
    link = HttpLink(guard().port)
    page = Page("as it comes", link.url)
    link.hold_next()
    assert link.held.wait(30), "an answer with treatment is held"
    since = time.time()
    _made["guard"].command("pause")
    try:
        wait_until(lambda: page.value() is False, "the pause arrives", 10)
        time.sleep(1)
        link.release()
        wait_until(page.value, "the late old answer is shown", 10)
        late = time.time()
        wait_until(lambda: page.value() is False, "and corrected", LEASE_S)
        row("web 0.4.3", "late old answer", "as it comes", page.held_until(since))
        print(f"        corrected {time.time() - late:.1f} s after it came", flush=True)
    finally:
        _made["guard"].command("resume")
    page.close()


@case("who lost his token gets the safe variant, and never 401")
def _():
    pages = Pages(guard().url)
    since = time.time()
    _made["guard"].set_tokens([TOKEN])
    try:
        wait_until(lambda: not any(page.value() for page in pages.all), "both are safe", LEASE_S)
        held = pages.tell("token withdrawn", since)
    finally:
        _made["guard"].set_tokens([TOKEN, PAGE_TOKEN])
    assert max(held) <= _made["bound"], held
    pages.close()


@case("another user on the same page, with the guard out of reach")
def _():
    link = HttpLink(guard().port)
    pages = Pages(link.url)
    since = time.time()
    link.status = 503
    for page in pages.all:
        browser().ask("switch", page.name, who="dr-second")
    past_bound(since)
    keeps_and_is_ended(pages.tell("user switched, guard out of reach", since))
    pages.close()


@case("the server provider gives the code default to each status of a proxy, at once")
def _():
    link = HttpLink(guard().port)
    client = Client(link.url, TOKEN)
    wait_until(lambda: client.ask("boolean", FLAG, False, "dr-martin").get("variant") == "new",
               "treatment", 20)
    for status in [401, 503, 429]:  # After a 429 it would not even ask.
        link.status = status
        answer = client.ask("boolean", FLAG, False, "dr-martin")
        equal((answer["value"], answer["reason"]), (False, "ERROR"), answer)
        row("server 0.1.3", f"{status} of a proxy", "as it comes", answer["ms"] / 1000)


# Last: it takes the application away.


@case("nothing renews the lease any more: the guard ends exposure for both")
def _():
    pages = Pages(guard().url)
    since = time.time()
    _made["guard"].notes.process.kill()
    past_bound(since)
    held = pages.tell("the lease lapses", since)
    assert None not in held and max(held) <= _made["bound"], held
    pages.close()


@case("the table of all of them")
def _():
    if not _table:
        raise Skip("nothing was tried")
    print(f"        Chromium {browser().version}; lease {LEASE_S} s, bound {_made['bound']:.0f} s")
    for client, fault, kind, text in _table:
        print(f"        {client:12}  {fault:34}  {kind:16}  {text}", flush=True)


finish(sys.argv[1:])
