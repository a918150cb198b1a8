#!/usr/bin/env python3
"""`guard replay` against references of another hand, which know the definitions and no trick: the
mixture keeps every start, binomial tails are exact fractions, Fisher's distribution is counted."""
import itertools
import json
import math
import random
import subprocess
from fractions import Fraction

from harness import BUILD, case, directory, equal, finish

GUARD = BUILD / "guard" / "guard"
OK, FAILED, CONFIG_INVALID = 0, 1, 3
TOLERANCE = 1e-9


def replay(parameters, outcomes, code=OK):
    """The parameters in force, and what is told after each outcome."""
    path = directory() / "parameters.json"
    path.write_text(json.dumps(parameters))
    lines = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in outcomes)
    done = subprocess.run([GUARD, "replay", "--parameters", path], input=lines, text=True,
                          capture_output=True, timeout=120)
    equal(done.returncode, code, done.stderr)
    if code == CONFIG_INVALID:
        return done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return (told[0]["parameters"], told[1:]) if code == OK else (told, done.stderr)


def near(found, wanted, of):
    if found is None:
        found = -math.inf
    if found != wanted and not abs(found - wanted) <= TOLERANCE:
        raise AssertionError(f"{of}: {found!r} is not {wanted!r}")


def log(x):
    return math.log(x) if x > 0 else -math.inf


def sequence(seed, count, chance, batches=False):
    """Outcomes, some of them in batches, and steps."""
    rng = random.Random(seed)
    for _ in range(count):
        size = rng.choice([1, 1, 2, 5]) if batches else 1
        if rng.random() < 0.03:
            yield {"step": True}
        elif rng.random() < chance:
            yield {"outcome": "fail", "size": size, "failed": rng.randint(1, size)}
        else:
            yield {"outcome": "ok", "size": size}


class EveryStart:
    """The mixture by its definition, with a list of all starts: O(n^2)."""

    def __init__(self, given, alpha):
        self.p0, self.horizon, self.boost = given["p0"], given["horizon"], given["boost"]
        total = sum(given["weights"])
        self.points = [(p, w / total) for p, w in zip(given["grid"], given["weights"])]
        self.spending, self.limit = given["spending"], 1 / alpha
        self.starts, self.reserve, self.scale = [], 1.0, 1.0
        self.probes = self.steps = 0
        self.has_crossed = False
        self.stake(self.spending["at_start"])

    def stake(self, part):
        self.reserve -= part
        self.starts += [[p, self.scale * part * w] for p, w in self.points]

    def capital(self):
        return max(0.0, self.reserve) * self.scale + sum(capital for _, capital in self.starts)

    def factor(self, p, part):
        return part * p / self.p0 + (1 - part) * (1 - p) / (1 - self.p0)

    def take(self, outcome):
        if "step" in outcome:
            self.steps += 1
            self.stake(self.spending["at_start"] * self.spending["step_ratio"] ** self.steps)
        else:
            self.probe(outcome.get("size", 1), outcome.get("failed", 0))
        self.has_crossed = self.has_crossed or self.capital() >= self.limit * (1 - 1e-12)
        return log(self.capital())

    def probe(self, size, failed):
        before = self.capital()
        self.probes += 1
        if self.probes <= self.horizon:
            self.stake(self.spending["evenly"] / self.horizon)
        if_fail = max(0.0, self.reserve) * self.scale + sum(
            capital * self.factor(p, 1 / size) for p, capital in self.starts)
        for start in self.starts:
            start[1] *= self.factor(start[0], failed / size)
        chance = size * self.p0
        if self.boost and not failed and not self.has_crossed and if_fail > self.limit:
            gain = (before - chance * self.limit) / ((1 - chance) * self.capital())
            self.scale *= gain
            for start in self.starts:
                start[1] *= gain


@case("the mixture is the sum of all tests begun at all times, with its boost, steps and batches")
def _():
    for seed, (p0, alpha, chance, boost) in enumerate(itertools.product(
            (1e-3, 0.02), (1e-6, 0.05), (0.02, 0.2), (True, False))):
        outcomes = list(sequence(seed, 250, chance, batches=seed % 3 == 0))
        given = {"process": "mixture", "p0": p0, "alpha": alpha, "horizon": 200, "boost": boost,
                 "grid": [0.03, 0.1, 0.5, 1], "weights": [4, 3, 2, 1],
                 "spending": {"at_start": 0.3, "step_ratio": 0.4, "evenly": 0.4}}
        parameters, told = replay(given, outcomes)
        reference = EveryStart(parameters, alpha)
        for outcome, one in zip(outcomes, told, strict=True):
            near(one["log_e"], reference.take(outcome), f"seed {seed}, line {one['line']}")
            equal(one["decision"], "revert" if reference.has_crossed else "none", one)


