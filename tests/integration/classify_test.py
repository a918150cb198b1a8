#!/usr/bin/env python3
"""`guard classify`, JSON lines in and out: the whole table of pairs, hostile lines, and texts that it
must not repeat. `guard corpus`, which shows what probes write."""
import json
import subprocess

from harness import BUILD, ROOT, Process, case, equal, finish

GUARD = BUILD / "guard/guard"
OK, FAILED, USAGE = 0, 1, 2
IMPACTS = {"refused", "not_evidence", "none", "cosmetic", "damaged", "lost"}
PAIRS = json.loads((ROOT / "tests/probes/pairs.json").read_text())
STATED = ("written", "readback", "write_state", "read_state", "prev", "concurrent", "others")


def classify(lines, *options):
    """Its exit code, what it answered, and what it told."""
    given = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
                     for line in lines)
    done = subprocess.run([GUARD, "classify", *options], input=given, capture_output=True,
                          timeout=120)
    return (done.returncode, [json.loads(line) for line in done.stdout.decode().splitlines()],
            done.stderr.decode())


def stated(pair):
    return {name: pair[name] for name in STATED if name in pair}


@case("each pair of the table has its class, on the line that it was given on")
def _():
    assert len(PAIRS) >= 200, len(PAIRS)
    code, answers, told = classify(map(stated, PAIRS))
    equal((code, told, len(answers)), (OK, "", len(PAIRS)))
    for number, (pair, answer) in enumerate(zip(PAIRS, answers), 1):
        equal(list(answer), ["line", "class", "impact", "span", "explanation"])
        equal((answer["line"], answer["class"]), (number, pair["class"]), pair)
        assert answer["impact"] in IMPACTS and answer["explanation"], answer
        if "span" in pair:
            found = [[answer["span"][side][part] for part in ("offset", "length")]
                     for side in ("written", "read")]
            equal(found, pair["span"], pair)


@case("a text is repeated only when it is asked for, and then no more than what differs")
def _():
    line = {"written": "Mme Zoïa Ferrand\u00a0: zona", "readback": "Mme Zoia Ferrand : zona",
            "prev": "avant Quillien", "concurrent": ["autre Quillien"], "others": ["tiers Quillien"]}
    code, [answer], told = classify([line])
    said = json.dumps(answer, ensure_ascii=False) + told
    for word in ("Zo", "Ferrand", "zona", "Quillien", "ï"):
        assert word not in said, said
    equal((code, answer["class"]), (OK, "altered"))
    equal(answer["span"]["written"], {"offset": 6, "length": 11, "code_points": [
        "U+00EF LATIN SMALL LETTER I WITH DIAERESIS", "U+0020 SPACE", "U+00A0 NO-BREAK SPACE"]})
    code, [answer], _ = classify([line], "--show-text")
    equal(answer["span"]["written"]["text"], "ïa Ferrand\u00a0")
    equal(answer["span"]["read"]["text"], "ia Ferrand ")


@case("a bad line is told by its number without its text, and the others are answered")
def _():
    good = {"written": "a", "readback": "a"}
    bad = [b"{\"written\": \"secret\"\n", b"secret\n", b"\xff\xfesecret\n", b"[\"secret\"]\n", b"7\n",
           b"{\"written\": \"secret\", \"written\": \"secret\", \"readback\": \"secret\"}\n",
           b"{\"written\": \"\\ud800secret\", \"readback\": \"secret\"}\n",
           b"{\"written\": \"secret\xc3\", \"readback\": \"secret\"}\n",
           b"{\"written\": \"secret\", \"readback\": \"secret\"} secret\n",
           b"{\"written\": \"secret\", \"readback\": \"secret\"}\0\n",
           b"[" * 100_000 + b"\n", b"{\"a\":" * 50_000 + b"\n",
           {"written": "secret"}, {"readback": "secret"}, {"written": "a", "readback": None},
           {"written": "a", "readback": "a", "previous": "secret"},
           {"written": "a", "readback": "a", "secret secret": 1},
           {"written": "a", "readback": "a", "read_state": "secret"},
           b"{\"written\": \"" + b"secret" * 1_500_000 + b"\", \"readback\": \"\"}\n"]
    lines = [line for each in bad for line in (each, good, b"\n", b"  \r\n")]
    code, answers, told = classify(lines)
    equal(code, FAILED)
    equal([answer["line"] for answer in answers], [4 * i + 2 for i in range(len(bad))])
    equal({answer["class"] for answer in answers}, {"equal"})
    equal([line.split(":")[0] for line in told.splitlines()],
          [f"line {4 * i + 1}" for i in range(len(bad))])
    assert "secret" not in told and len(told) < 4_000, told
    assert f"line {4 * len(bad) - 3}: is over 8388608 bytes" in told, told


