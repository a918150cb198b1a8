#!/usr/bin/env python3
"""Definitions in flagd's format: `guard flags evaluate`, and its answers against those of flagd's
own library for JavaScript, over generated definitions and contexts.

READBACK_SEED and READBACK_PAIRS give others and more of them.

The library evaluates rules in two ways, compiled (its default) and interpreted, and the two differ
in places. An answer of ours has to be the compiled one's. Where it isn't, a reason of REASONS has
to apply; how often each did is printed."""
import collections
import json
import os
import pathlib
import random
import subprocess

from harness import BUILD, case, directory, equal, finish
from openfeature_client import find_node, installed

GUARD = BUILD / "guard/guard"
HERE = pathlib.Path(__file__).resolve().parent
SEED = int(os.environ.get("READBACK_SEED", 1))
PAIRS = int(os.environ.get("READBACK_PAIRS", 8000))
CONTEXTS_A_FLAG = 4
OK, FAILED, CONFIG_INVALID = 0, 1, 3

# --- what is generated --------------------------------------------------------------------------


class Generator:
    """Definitions as people write them, with some nonsense among them."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def context(self):
        context = {}
        if self.chance(0.9):
            context["targetingKey"] = self.one("", "dr-martin", *(f"p-{n}" for n in range(40)))
        for name, values in {
                "email": ["a@gp.example", "b@clinic.example", "", "Noël@gp.example"],
                "age": [17, 18, 41, 41.5, -1, "41", "forty", None, True],
                "region": ["north", "south", "west"],
                "version": ["1.2.3", "v1.2", "2.0.0-rc.1", "1.2.3+b7", "latest", 1, 1.2, "1.2.3.4"],
                "roles": [[], ["gp"], ["gp", "admin"], "gp", None],
                "scores": [[], [1, 2, 3], [10, "7"], [0.5], [3, None]],
                "beta": [True, False],
                "user": [{"name": "Martin", "tier": 2}, {"name": None}, {}, "Martin"],
                "$flagd": [{"flagKey": "of the caller"}]}.items():
            if self.chance(0.1 if name == "$flagd" else 0.7):
                context[name] = self.one(*values)
        return context

    def variable(self):
        name = self.one("email", "age", "region", "version", "roles", "scores", "beta", "user.name",
                        "user.tier", "scores.0", "targetingKey", "$flagd.flagKey", "absent", "a.b")
        return self.one({"var": name}, {"var": name}, {"var": [name]},
                        {"var": [name, self.one("", 0, "other", None)]})

    def any(self, depth):
        return self.one(self.number, self.text, self.truth, self.list,
                        lambda _: self.one(None, {}, []))(depth)

    def number(self, depth):
        if self.chance(0.03):
            return self.any(depth)
        if depth <= 0 or self.chance(0.3):
            return self.one(0, 1, 2, 18, 41, -3, 0.5, 1e21, 1e-7, {"var": "age"},
                            {"var": ["user.tier", 1]}, {"var": "scores.0"})
        below = depth - 1
        return self.one(
            lambda: {self.one("+", "*", "-"): [self.number(below)
                                               for _ in range(self.one(1, 2, 3))]},
            lambda: {self.one("/", "%"): [self.number(below), self.number(below)]},
            lambda: {self.one("min", "max"): [self.number(below), self.number(below)]},
            lambda: {"+": self.list(below)},
            lambda: {"if": [self.truth(below), self.number(below), self.number(below)]},
            lambda: {"reduce": [self.list(below),
                                {"+": [{"var": "accumulator"}, {"var": "current"}]},
                                self.one(0, 5)]},
            lambda: {"reduce": [self.list(below), {"if": [{">": [{"var": "current"}, 1]},
                                                          {"var": "current"},
                                                          {"var": "accumulator"}]}, 0]})()

    def text(self, depth):
        if self.chance(0.03):
            return self.any(depth)
        if depth <= 0 or self.chance(0.4):
            return self.one("a", "", "north", "41", "gp", "é", {"var": "email"}, {"var": "region"},
                            {"var": "targetingKey"}, {"var": ["user.name", "nobody"]})
        below = depth - 1
        return self.one(
            lambda: {"cat": [self.text(below), self.one("-", self.number(below)),
                             self.text(below)]},
            lambda: {"cat": self.text(below)},
            lambda: {"substr": [self.text(below), self.one(0, 1, -2, 5)]},
            lambda: {"substr": [self.text(below), self.one(0, 1, -3), self.one(1, 2, -1)]},
            lambda: {"if": [self.truth(below), self.text(below), self.text(below)]})()

    def list(self, depth):
        if self.chance(0.03):
            return self.any(depth)
        if depth <= 0 or self.chance(0.4):
            return self.one([], [1, 2, 3], ["gp", "north"], {"var": "roles"}, {"var": "scores"},
                            {"var": ["roles", []]})
        below = depth - 1
        return self.one(
            lambda: {"merge": [self.list(below), self.any(below)]},
            lambda: {"map": [self.list(below), self.one({"var": ""}, {"+": [{"var": ""}, 1]}, 7,
                                                        {"cat": [{"var": ""}, "!"]})]},
            lambda: {"filter": [self.list(below), self.of_element()]},
            lambda: {"missing": self.random.sample(["email", "age", "absent", "user.tier"], 2)},
            lambda: {"missing_some": [self.one(1, 2), ["email", "absent", "age"]]},
            lambda: {"if": [self.truth(below), self.list(below), self.list(below)]})()

    def of_element(self):
        return self.one({">": [{"var": ""}, 1]}, {"==": [{"var": ""}, "gp"]}, {"!!": {"var": ""}},
                        {"in": [{"var": ""}, ["gp", 1, 2]]}, {"starts_with": [{"var": ""}, "g"]},
                        {"sem_ver": ["1.2.3", ">", {"var": ""}]})

    def truth(self, depth):
        if self.chance(0.03):
            return self.any(depth)
        if depth <= 0 or self.chance(0.15):
            return self.one(True, False, {"var": "beta"}, {"var": "absent"})
        below = depth - 1
        comparison = self.one("==", "!=", "===", "!==", "<", "<=", ">", ">=")
        return self.one(
            lambda: {comparison: [self.number(below), self.number(below)]},
            lambda: {comparison: [self.text(below), self.text(below)]},
            lambda: {self.one("==", "==="): [self.variable(), self.any(0)]},
            lambda: {self.one("<", "<="): [self.number(0), self.number(below), self.number(0)]},
            lambda: {self.one("and", "or"): [self.truth(below) for _ in range(self.one(1, 2, 3))]},
            lambda: {self.one("!", "!!"): self.one([self.truth(below)], self.truth(below),
                                                   [self.list(below)])},
            lambda: {"in": [self.text(below), self.one(self.text(below), self.list(below))]},
            lambda: {self.one("some", "all", "none"): [self.list(below), self.of_element()]},
            lambda: {"starts_with": [self.text(below), self.one("a", "b@", "p-", self.text(0))]},
            lambda: {"ends_with": [self.text(below), self.one("example", "1", self.text(0))]},
            lambda: {"sem_ver": [self.one({"var": "version"}, self.text(0), "1.2.3"),
                                 self.one("=", "!=", "<", "<=", ">", ">=", "~", "^", "?"),
                                 self.one("1.2.3", "1.2", "v2", "2.0.0-rc.2", {"var": "version"})]},
            lambda: {"$ref": self.one("is_north", "is_adult")})()

    def fractional(self, variants, depth):
        buckets = []
        for variant in variants:
            if self.chance(0.2):
                variant = {"if": [self.truth(depth - 1), variant, self.one(None, variant)]}
            weight = self.one(0, 1, 13, 50, 100, 987, -5, 2147483646, 2.0,
                              {"+": [1, {"var": "age"}]}, 1.5 if self.chance(0.1) else 20)
            buckets.append(self.one([variant], [variant, weight], [variant, weight]))
        key = self.one(None, {"cat": [{"var": "$flagd.flagKey"}, {"var": "email"}]},
                       {"var": "email"}, {"cat": ["salt", {"var": "targetingKey"}]},
                       self.text(depth))
        return {"fractional": buckets if key is None else [key, *buckets]}

    def targeting(self, variants, depth):
        """A rule that, in most cases, gives a variant's name."""
        if depth <= 0:
            return self.one(*variants, *variants, None, "no such variant")
        below = depth - 1
        return self.one(
            lambda: self.fractional(variants, below),
            lambda: self.fractional(variants, below),
            lambda: {"if": [self.truth(depth), self.targeting(variants, below),
                            self.targeting(variants, below)]},
            lambda: {"if": [self.truth(depth), self.targeting(variants, below), self.truth(below),
                            self.targeting(variants, below)]},
            lambda: {"?:": [self.truth(depth), self.one(*variants), self.one(*variants)]},
            lambda: {"if": [self.truth(depth), self.one(*variants)]},
            lambda: {"and": [self.truth(depth), self.targeting(variants, below)]},
            lambda: self.one(self.truth, self.text, self.number, self.any)(depth))()

    def flag(self):
        names = self.one(["on", "off"], ["true", "false"], ["a", "b", "c"], ["1", "2", "41"])
        values = self.one([True, False, True], ["x", "y", ""], [1, 2.5, -3],
                          [{"x": [1]}, {}, {"y": 1}])
        flag = {"state": "ENABLED" if self.chance(0.95) else "DISABLED",
                "variants": dict(zip(names, values))}
        if self.chance(0.9):
            flag["defaultVariant"] = self.one(*names, *names, None)
        if self.chance(0.95):
            flag["targeting"] = self.targeting(names, self.one(1, 2, 3))
        elif self.chance(0.5):
            flag["targeting"] = {}
        if self.chance(0.03):
            flag["targeting"] = self.one({"$ref": "nobody"}, {"if": [{"foo": 1}, "a"]})
        if self.chance(0.2):
            flag["metadata"] = {"version": self.one(1, "2", True)}
        return flag