@case("the defaults are those that are stated, and the first line says all of them")
def _():
    parameters, _ = replay({"process": "stream"}, [])
    equal((parameters["p0"], parameters["alpha"], parameters["horizon"]), (1e-5, 1e-6, 10**6))
    equal(parameters["spending"], {"at_start": 0.25, "step_ratio": 0.5, "evenly": 0.5})
    equal((parameters["mixture_part"], parameters["from_start_part"]), (0.5, 0.5))
    equal(parameters["from_start"],
          {"least_failures": 2, "first": 0.8, "ratio": 0.2, "most_failures": 16})
    equal(parameters["sliding"],
          {"least_failures": 3, "first": 0.6, "ratio": 0.4, "most_failures": 16})
    equal(len(parameters["grid"]), 24)
    near(sum(parameters["weights"]), 1, "weights")
    near(sum(parameters["weights"][8:]), 0.98, "weights from 1e-3")
    near(parameters["log_limit"], math.log(2e6), "half the budget")
    parameters, _ = replay({"process": "streams"}, [])
    equal(parameters["shares"], {"cell": 0.5, "all": 0.2, "field": 0.1, "payload_class": 0.1,
                                 "path": 0.1, "journey": 0})


@case("a million oks in one line are what one line each would be")
def _():
    given = {"process": "mixture", "p0": 1e-6}
    parameters, told = replay(given, [{"outcome": "ok", "times": 10**6}, {"outcome": "fail"}])
    # In closed form: each start's geometric series, by exact summation.
    wanted_ok, wanted_fail = [], []
    total = sum(parameters["weights"])
    for p, w in zip(parameters["grid"], parameters["weights"]):
        down, step, w = (1 - p) / (1 - 1e-6), 0.5 / 10**6, w / total
        power = math.exp(10**6 * (math.log1p(-p) - math.log1p(-1e-6))) if p < 1 else 0.0
        series = down * (1 - power) * (1 - 1e-6) / (p - 1e-6)
        wanted_ok.append(0.25 * w * power + step * w * series)
        wanted_fail.append(wanted_ok[-1] * p / 1e-6)
    near(told[0]["log_e"], math.log(0.25 + math.fsum(wanted_ok)), "after a million oks")
    near(told[1]["log_e"], math.log(0.25 + math.fsum(wanted_fail)), "and a failure")
    _, one_by_one = replay(given, [{"outcome": "ok"}] * 20_000 + [{"outcome": "fail"}])
    _, at_once = replay(given, [{"outcome": "ok", "times": 20_000}, {"outcome": "fail"}])
    equal([one["log_e"] for one in one_by_one[-2:]], [one["log_e"] for one in at_once])


def tail(n, p, k):
    """P(Bin(n, p) >= k), as a fraction."""
    return 1 - sum(math.comb(n, i) * p**i * (1 - p)**(n - i) for i in range(k)) if k <= n else 0


@case("each window is the largest whose exact tail is within its part")
def _():
    for p0, alpha, horizon in ((Fraction(1, 10**6), Fraction(1, 10**6), 10**6),
                               (Fraction(1, 1000), Fraction(1, 100), 10**5)):
        parameters, _ = replay({"process": "windows", "p0": float(p0), "alpha": float(alpha),
                                "horizon": horizon}, [])
        checked, bound = 0, 0
        for name, first, ratio, least in (("windows_from_start", Fraction(4, 5), Fraction(1, 5), 2),
                                          ("windows_sliding", Fraction(3, 5), Fraction(2, 5), 3)):
            for window in parameters[name]:
                n, k = window["probes"], window["failures"]
                part = alpha / 2 * first * ratio ** (k - least)
                if name == "windows_sliding":
                    chance = lambda m: horizon * p0 * tail(m - 1, p0, k - 1)
                else:
                    chance = lambda m: tail(m, p0, k)
                bound += float(chance(n)) if k <= 5 and n < 50_000 else 0
                if k > 4 or n > 20_000:
                    continue
                assert chance(n) <= part, (name, window)
                assert chance(n + 1) > part, (name, window)
                checked += 1
        assert checked >= 4, checked
        assert bound <= parameters["bound"] <= alpha, (bound, parameters["bound"])