@case("texts that a terminal or a reader of lines would stumble over come through")
def _():
    texts = ["\0", "a\nb\r\nc\u2028d\u0085", "\u202eabc", "\ufeffa", "\U0010ffff", "\\", "\"",
             "\ud83d\ude00", "e\u0301", "\x1b[2J", ""]
    code, answers, told = classify({"written": text, "readback": text} for text in texts)
    equal((code, told, {answer["class"] for answer in answers}), (OK, "", {"equal"}))
    code, answers, _ = classify([{"written": "a\U0001f418b", "readback": "a"}] +
                                [{"written": "a", "readback": "a"}])
    equal(answers[0]["span"]["written"], {"offset": 1, "length": 2,
                                          "code_points": ["U+1F418 ELEPHANT"]})
    code, answers, told = classify([b'{"written": "x", "readback": "x"}'])  # no line end
    equal((code, len(answers), told), (OK, 1, ""))
    equal(classify([]), (OK, [], ""))


@case("each line is answered before the next is asked for")
def _():
    process = Process(GUARD, "classify", is_asked=True)
    for text in ("a", "b", "c"):
        process.popen.stdin.write(json.dumps({"written": text, "readback": text}) + "\n")
        process.popen.stdin.flush()
        equal(json.loads(process.line())["class"], "equal")
    process.popen.stdin.close()
    equal(process.popen.wait(10), OK)


@case("a note of a mebibyte is classified, wherever it was cut or changed")
def _():
    note = "".join(f"{number:07} " for number in range(131_072))
    changed = note[:500_000] + "!" + note[500_001:]
    code, answers, told = classify([{"written": note, "readback": read} for read in
                                    (note, note[:65_536], note[1_000:], changed, note + note)])
    equal((code, told), (OK, ""))
    equal([answer["class"] for answer in answers],
          ["equal", "truncated_tail", "truncated_head", "altered", "duplicated"])


@case("what cannot be written any more fails")
def _():
    with open("/dev/full", "w") as full:
        done = subprocess.run([GUARD, "classify"], input='{"written": "a", "readback": "a"}\n',
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=10)
    equal(done.returncode, FAILED)


def corpus(*words, code=OK):
    done = subprocess.run([GUARD, "corpus", *words], capture_output=True, timeout=20)
    equal(done.returncode, code, done.stderr.decode())
    return done.stdout


@case("the corpus lists its classes, and shows a text of each, another for another seed and field")
def _():
    listed = json.loads(corpus("list", "--json"))
    names = [one["payload_class"] for one in listed]
    assert len(names) == len(set(names)) >= 30 and names[0] == "any", names
    assert sum(len(one["bugs"]) for one in listed) > 90
    lines = corpus("list").decode().splitlines()
    equal([line.split()[0] for line in lines], names)
    for one in listed:
        shown = json.loads(corpus("show", one["payload_class"], "--json"))
        equal({name: shown[name] for name in one}, one)
        equal(shown["text"] is not None, one["carried_by_text_field"])
        human = corpus("show", one["payload_class"]).decode()
        assert human.isascii() or human.isprintable(), human
        if one["has_nonce"] and one["carried_by_text_field"]:
            raw = corpus("show", one["payload_class"], "--raw")
            equal(raw.decode(), shown["text"])
            assert corpus("show", one["payload_class"], "--raw", "--seed", "1") != raw
            assert corpus("show", one["payload_class"], "--raw", "--field", "other") != raw
    corpus("show", "no-such-class", code=USAGE)
    corpus("show", "composed_input", "--raw", code=FAILED)
    corpus(code=USAGE)


if __name__ == "__main__":
    finish()