def generated(seed, pairs):
    """A flag set, and what is asked of it."""
    generator = Generator(seed)
    flags = {f"flag-{number}": generator.flag() for number in range(pairs // CONTEXTS_A_FLAG)}
    definitions = {"flags": flags, "metadata": {"flagSetId": "generated", "version": 0},
                   "$evaluators": {"is_north": {"==": [{"var": "region"}, "north"]},
                                   "is_adult": {">=": [{"var": ["age", 0]}, 18]}}}
    questions = []
    for key in flags:
        for _ in range(CONTEXTS_A_FLAG):
            questions.append({
                "flagKey": key if generator.chance(0.99) else "no such flag",
                "type": generator.one("boolean", "string", "number", "object"),
                "default": generator.one(False, "default", 0),
                "context": generator.context(), "timestamp": 1764028800})
            if generator.chance(0.8):
                value = flags[key]["variants"].copy().popitem()[1]
                questions[-1]["type"] = {bool: "boolean", str: "string", dict: "object"}.get(
                    type(value), "number")
    return definitions, questions

# --- who answers --------------------------------------------------------------------------------


def lines_of(values):
    return "".join(json.dumps(value) + "\n" for value in values)


def ours(definitions, questions):
    path = directory() / "flags.json"
    path.write_text(json.dumps(definitions))
    done = subprocess.run([GUARD, "flags", "evaluate", path], input=lines_of(questions), text=True,
                          capture_output=True, timeout=600)
    equal(done.returncode, OK, done.stderr[-2000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def theirs(definitions, questions):
    root = installed(HERE / "flagd_core", "@openfeature/flagd-core")
    (root / "evaluate.mjs").write_text((HERE / "flagd_core/evaluate.mjs").read_text())
    path = directory() / "flags.json"
    path.write_text(json.dumps(definitions))
    done = subprocess.run([find_node(), root / "evaluate.mjs", path], input=lines_of(questions),
                          text=True, capture_output=True, timeout=600)
    equal(done.returncode, 0, done.stderr[-2000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def essence(answer):
    return {name: answer.get(name)
            for name in ("value", "variant", "reason", "errorCode", "metadata")}

# --- where ours may be another ------------------------------------------------------------------


def parts(rule):
    """The rule and all that is within it."""
    yield rule
    within = rule.values() if isinstance(rule, dict) else rule if isinstance(rule, list) else ()
    for each in within:
        yield from parts(each)


def uses(rule, *operators):
    return any(isinstance(part, dict) and any(o in part for o in operators) for part in parts(rule))


OPERATORS = """if ?: and or ! !! == != === !== < <= > >= + - * / % min max cat substr in merge map
    filter reduce all some none var missing missing_some fractional starts_with ends_with sem_ver
    $ref""".split()
REASONS = {}


def reason(why):
    def register(applies):
        REASONS[why] = applies
        return applies
    return register


@reason("the library's two ways disagree, and ours is the interpreted one's")
def _(answer, two, rule, context):
    return essence(answer) == essence(two["interpreted"])


@reason("a text that is not ASCII is hashed as its UTF-8, as flagd does; the library hashes UTF-16")
def _(answer, two, rule, context):
    texts = json.dumps([rule, list(context.values())], ensure_ascii=False)
    return uses(rule, "fractional") and not texts.isascii()


def looked_up(part, context):
    """What a `var` finds in the context, whatever it takes instead; a constant is itself."""
    if not isinstance(part, dict):
        return part
    name = part.get("var", "")
    value = context
    for step in (name[0] if isinstance(name, list) else name).split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def operands_of(rule, *operators):
    for part in parts(rule):
        for name in operators:
            if isinstance(part, dict) and name in part:
                yield part[name] if isinstance(part[name], list) else [part[name]]


@reason("what is missing is nothing in a text, as in flagd; the library writes null, or fails")
def _(answer, two, rule, context):
    return any(looked_up(part, context) is None for operands in operands_of(rule, "cat")
               for part in parts(operands) if part is None or isinstance(part, dict))


@reason("null is taken for missing by var, as in flagd; the library does so where it compiles")
def _(answer, two, rule, context):
    return any(len(operands) > 1 and looked_up({"var": operands}, context) is None
               for operands in operands_of(rule, "var"))


LISTS = ("var", "merge", "map", "filter", "missing", "missing_some", "if", "?:", "and", "or",
         "reduce")


@reason("what is no list has no items, as in flagd; the library walks letters, and all is true")
def _(answer, two, rule, context):
    firsts = [operands[0] for operands in operands_of(rule, "all", "some", "none") if operands]
    return any(not (isinstance(first, dict) and first and next(iter(first)) in LISTS)
               and not isinstance(first, list) or
               isinstance(looked_up(first, context), (str, int, float, dict))
               for first in firsts)


@reason("what always fails is a fault where it is come to; the library refuses the flag for it")
def _(answer, two, rule, context):
    known = all(name in OPERATORS or not isinstance(part, dict)
                for part in parts(rule) for name in (part if isinstance(part, dict) else ()))
    return two["compiled"].get("errorCode") == "PARSE_ERROR" and known


@reason("what can't be compared fails; the library compiles a variable's check against itself")
def _(answer, two, rule, context):
    comparisons = operands_of(rule, "==", "!=", "<", "<=", ">", ">=")
    return answer.get("errorCode") == "GENERAL" and any(
        uses(operands[1:], "var") for operands in comparisons)


@reason("flagd's operators work within map, as in flagd; the library's miss its logger there")
def _(answer, two, rule, context):
    return any(uses(part[name][1:], "starts_with", "ends_with", "sem_ver", "fractional")
               for part in parts(rule) if isinstance(part, dict)
               for name in ("map", "filter", "some", "all", "none", "reduce")
               if isinstance(part.get(name), list))

# --- the cases ----------------------------------------------------------------------------------


def compared(definitions, questions, asked_of_us=None):
    """How often each reason applied, and the answers that differ without one."""
    answers = ours(asked_of_us or definitions, questions)
    both = theirs(definitions, questions)
    equal((len(answers), len(both)), (len(questions), len(questions)))
    counts, unexplained = collections.Counter(), []
    for question, answer, two in zip(questions, answers, both):
        counts[two["compiled"]["reason"], two["compiled"].get("errorCode")] += 1
        if essence(answer) == essence(two["compiled"]):
            continue
        flag = definitions["flags"].get(question["flagKey"], {})
        rule = flag.get("targeting")
        why = next((why for why, applies in REASONS.items()
                    if applies(answer, two, rule, question["context"])), None)
        counts[why] += 1
        if why is None:
            unexplained.append((flag, question, answer, two))
    return counts, unexplained


@case(f"{PAIRS} generated pairs of a definition and a context have the library's answer")
def _():
    counts, unexplained = compared(*generated(SEED, PAIRS))
    for what, count in sorted(counts.items(), key=str):
        print(f"  {count:6}  {what if isinstance(what, str) else ' '.join(filter(None, what))}")
    for flag, question, answer, two in unexplained[:5]:
        print(json.dumps({"flag": flag, "question": question, "ours": answer, "theirs": two}))
    equal(len(unexplained), 0, "differences without a reason")
    # What nearly never happens is not compared either.
    for what in [("STATIC", None), ("TARGETING_MATCH", None), ("DEFAULT", None), ("DISABLED", None),
                 ("ERROR", "GENERAL"), ("ERROR", "PARSE_ERROR"), ("ERROR", "FLAG_NOT_FOUND"),
                 ("ERROR", "TYPE_MISMATCH")]:
        assert counts[what] >= PAIRS / 200, (what, counts[what])
    explained = sum(counts[why] for why in REASONS)
    assert explained <= PAIRS / 20, f"{explained} of {PAIRS} differ, if with a reason"


def altered(value, old, new):
    if isinstance(value, dict):
        return {new if key == old else key: altered(each, old, new) for key, each in value.items()}
    return [altered(each, old, new) for each in value] if isinstance(value, list) else value


@case("an operator that is another one is noticed")
def _():
    definitions, questions = generated(SEED, 2000)
    for old, new in [("<", "<="), ("===", "=="), ("some", "all"), ("min", "max"), ("!", "!!"),
                     ("starts_with", "ends_with"), ("and", "or")]:
        _, unexplained = compared(definitions, questions, altered(definitions, old, new))
        assert unexplained, f"{old} for {new} went unnoticed"


def heavier(value):
    """The same definitions, but each bucket's weight is one more."""
    if isinstance(value, dict):
        return {key: [[*each[:1], each[1] + 1] if isinstance(each, list) and len(each) == 2
                      and isinstance(each[1], int) else each for each in buckets]
                if key == "fractional" and isinstance(buckets, list) else heavier(buckets)
                for key, buckets in value.items()}
    return [heavier(each) for each in value] if isinstance(value, list) else value


@case("a bucket's weight that is one more is noticed")
def _():
    definitions, questions = generated(SEED, 2000)
    _, unexplained = compared(definitions, questions, heavier(definitions))
    assert unexplained


@case("the 278 rules that JsonLogic began with, as a flag's targeting, have the library's answer")
def _():
    suite = json.loads((HERE.parent / "flags/json-logic/compatible.json").read_text())
    suite = [each for each in suite if isinstance(each, dict)]
    flags, questions = {}, []
    for number, each in enumerate(suite):
        name = str(number)
        result = each["result"]
        variant = {True: "true", False: "false"}.get(result, str(result)) \
            if isinstance(result, (bool, str, int)) else "x"
        flags[name] = {"state": "ENABLED", "variants": {variant: True, "else": False},
                       "defaultVariant": "else", "targeting": each["rule"]}
        context = each.get("data") or {}
        questions.append({"flagKey": name, "type": "boolean", "default": False, "timestamp": 1,
                          "context": context if isinstance(context, dict) else {}})
    _, unexplained = compared({"flags": flags}, questions)
    equal(unexplained, [])
    equal(len(suite), 278)


def evaluate(text, lines, name="flags.json"):
    """Its exit code, its answers and what it told of `lines`, each a value or bytes as they are."""
    path = directory() / name
    path.write_text(text)
    given = b"".join(line if isinstance(line, bytes) else lines_of([line]).encode()
                     for line in lines)
    done = subprocess.run([GUARD, "flags", "evaluate", path], input=given, capture_output=True,
                          timeout=60)
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return done.returncode, answers, done.stderr.decode()


ONE = {"flags": {"f": {"state": "ENABLED", "variants": {"on": True, "off": False},
                       "defaultVariant": "off", "metadata": {"owner": "team-notes"},
                       "targeting": {"if": [{"<": [{"var": "$flagd.timestamp"}, 100]}, "on"]}}}}


@case("an answer is OFREP's, in the order of the lines, blank ones passed over")
def _():
    code, answers, told = evaluate(json.dumps(ONE), [
        {"flagKey": "f", "timestamp": 99}, b"\n", {"flagKey": "f", "timestamp": 100},
        {"flagKey": "f"}, {"flagKey": "g", "default": 7}, {"flagKey": "f", "type": "string"}])
    equal((code, told), (OK, ""))
    metadata = {"owner": "team-notes"}
    equal([list(answer) for answer in answers[:1]],
          [["line", "key", "value", "variant", "reason", "metadata"]])
    equal(answers[0], {"line": 1, "key": "f", "value": True, "variant": "on",
                       "reason": "TARGETING_MATCH", "metadata": metadata})
    equal(answers[1], {"line": 3, "key": "f", "value": False, "variant": "off", "reason": "DEFAULT",
                       "metadata": metadata})
    equal(answers[2], {**answers[1], "line": 4})
    equal(answers[3], {"line": 5, "key": "g", "value": 7, "reason": "ERROR",
                       "errorCode": "FLAG_NOT_FOUND", "errorDetails": "there is no such flag",
                       "metadata": {}})
    equal((answers[4]["errorCode"], "value" in answers[4]), ("TYPE_MISMATCH", False))


@case("a bad line is told by its number, and the others are answered")
def _():
    lines = [b"{\n", {"flagKey": "f"}, {"context": {}}, {"flagKey": "f", "context": []},
             {"flagKey": "f", "kind": "boolean"}, {"flagKey": "f", "type": "text"}, 7,
             b'{"flagKey": "f", "flagKey": "g"}\n', {"flagKey": "f"}]
    code, answers, told = evaluate(json.dumps(ONE), lines)
    equal((code, [answer["line"] for answer in answers]), (FAILED, [2, 9]))
    equal([line.split(":")[0] for line in told.splitlines()],
          [f"line {number}" for number in (1, 3, 4, 5, 6, 7, 8)])


@case("definitions that are none are refused, and where; a flag that is broken is told")
def _():
    code, answers, told = evaluate('{"flags": {"f": {"state": "on"}}}', [{"flagKey": "f"}])
    equal((code, answers), (CONFIG_INVALID, []))
    assert "/flags/f/state: expected ENABLED or DISABLED" in told, told
    for text in ["", "{", "[]", '{"flags": {"f": 1, "f": 1}}', "[" * 100_000]:
        equal(evaluate(text, [])[0], CONFIG_INVALID, text[:30])
    broken = {"flags": {"f": {**ONE["flags"]["f"], "targeting": {"if": [{"foo": 1}, "on"]}}}}
    code, answers, told = evaluate(json.dumps(broken), [{"flagKey": "f"}])
    equal((code, answers[0]["errorCode"]), (OK, "PARSE_ERROR"))
    assert "/flags/f/targeting/if/0/foo: there is no such operator" in told, told


@case("definitions may be YAML")
def _():
    text = """
flags:
  f:
    state: ENABLED
    variants: {north: true, other: false}
    defaultVariant: other
    targeting: {if: [{"==": [{var: region}, north]}, north]}
"""
    code, answers, _ = evaluate(text, [{"flagKey": "f", "context": {"region": "north"}}], "f.yaml")
    equal((code, answers[0]["value"]), (OK, True))


finish()