class Windows:
    """The rule in words, over all positions of failures."""

    def __init__(self, parameters):
        self.from_start = parameters["windows_from_start"]
        self.sliding = parameters["windows_sliding"]
        self.probes, self.failing = 0, []

    def take(self, size, failed):
        first, self.probes = self.probes + 1, self.probes + size
        if not failed:
            return False
        self.failing.append(first)
        return (any(len(self.failing) >= w["failures"] and self.probes <= w["probes"]
                    for w in self.from_start)
                or any(len(self.failing) >= w["failures"]
                       and self.probes - self.failing[-w["failures"]] < w["probes"]
                       for w in self.sliding))


@case("windows revert at the failure that completes one, from the start or sliding")
def _():
    reverted = 0
    for seed in range(12):
        outcomes = [one for one in sequence(seed, 400, (0.01, 0.04)[seed % 2], batches=seed % 3 == 0)
                    if "step" not in one]
        parameters, told = replay({"process": "windows", "p0": 0.001, "alpha": 0.01,
                                   "horizon": 10**5}, outcomes)
        rule, has_crossed = Windows(parameters), False
        for outcome, one in zip(outcomes, told, strict=True):
            has_crossed |= rule.take(outcome["size"], outcome.get("failed", 0))
            equal(one["decision"], "revert" if has_crossed else "none", (seed, one))
        reverted += has_crossed
    assert 0 < reverted < 12, reverted


@case("a stream reverts when its mixture or its windows do, at half of alpha each")
def _():
    outcomes = list(sequence(7, 300, 0.05))
    given = {"p0": 0.001, "alpha": 1e-4, "horizon": 1000, "mixture_part": 0.5,
             "spending": {"at_start": 0.25, "step_ratio": 0.5, "evenly": 0.5}}
    _, stream = replay({"process": "stream", **given}, outcomes)
    del given["mixture_part"]
    _, mixture = replay({"process": "mixture", **given, "alpha": 5e-5}, outcomes)
    del given["spending"]
    _, windows = replay({"process": "windows", **given, "alpha": 5e-5}, outcomes)
    for both, one, other in zip(stream, mixture, windows, strict=True):
        near(both["log_e"], one["log_e"], both)
        equal(both["decision"] == "revert", "revert" in (one["decision"], other["decision"]), both)
    equal(stream[-1]["decision"], "revert")


@case("of many streams each has its share, and a batch enters a pool with the mean of its factors")
def _():
    rng = random.Random(3)
    outcomes = []
    for _ in range(120):
        payload_class = rng.choice(["plain", "astral"])
        outcomes.append({"batch": [
            {"journey": "visit", "field": field, "payload_class": payload_class, "path": path,
             "outcome": "fail" if rng.random() < 0.03 else "ok"}
            for field in ("interview", "plan") for path in ("record", "list")]})
    given = {"process": "streams", "p0": 0.001, "alpha": 1e-3, "horizon": 1000, "boost": False}
    parameters, told = replay(given, outcomes)
    keys = {"all": lambda read: "all", "field": lambda read: "visit/" + read["field"],
            "payload_class": lambda read: read["payload_class"], "path": lambda read: read["path"]}
    for stream in told[-1]["streams"]:
        if stream["group"] not in keys:
            continue
        reference = EveryStart(parameters, 1e-3)
        for outcome in outcomes:
            mine = [read["outcome"] == "fail" for read in outcome["batch"]
                    if keys[stream["group"]](read) == stream["name"]]
            if mine:
                reference.probe(len(mine), sum(mine))
        near(stream["log_e"], log(reference.capital()), stream)
    limits = {stream["name"]: stream["log_limit"] for stream in told[-1]["streams"]}
    part = 1e-3 * parameters["mixture_part"]
    near(limits["all"], -math.log(part * 0.2), "all")
    near(limits["visit/plan"], -math.log(part * 0.1 * 6 / math.pi**2 / 4), "the second field")
    cells = [one["log_limit"] for one in told[-1]["streams"] if one["group"] == "cell"]
    near(min(cells), -math.log(part * 0.5 * 6 / math.pi**2), "the first cell")
    near(max(cells), -math.log(part * 0.5 * 6 / math.pi**2 / len(cells)**2), "the last cell")


@case("the block process bets on who is treatment, given how many failed")
def _():
    rng = random.Random(5)
    for failed, m in (("fail", 3), ("not_ok", 9)):
        outcomes = [{"treatment": rng.choice(["ok", "ok", "fail", "info"]),
                     "controls": rng.choices(["ok", "fail", "info"], [8, 2, 1], k=m)}
                    for _ in range(200)]
        parameters, told = replay({"process": "block", "failed": failed}, outcomes)
        equal(parameters["odds"], [4, 16, 256, 1e6])
        capital = [1 / 4] * 4
        has_crossed = False
        is_failed = lambda outcome: outcome == "fail" or (failed == "not_ok" and outcome == "info")
        for outcome, one in zip(outcomes, told, strict=True):
            k = sum(map(is_failed, [outcome["treatment"], *outcome["controls"]]))
            if 0 < k < m + 1:
                for i, odds in enumerate(parameters["odds"]):
                    theta = odds * k / (odds * k + m + 1 - k)
                    capital[i] *= (theta * (m + 1) / k if is_failed(outcome["treatment"])
                                   else (1 - theta) / (1 - k / (m + 1)))
            near(one["log_e"], math.log(math.fsum(capital)), one)
            has_crossed |= math.fsum(capital) >= 100
            equal(one["decision"], "flag" if has_crossed else "none", one)


@case("the upper bound is the largest rate that is not refuted")
def _():
    rng = random.Random(6)
    outcomes = [{"outcome": rng.choices(["ok", "fail", "info"], [300, 1, 1])[0],
                 "times": rng.randint(1, 9)} for _ in range(150)]
    parameters, told = replay({"process": "upper_bound", "rate": 0.05}, outcomes)
    pairs = list(zip(parameters["ratios"], parameters["weights"]))

    def log_e(r, n, k):
        return log(math.fsum(w * th**k * ((1 - th * r) / (1 - r))**(n - k) for th, w in pairs))

    n = k = 0
    for outcome, one in zip(outcomes, told, strict=True):
        n += outcome["times"]
        k += outcome["times"] * (outcome["outcome"] != "ok")
        near(one["log_e"], log_e(0.05, n, k), one)
        low, high = 0.0, 1.0
        for _ in range(200):
            middle = (low + high) / 2
            if middle < 1 and log_e(middle, n, k) < -math.log(0.05):
                low = middle
            else:
                high = middle
        near(one["upper_bound"], low if n > k else 1, one)
        equal(one["decision"], "advance" if low < 0.05 else "none", one)
    equal(told[-1]["decision"], "advance")
    parameters, _ = replay({"process": "upper_bound", "rate": 0.01}, [])
    assert 300 < parameters["probes_needed"] <= 309, parameters


@case("one bet a practitioner: his arm among those still to come")
def _():
    rng = random.Random(8)
    arms = [True] * 30 + [False] * 70
    rng.shuffle(arms)
    outcomes = [{"treated": arm, "blank": rng.random() < (0.9 if arm else 0.05)} for arm in arms]
    parameters, told = replay({"process": "practitioner", "treated": 30, "controls": 70}, outcomes)
    capital = [1 / 4] * 4
    for i, (outcome, one) in enumerate(zip(outcomes, told, strict=True)):
        share = sum(arms[i:]) / len(arms[i:])
        if outcome["blank"]:
            for j, odds in enumerate(parameters["odds"]):
                theta = odds * share / (odds * share + 1 - share)
                capital[j] *= theta / share if outcome["treated"] else (1 - theta) / (1 - share)
        near(one["log_e"], math.log(math.fsum(capital)), one)
    equal(told[-1]["decision"], "flag")


@case("counts: Fisher's noncentral hypergeometric, and the binomial of exposures")
def _():
    rng = random.Random(9)
    given = {"process": "counts", "null_odds": 2, "odds": [4, 100], "weights": [1, 3]}
    outcomes = []
    for _ in range(60):
        treated, controls = rng.randint(0, 40), rng.randint(0, 60)
        outcomes.append({"treated": treated, "treated_blank": rng.randint(0, treated),
                         "controls": controls, "controls_blank": rng.randint(0, controls)})
        outcomes.append({"treated_exposure": rng.uniform(1, 5), "controls_exposure": 7.5,
                         "treated_blank": rng.randint(0, 9), "controls_blank": rng.randint(0, 9)})
    _, told = replay(given, outcomes)

    def log_chance(outcome, odds):
        b, all_blank = outcome["treated_blank"], outcome["treated_blank"] + outcome["controls_blank"]
        if "treated" in outcome:
            t, c = outcome["treated"], outcome["controls"]
            term = lambda x: Fraction(odds)**x * math.comb(t, x) * math.comb(c, all_blank - x)
            whole = sum(term(x) for x in range(max(0, all_blank - c), min(t, all_blank) + 1))
            share = term(b) / whole
            return math.log(share.numerator) - math.log(share.denominator)
        theta = odds * outcome["treated_exposure"]
        theta /= theta + outcome["controls_exposure"]
        return b * math.log(theta) + (all_blank - b) * math.log1p(-theta)

    capital = [math.log(1 / 4), math.log(3 / 4)]
    for outcome, one in zip(outcomes, told, strict=True):
        for i, odds in enumerate(given["odds"]):
            capital[i] += log_chance(outcome, odds) - log_chance(outcome, given["null_odds"])
        most = max(capital)
        near(one["log_e"], most + math.log(sum(math.exp(it - most) for it in capital)), one)


@case("a bad line is told with its number, and nothing of it or after it is taken")
def _():
    for process, lines, what in (
            ("mixture", ["", '{"outcome": "ok"}', "nonsense"], "line 3: no JSON"),
            ("mixture", ['{"outcome": "lost"}'], 'line 1: "outcome" is not one of ok, fail, info'),
            ("mixture", ['{"outcom": "ok"}'], 'line 1: "outcome" is missing'),
            ("mixture", ['{"outcome": "ok", "tims": 3}'],
             'line 1: unknown key "tims": did you mean "times"?'),
            ("mixture", ['{"outcome": "ok", "times": -3}'], 'line 1: "times" is not a whole number'),
            ("mixture", ['{"outcome": "fail", "size": 2, "failed": 3}'], "line 1: a batch in which"),
            ("windows", ["[1]"], "line 1: not a JSON object"),
            ("block", ['{"treatment": "ok", "controls": []}'], 'line 1: "controls" is not a list'),
            ("block", ['{"treatment": "ok", "controls": ["lost"]}'], 'line 1: one of "controls"'),
            ("streams", ['{"batch": [{"outcome": "ok", "journey": "visit"}]}'],
             'line 1: in "batch": "field" is missing'),
            ("counts", ['{"treated": 1, "treated_blank": 2, "controls": 1, "controls_blank": 0}'],
             "line 1: more blank notes than notes")):
        told, errors = replay({"process": process}, lines, code=FAILED)
        assert errors.startswith(what), (errors, what)
        equal(len(told), 1 + (what.startswith("line 3")), told)


@case("parameters that can't be meant are refused, with the place and the nearest key")
def _():
    for given, what in (
            ({}, '"process" is missing'),
            ({"process": "guess"}, "expected one of mixture, windows"),
            ({"process": "mixture", "hoizon": 5}, 'did you mean "horizon"?'),
            ({"process": "block", "p0": 1e-5}, '"p0" is no parameter of the process block'),
            ({"process": "mixture", "p0": 0.5}, "expected a rate from 1e-12 to 0.1"),
            ({"process": "mixture", "grid": [1e-6]}, "a rate of the grid is not over p0"),
            ({"process": "mixture", "spending": {"at_start": 0.9}}, "more than the whole capital"),
            ({"process": "block", "odds": [0.5]}, "odds that are not over the null's"),
            ({"process": "practitioner"}, "an arm without practitioners"),
            ({"process": "upper_bound", "weights": [2, 2, 2]}, "the weights are more than 1")):
        errors = replay(given, [], code=CONFIG_INVALID)
        assert what in errors and "parameters.json:" in errors, (errors, what)
    where = directory() / "parameters.yaml"
    where.write_text("process: mixture\np0: 1e-6\nspending:\n  at_strat: 1\n")
    done = subprocess.run([GUARD, "replay", "--parameters", where], input="", text=True,
                          capture_output=True, timeout=60)
    equal(done.returncode, CONFIG_INVALID)
    assert "parameters.yaml:4:3: " in done.stderr and '"at_start"' in done.stderr, done.stderr


finish()
