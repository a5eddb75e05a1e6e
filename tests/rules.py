#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rules.py HINDCAST SOURCE: what a rule of the Sigma specification means, case by case, each worked out by hand; what is refused, with its place; the
limits. With the shared conformance set, that too."""
import base64
import json
import os
import subprocess
import sys
import tempfile

hindcast, source = os.path.abspath(sys.argv[1]), sys.argv[2]
folder = tempfile.mkdtemp(prefix="hindcast-rules-")
passed = failed = skipped = 0


def ok(name, good, why=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    print(("ok " if good else "not ok ") + name + ("" if good else f": {why}"))


def write(name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    return path


def run(*args):
    return subprocess.run([hindcast, "rules", *args], capture_output=True, text=True, cwd=folder)


def answer(rules, events):
    write("rules.yml", rules)
    write("events.jsonl", "".join(json.dumps(e) + "\n" for e in events))
    return json.loads(run("test", "rules.yml", "events.jsonl").stdout)


def detection(body, condition="s"):
    return f"title: t\nlogsource: {{product: x}}\ndetection:\n  s:\n    {body}\n  condition: {condition}\n"


def values(name, body, matches, others):
    """The field f: which values match, which do not; None: the field is absent."""
    events = [{} if v is None else {"f": v} for v in matches + others]
    got = answer(detection(body), events).get("match")
    ok(name, got == list(range(1, len(matches) + 1)), f"{body}: {got}")


ABSENT = None
values("a value is the whole value, without regard to case", "f: Abc", ["abc", "ABC"], ["abcd", "xabc", "ab", "", ABSENT, 1, True, {"abc": 1}])
values("letters outside of ASCII have no case either", "f: ÄÖ-Ω-ж", ["äö-ω-Ж"], ["ao-ω-ж"])
values("a list is one of its values", "f: [a, b]", ["a", "B"], ["c", "ab"])
values("a star is any text, with line ends", "f: 'a*z'", ["az", "a\n\nz", "abz"], ["a", "xaz", "azx"])
values("a question mark is one character, whatever its length", "f: 'a?z'", ["abz", "aüz", "a€z"], ["az", "abbz"])
values("a backslash before another letter is itself", r"f: 'C:\Win*\x'", [r"c:\windows\x"], ["c:win\\x"])
values("an escaped star is a star", r"f: 'a\*b'", ["a*b"], ["axb", r"a\*b"])
values("an escaped backslash before a star leaves the star wild", r"f: 'a\\*'", ["a\\", "a\\b"], ["a", "a*b"])
values("several stars are tried in every place", "f: '*ab*abc*'", ["ababc", "xabyabcz", "abcabc"], ["abc", "abcab"])
values("a star before the end of the value", "f: '*ab'", ["ab", "abab", "xab"], ["abx", "b"])
values("contains, in lists all or one", "f|contains: ['b', 'd']", ["abc", "D"], ["ac"])
values("contains all", "f|contains|all: ['b', 'd']", ["abcd", "db"], ["ab", "d"])
values("startswith and endswith", "f|startswith: 'ab'", ["ab", "ABC"], ["xab", "a"])
values("endswith keeps wildcards inside", "f|endswith: 'a?c'", ["abc", "xaxc"], ["ac", "abcd"])
values("cased tells upper and lower case apart", "f|contains|cased: 'Ab'", ["xAbx"], ["xabx", "AB"])
values("a number is a number, however it is written", "f: 10", [10, 10.0, "10", "10.0", 1e1], ["ten", 11, "10a", ""])
values("a quoted number is a text", "f: '10'", [10, "10"], [10.5, "10.0"])
# Beyond 2^53 doubles have holes: 9007199254740993 is none.
N, MAX, MIN = 2 ** 53, 2 ** 63 - 1, -2 ** 63
values("a number of 16 digits is that number", f"f: {N + 1}", [N + 1, str(N + 1), f"{N + 1}.0", f"+{N + 1}"], [N, N + 2, str(N), -N - 1])
values("more than a large number", f"f|gt: {N}", [N + 1, MAX, f"{N}.001"], [N, N - 1, MIN, "x"])
values("at least a large number", f"f|gte: {N + 1}", [N + 1, f"{N + 1}e0", N + 2], [N, f"{N}.9999999999999999"])
values("less than a large number", f"f|lt: {N + 1}", [N, -N - 1, MIN, 0], [N + 1, N + 2])
values("at most a large number", f"f|lte: {N + 1}", [N + 1, N], [N + 2, f"{N + 1}.000000000000000000001"])
values("the largest number of 64 bits", f"f: {MAX}", [MAX], [MAX - 1, MAX + 1, "9.223372036854775e18"])
values("between the largest numbers", f"f|gt: {MAX - 1}", [MAX, MAX + 1, 2 ** 64, "1e300"], [MAX - 1, MIN])
values("the least number of 64 bits", f"f|lt: {MIN + 1}", [MIN, MIN - 1], [MIN + 1, MAX, 0])
values("minus the least", f"f|gte: {MIN}", [MIN, MIN + 1, 0], [MIN - 1, "-1e300"])
got = answer(detection("f|fieldref: g"), [{"f": a, "g": b} for a, b in ((N, N + 1), (N + 1, N + 1), (f"{N + 1}.0", N + 1), (MAX, MAX - 1))]).get("match")
ok("two fields with large numbers", got == [2, 3], got)
values("fractions are what is written", "f: 0.1", [0.1, "0.10", "1e-1", ".1"], ["0.10000000000000000001", "0.09999999999999999999"])
values("nothing has no sign", "f: 0", [0, -0.0, "-0", "0e5", "+0.000"], ["1e-400", "-1e-400"])
values("less than what is nearly nothing", "f|lt: 1e-400", [0, -1, "-1e-400"], ["1e-400", "1e-399", 1])
values("true is not yes", "f: true", [True, "true", "True"], [False, 1, "yes"])
values("yes is a text", "f: yes", ["yes", "YES"], [True])
values("null is absent or nothing", "f: null", [ABSENT], ["", 0, "null"])
ok("null in an event", answer(detection("f: ~"), [{"f": None}, {"f": "x"}])["match"] == [1])
values("an empty text is there", "f: ''", [""], [ABSENT, " ", 0])
values("exists", "f|exists: true", ["", 0, False, {}], [ABSENT])
values("does not exist", "f|exists: false", [ABSENT], ["", 0])
values("neq is true of what is absent", "f|neq: a", [ABSENT, "b"], ["a", "A"])
values("neq of a list is none of them", "f|neq: [a, b]", ["c", ABSENT], ["a", "b"])
values("less and more are numbers", "f|gte: 2", [2, "2.5", 1e9], [1, "x", ABSENT, "1.999"])
values("less than a negative number", "f|lt: -1.5", [-2, "-1.6"], [-1.5, 0])
values("an expression is looked for anywhere, with case", "f|re: 'a.c$'", ["xabc", "abc"], ["ABC", "abcd", "a\nc"])
values("an expression with flags", "f|re|i|s: 'A.C'", ["abc", "a\nc"], ["ac"])
values("an expression by lines", "f|re|m: '^b$'", ["a\nb\nc", "b"], ["ab"])
values("networks", "f|cidr: 192.168.0.0/23", ["192.168.1.255", "192.168.0.0", "::ffff:192.168.1.1"], ["192.168.2.0", "x", "192.168.1", "fe80::1"])
values("networks of IPv6, in any spelling", "f|cidr: '2001:db8::/33'", ["2001:0DB8:7fff::1", "2001:db8::"], ["2001:db8:8000::", "10.0.0.1"])
values("one address is a network", "f|cidr: [10.0.0.1/32, '::1/128']", ["10.0.0.1", "::1", "0:0::1"], ["10.0.0.2", "::2"])
values("base64", "f|base64: 'ab?c'".replace("?", r"\?"), [base64.b64encode(b"ab?c").decode()], ["ab?c"])
inner = "http://evil"
values("base64offset, wherever it stands in the text", f"f|base64offset|contains: '{inner}'",
       [base64.b64encode(b"x" * n + inner.encode() + b"y" * m).decode() for n in range(4) for m in range(4)], [inner, base64.b64encode(b"http://good").decode()])
values("wide", "f|wide|base64offset|contains: 'cmd'", [base64.b64encode(("x" + "cmd /c").encode("utf-16-le")).decode()], [base64.b64encode(b"cmd /c").decode()])
values("utf16be", "f|utf16be|base64: 'é'", [base64.b64encode("é".encode("utf-16-be")).decode()], [base64.b64encode("é".encode()).decode()])
values("windash: any dash where an option begins", "f|windash|contains: ' -x y-z'", ["a -x y-z", "a /x y-z", "a –x y-z", "a —x y-z"], ["a x y-z", "a -x y/z"])
values("parts of a time", "f|hour: 23", ["2024-03-01T23:59:59Z", "2024-03-02T01:30:00+02:00"], ["2024-03-01T22:00:00Z", "x", 23])
values("the week of a year is that of ISO 8601", "f|week: 1", ["2024-12-30T00:00:00Z", "2025-01-05T23:59:59Z"], ["2024-12-29T00:00:00Z"])
values("a text is no pattern for another tool", "f: \"a' OR 1=1 --%_[x]\"", ["a' or 1=1 --%_[x]"], ["a", "a' or 1=1 --xx[x]"])

events = [{"a": {"b": [{"c": "x"}, {"c": "y"}]}}, {"a.b.c": "x", "a": {"b": {"c": "z"}}}, {"a": {"b.c": "x"}}, {"A": {"b": {"c": "x"}}}, {"a": "x"}]
ok("paths, arrays, keys with dots", answer(detection("a.b.c: x"), events)["match"] == [1, 2, 3])
ok("the whole name comes before the path", answer(detection("a.b.c: z"), events)["match"] == [])
ok("not of an array is none of its elements", answer(detection("a.b.c: y", "not s"), events)["match"] == [2, 3, 4, 5])
ok("another field", answer(detection("f|fieldref: g"), [{"f": "a", "g": "A"}, {"f": "a", "g": "b"}, {"f": "a"}, {"f": 1, "g": "1.0"}])["match"] == [1, 4])
ok("another field, its beginning", answer(detection("f|fieldref|startswith: g"), [{"f": "abc", "g": "AB"}, {"f": "abc", "g": "bc"}])["match"] == [1])

keywords = "title: t\nlogsource: {product: x}\ndetection:\n  k: [evil, 'b*d', 7]\n  all:\n    '|all': [one, two]\n  condition: %s\n"
events = [{"a": "xEVILx"}, {"a": {"b": ["-bad-"]}}, {"a": 2.75}, {"evil": "n"}, {"a": "one", "b": "two"}, {"a": "one"}, {"a": "one two"}]
ok("keywords are looked for in every value, not in names", answer(keywords % "k", events)["match"] == [1, 2, 3])
ok("keywords with all may stand apart", answer(keywords % "all", events)["match"] == [5, 7])


def condition(text, want):
    rules = "title: t\nlogsource: {product: x}\ndetection:\n  a: {f: 1}\n  sel_b: {g: 1}\n  sel_c: {h: 1}\n  _d: {i: 1}\n  notable: {f: 1}\n"
    rules += f"  condition: {text}\n"
    events = [{"f": 1}, {"g": 1}, {"h": 1}, {"i": 1}, {"g": 1, "h": 1}, {"f": 1, "g": 1, "h": 1}, {}]
    got = answer(rules, events).get("match")
    ok(f"condition {text}", got == want, got)


condition("a or sel_b and sel_c", [1, 5, 6])
condition("(a or sel_b) and sel_c", [5, 6])
condition("not a and sel_b", [2, 5])
condition("not (a or sel_b)", [3, 4, 7])
condition("not not a", [1, 6])
condition("1 of sel_*", [2, 3, 5, 6])
condition("any of sel_*", [2, 3, 5, 6])
condition("all of sel_*", [5, 6])
condition("1 of them", [1, 2, 3, 5, 6])
condition("1 of _*", [4])
condition("1 of *_c", [3, 5, 6])
condition("notable", [1, 6])
condition("[sel_b, _d]", [2, 4, 5, 6])


def refused(name, rules, why):
    got = answer(rules, [{}]).get("error")
    ok(f"refused: {name}", got == "rules.yml:" + why, got)


refused("a modifier that nobody knows", detection("f|has: a"), '5:12: unknown modifier "has"')
refused("a modifier without its list", detection("f|expand: '%a%'"), '5:15: there is no list called "a" for the placeholder: a file a.txt beside the rules, or lists in case.yaml')
refused("modifiers that mean nothing together", detection("f|re|contains: a"), "5:20: these modifiers cannot be used together")
refused("re behind another", detection("f|contains|re: a"), '5:20: the modifier "re" has to be the first')
refused("a flag without an expression", detection("f|i: a"), '5:10: the modifier "i" belongs behind "re"')
refused("no number", detection("f|gt: x"), '5:11: a number is expected here, not "x"')
refused("no expression", detection("f|re: 'a('"), "5:11: not a regular expression: missing closing parenthesis (at its byte 2)")
refused("bits behind the prefix", detection("f|cidr: 10.0.0.1/8"), "5:13: the address has bits behind its prefix")
refused("too long a prefix", detection("f|cidr: 10.0.0.0/33"), "5:13: the prefix is longer than the address")
refused("exists of a word", detection("f|exists: maybe"), '5:15: "exists" takes true or false')
refused("null beside an empty text", detection("f: [~, '']"), "5:8: null and an empty text cannot stand in one list")
refused("null inside of a text", detection("f|contains: null"), "5:17: nothing cannot be looked for in a text; quote it if it is a word")
refused("a wildcard that would be recoded", detection("f|base64: 'a*'"), "5:15: a value that is recoded can hold no wildcards")
refused("a mapping as a value", detection("f: {a: b}"), "5:8: a value or a list of values is expected here")
refused("a list in a list", detection("f: [[a]]"), "5:9: a value is expected here, not a list or a mapping")
refused("a key given twice", detection("f: a\n    f: b"), '6:5: key "f" is given twice')
refused("a name that stands for nothing", detection("f: a", "s and x"), '6:14: condition: "x" is not the name of a selection')
refused("operators in capitals", detection("f: a", "s AND s"), '6:14: condition: operators are written in lower case, "AND" is none')
refused("the old form", detection("f: a", "s | count() > 3"), "6:14: condition: what stands behind | is from an old form of rules; use a correlation rule instead")
refused("a parenthesis", detection("f: a", "(s"), "6:14: condition: a parenthesis is not closed")
refused("another parenthesis", detection("f: a", "s)"), '6:14: condition: ")" closes nothing')
refused("nothing behind and", detection("f: a", "s and"), "6:14: condition: it ends too early")
refused("two of them", detection("f: a", "2 of them"), '6:14: condition: only 1, any or all can stand before "of", not "2"')
refused("a pattern that stands for nothing", detection("f: a", "1 of x*"), '6:14: condition: "x*" stands for none of the names')
refused("no condition", "title: t\nlogsource: {}\ndetection: {s: {f: a}}\n", "3:12: the condition is missing")
refused("no title", "logsource: {}\ndetection: {s: {f: a}, condition: s}\n", "1:1: the title is missing")
refused("no logsource", "title: t\ndetection: {s: {f: a}, condition: s}\n", "1:1: the logsource is missing")
refused("a logsource of another kind", "title: t\nlogsource: {produkt: x}\ndetection: {s: {f: a}, condition: s}\n",
        '2:13: unknown key "produkt" (known: category, product, service, definition)')
refused("a logsource of two", "title: t\nlogsource: {product: [x, y]}\ndetection: {s: {f: a}, condition: s}\n",
        "2:22: the product of a logsource is one text")
refused("a modifier without a name", detection("'f|': a"), '5:11: unknown modifier ""')
refused("timeframe", "title: t\nlogsource: {}\ndetection:\n  s: {f: a}\n  timeframe: 5m\n  condition: s\n",
        '5:14: "timeframe" is from an old form of rules; use a correlation rule instead')
refused("action", "action: global\ntitle: t\n", '1:9: "action" is from an old form of rule collections; give each rule in full')
refused("a level of another kind", "title: t\nlevel: bad\nlogsource: {}\ndetection: {s: {f: a}, condition: s}\n",
        "2:8: the level is one of informational, low, medium, high, critical")
refused("an extension that is not there", "title: t\nhindcast: {max-gap: [1m]}\nlogsource: {}\ndetection: {s: {f: a}, condition: s}\n",
        '2:12: unknown key "max-gap" (known: rule, message, incident, actor, target, yields, lessons)')
refused("both at once", "title: t\nlogsource: {}\ndetection: {s: {f: a}, condition: s}\nfilter: {}\n",
        "1:1: a rule has one of detection, correlation and filter")
refused("nothing at all", "title: t\n", "1:1: a rule has one of detection, correlation and filter")

A = "title: A\nname: a\nid: 1-a\nlogsource: {product: x}\ndetection: {s: {k: a}, condition: s}\n---\n"
B = A.replace("A", "B").replace("name: a", "name: b").replace("1-a", "1-b").replace("k: a", "k: b")


def correlation(body, extra=""):
    return A + B + f"title: c\nname: c\ncorrelation:\n  {body}\n{extra}"


refused("a type that is not supported", correlation("type: value_mode\n  rules: [a]\n  timespan: 5m"),
        '16:9: correlations of the type "value_mode" are not supported')
refused("a rule that is not there", correlation("type: temporal\n  rules: [a, x]\n  timespan: 5m"), '17:14: there is no rule called "x"')
refused("a timespan of nothing", correlation("type: temporal\n  rules: [a, b]\n  timespan: 0m"),
        "18:13: a timespan is a whole number and one of s, m, h, d, such as 5m")
refused("no limit", correlation("type: event_count\n  rules: a\n  timespan: 5m"), "16:3: this type needs a condition such as {gte: 3}")
refused("a count of a field", correlation("type: event_count\n  rules: a\n  timespan: 5m\n  condition: {field: x, gte: 3}"),
        "19:14: event_count takes no field")
refused("values of no field", correlation("type: value_count\n  rules: a\n  timespan: 5m\n  condition: {gte: 3}"), "19:14: the condition has to name a field")
refused("a correlation of itself", correlation("type: temporal\n  rules: [a, c]\n  timespan: 5m"), "13:1: the correlation needs itself")
refused("part of an order", correlation("type: temporal_ordered\n  rules: [a, b]\n  timespan: 5m\n  condition: {gte: 1}"),
        "19:14: temporal_ordered needs all of its rules, not some")
refused("an order with or", correlation("type: temporal_ordered\n  rules: [a, b]\n  timespan: 5m\n  condition: a or b"),
        "19:14: the condition of temporal_ordered can only say what has to be there and what must not")
refused("an alias of another rule", correlation("type: temporal\n  rules: [a, b]\n  timespan: 5m\n  group-by: [u]\n  aliases: {u: {x: f}}"),
        '20:20: "x" is no rule of this correlation')
ORDER = "type: temporal_ordered\n  rules: [a, b]\n  timespan: 5m\n  group-by: [u, v]\n  aliases: {v: {a: to}}"
COUNT = "type: event_count\n  rules: [a]\n  timespan: 5m\n  condition: {gte: 2}"


def extension(name, own, why, body=ORDER):
    line = 15 + body.count("\n") + 2
    refused(name, correlation(body, f"hindcast: {{{own}}}\n"), f"{line}:{why}")


extension("a gap too few", "max-gap: [1m, 2m]", "21: max-gap: 1 timespans are expected, one between each two steps")
extension("a gap of nothing", "max-gap: [0s]", "22: a timespan is a whole number and one of s, m, h, d, such as 5m")
extension("gaps of a count", "max-gap: 1m", "21: max-gap needs a temporal_ordered without a condition", COUNT)
extension("an optional key that is none", "optional-keys: [w]", '28: "w" is no key of group-by')
extension("all keys optional, and no rule that has them", "optional-keys: [v]", "27: none of the rules has all keys of group-by",
          ORDER.replace("{v: {a: to}}", "{v: {}}"))
extension("a key that is distinct from none", "distinct: [[u]]", "23: distinct: two keys are expected here, such as [a, b]")
extension("a rule that may be absent", "absent-between: [x]", '29: there is no rule called "x"')
extension("absence in no order", "absent-between: [b]", "28: absent-between needs a temporal_ordered", COUNT)
extension("the length of an order", "within: 1m", "20: within is for counts and values; the timespan says it here")
extension("a length beyond the timespan", "within: 6m", "20: within cannot be more than the timespan", COUNT)
extension("an actor that is no key", "actor: w", '19: "w" is no key of group-by')
extension("a word that stands for nothing", "message: '{u} {x.n}'", "21: message: {x.n} is no key of group-by, nor n, duration, or one of these of a correlation that it lists")
extension("yes is no truth value", "yields: yes", "20: yields: true or false is expected here")
refused("a percentile of nothing", correlation("type: value_percentile\n  rules: [a]\n  timespan: 5m\n  condition: {field: x, gte: 3}"),
        "19:14: percentile: a number above 0 and up to 100 is expected")
refused("a percentile of a mean", correlation("type: value_avg\n  rules: [a]\n  timespan: 5m\n  condition: {field: x, gte: 3, percentile: 5}"),
        "19:45: only value_percentile takes a percentile")
refused("a name twice", A + A, '7:1: another rule is called "1-a" already (rules.yml:1)')
refused("two rules whose findings have one name", detection("f: a\n  t: {g: b}").replace("title: t", "title: t\nhindcast: {rule: X-1}") + "---\n" +
        detection("f: b").replace("title: t", "title: u\nhindcast: {rule: X-1}"), '10:1: the findings of another rule are called "X-1" already (rules.yml:1)')
refused("two rules without names under one title", detection("f: a") + "---\n" + detection("f: b"), '8:1: the findings of another rule are called "t" already (rules.yml:1)')
refused("a name that is another's id", A + B.replace("name: b", "name: 1-a"), '7:1: another rule is called "1-a" already (rules.yml:1)')
for taken in ("HC-REG-001", "HC-EVI-014"):
    write("taken.yml", "title: mine\nid: " + taken + "\nlogsource: {product: x}\ndetection: {s: {f: a}, condition: s}\n")
    r = run("check", "taken.yml")
    ok(f"check warns of {taken} in other hands", r.returncode == 0 and r.stdout.startswith(
        f'taken.yml:1:1: warning: a rule that is built in is called "{taken}" (reports/rules/') and r.stdout.endswith("1 rule can be used, 0 problems, 1 warning\n"), r.stdout)
    for how, why in (("rule", "the findings of another rule are called"), ("id", "another rule is" if "EVI" in taken else "the findings of another rule are called")):
        write("taken/evidence/none.txt", "")
        write("taken/rules/a.yml", "# mine\ntitle: mine\n" + ("hindcast: {rule: " + taken + "}" if how == "rule" else "id: " + taken) +
              "\nlogsource: {product: x}\ndetection: {s: {f: a}, condition: s}\n")
        r = subprocess.run([hindcast, "run", "-q", os.path.join(folder, "taken")], capture_output=True, text=True)
        ok(f"refused in a case: {taken} as {how}", r.returncode == 2 and f'rules/a.yml:2:1: {why.replace(" called", "")} called "{taken}" already (reports/rules/'
           in r.stderr, r.stderr)
write("bom.yml", "\ufeff" + detection("f: a"))
r = run("check", "bom.yml")
ok("a byte order mark before a rule is no part of it", r.returncode == 0 and r.stdout == "1 rule can be used, 0 problems, 0 warnings\n", r.stdout)
with open(os.path.join(folder, "wide.yml"), "wb") as f:
    f.write(detection("f: a").encode("utf-16"))
r = run("check", "wide.yml")
ok("UTF-16 is told as such", r.returncode == 1 and r.stdout.startswith("wide.yml: error: this is UTF-16; UTF-8 is expected\n"), r.stdout)
for name, text, why in (("anchors", "s: &a {f: a}\n  u: *a", "4:6: error: anchors are not allowed here"), ("a merge", "s: {<<: {f: b}}", "4:11: error: a value or a list of values is expected here"), ("a tab", "\ts: {f: a}", "4:1: error: ")):
    write("odd.yml", f"title: t\nlogsource: {{product: x}}\ndetection:\n  {text}\n  condition: s\n".replace("  \t", "\t"))
    r = run("check", "odd.yml")
    ok(f"{name} in a rule", r.returncode == 1 and r.stdout.startswith("odd.yml:" + why), r.stdout)
write("never.yml", A + "title: c\nname: c\ncorrelation: {type: event_count, rules: [a], timespan: 5m, condition: {gt: 5, lt: 3}}\n")
r = run("check", "never.yml")
ok("limits that nothing meets are doubted", r.returncode == 0 and "never.yml:9:71: warning: no number is within both limits: this never matches\n" in r.stdout, r.stdout)
refused("a filter of nothing", A + "title: f\nfilter: {s: {u: x}, condition: not s}\n", "8:9: the rules that it filters are missing")

# Sums and means of whole numbers are exact.
def sums(kind, values, limit):
    rules = A + f"title: c\nname: c\ncorrelation:\n  type: {kind}\n  rules: [a]\n  timespan: 5m\n  condition: {{field: n, {limit}}}\n"
    got = answer(rules, [{"@timestamp": 1700000000, "k": "a", "n": v} for v in values])
    return bool(got["correlations"]["c"]) if "correlations" in got else got


for kind, numbers, fires, not_fires in (
        ("value_sum", [2 ** 53, 1], f"eq: {2 ** 53 + 1}", f"lte: {2 ** 53}"),
        ("value_sum", [2 ** 53, "1.0", 1e0], f"gte: {2 ** 53 + 2}", f"gt: {2 ** 53 + 2}"),
        ("value_sum", [2 ** 63 - 1] * 3 + [-2 ** 63], f"eq: {3 * (2 ** 63 - 1) - 2 ** 63}", f"lt: {3 * (2 ** 63 - 1) - 2 ** 63}"),
        ("value_sum", [-2 ** 63, -2 ** 63], f"eq: {-2 ** 64}", f"gt: {-2 ** 64}"),
        ("value_avg", [2 ** 53, 2 ** 53 + 2], f"eq: {2 ** 53 + 1}", f"neq: {2 ** 53 + 1}"),
        ("value_avg", [2 ** 63 - 1, 2 ** 63 - 1], f"gte: {2 ** 63 - 1}", f"lt: {2 ** 63 - 1}"),
        ("value_avg", [1, 2], "eq: 1.5", "gt: 1.5"), ("value_sum", [0.5, 2], "eq: 2.5", "gt: 2.5"), ("value_sum", ["x", 7], "eq: 7", "neq: 7"),
        ("value_count", [2 ** 53, 2 ** 53 + 1], "gte: 2", "lt: 2")):
    ok(f"{kind} of {numbers}: {fires}", sums(kind, numbers, fires) is True and sums(kind, numbers, not_fires) is False, (sums(kind, numbers, fires), sums(kind, numbers, not_fires)))

# What correlations do with time, keys and one another.
T = 1700000000


def fires(name, body, events, want, extra=""):
    got = answer(correlation(body, extra), [dict({"@timestamp": T + t, "k": k}, **f) for t, k, f in events]).get("correlations")
    ok(name, got is not None and all(sorted(got.get(title, [])) == groups for title, groups in want.items()), got)


u = {"u": "x"}
fires("the timespan is closed", "type: temporal\n  rules: [a, b]\n  timespan: 60s\n  group-by: u", [(0, "a", u), (60, "b", u)], {"c": [["x"]]})
fires("a second more is too far", "type: temporal\n  rules: [a, b]\n  timespan: 60s\n  group-by: u", [(0, "a", u), (61, "b", u)], {"c": []})
fires("without group-by all are one group", "type: temporal\n  rules: [1-a, 1-b]\n  timespan: 60s", [(0, "a", {}), (1, "b", u)], {"c": [[]]})
fires("who lacks a key is in no group", "type: temporal\n  rules: [a, b]\n  timespan: 60s\n  group-by: u", [(0, "a", {}), (1, "b", {})], {"c": []})
fires("several values are several groups", "type: temporal\n  rules: [a, b]\n  timespan: 60s\n  group-by: u",
      [(0, "a", {"u": ["x", "y"]}), (1, "b", {"u": ["y", "z"]})], {"c": [["y"]]})
fires("order", "type: temporal_ordered\n  rules: [a, b]\n  timespan: 60s\n  group-by: u", [(0, "b", u), (5, "a", u)], {"c": []})
fires("the same instant is either order", "type: temporal_ordered\n  rules: [a, b]\n  timespan: 60s\n  group-by: u", [(5, "b", u), (5, "a", u)], {"c": [["x"]]})
fires("aliases, by name and by id", "type: temporal\n  rules: [a, b]\n  timespan: 60s\n  group-by: who\n  aliases: {who: {a: from, 1-b: to}}",
      [(0, "a", {"from": "x"}), (1, "b", {"to": "x"}), (2, "a", {"who": "y"}), (3, "b", {"who": "y"})], {"c": [["x"]]})
fires("a list of fields is a tuple", "type: value_count\n  rules: a\n  timespan: 60s\n  condition: {field: [v, w], gte: 3}",
      [(0, "a", {"v": "1", "w": "23"}), (1, "a", {"v": "12", "w": "3"}), (2, "a", {"v": "1", "w": "23"})], {"c": []})
spree = "---\ntitle: d\ncorrelation:\n  type: value_count\n  rules: c\n  timespan: 5m\n  group-by: u\n  condition: {field: p, gte: 2}\n"
fires("a correlation of correlations reads its keys", "type: temporal_ordered\n  rules: [a, b]\n  timespan: 60s\n  group-by: [u, p]",
      [(0, "a", {"u": "x", "p": "1"}), (1, "b", {"u": "x", "p": "1"}), (100, "a", {"u": "x", "p": "2"}), (101, "b", {"u": "x", "p": "2"})],
      {"c": [["x", "1"], ["x", "2"]], "d": [["x"]]}, spree)
counted = "---\ntitle: d\ncorrelation:\n  type: event_count\n  rules: c\n  timespan: 1h\n  group-by: u\n  condition: {gte: 2}\n"
burst = [(t, "a", u) for t in range(20)]
fires("a burst is one match", "type: event_count\n  rules: a\n  timespan: 60s\n  group-by: u\n  condition: {gte: 3}", burst, {"c": [["x"]], "d": []}, counted)
fires("two bursts are two", "type: event_count\n  rules: a\n  timespan: 60s\n  group-by: u\n  condition: {gte: 3}", burst + [(t + 600, "a", u) for t in range(5)],
      {"c": [["x"]], "d": [["x"]]}, counted)

pair = "type: temporal_ordered\n  rules: [a, b]\n  timespan: 60s\n  group-by: [x, y]\n  aliases: {x: {a: u, b: v}, y: {a: v, b: u}}"
fires("keys that are distinct", pair, [(0, "a", {"u": "1", "v": "2"}), (1, "b", {"u": "2", "v": "1"}), (2, "a", {"u": "3", "v": "3"}), (3, "b", {"u": "3", "v": "3"})],
      {"c": [["1", "2"]]}, "hindcast: {distinct: [[x, y]]}\n")
span = "---\ntitle: d\ncorrelation:\n  type: value_count\n  rules: c\n  timespan: 60s\n  group-by: u\n  condition: {field: p, gte: 2}\nhindcast: {within: 30s}\n"
for last, want in ((30, [["x"]]), (31, [])):
    fires(f"a count whose first member is {last} seconds back", "type: temporal_ordered\n  rules: [a, b]\n  timespan: 60s\n  group-by: [u, p]",
          [(0, "a", {"u": "x", "p": "1"}), (9, "b", {"u": "x", "p": "1"}), (last - 1, "a", {"u": "x", "p": "2"}), (last, "b", {"u": "x", "p": "2"})],
          {"d": want}, span)
got = answer(correlation("type: temporal_ordered\n  rules: [a, b]\n  timespan: 60s\n  group-by: u"),
             [{"k": "a", "u": n, "time": T, "until": T + w} for n, w in (("x", 0), ("y", 9), ("z", 11))] + [{"k": "b", "u": n, "time": T + 10} for n in "xyz"])
ok("where times overlap the order is possible", got.get("possible") == {"c": [["z"]]} and got["correlations"]["c"] == [["x"], ["y"], ["z"]], got)

gaps = correlation("type: temporal_ordered\n  rules: [a, b, a, b]\n  timespan: 1d\n  group-by: u", "hindcast: {max-gap: [1s, 1d, 1d]}\n")
got = answer(gaps, [{"k": k, "u": "x", "@timestamp": T + 10 * i + (k == "b") * 5} for i in range(200) for k in "ab"])
ok("an order that would have to be looked for in too many ways is given up, and told", got.get("crowded", 0) > 0 and got["correlations"]["c"] == [], got.get("crowded"))

filtered = A + "title: f\nlogsource: {product: x}\nfilter:\n  rules: [a]\n  known: {u: bot}\n  condition: not known\n"
ok("a filter takes away", answer(filtered, [{"k": "a", "u": "bot"}, {"k": "a", "u": "x"}, {"k": "a"}])["match"] == [2, 3])
ok("undated events are told", answer(A, [{"k": "a"}, {"k": "a", "time": "x"}, {"k": "b"}, {"k": "a", "time": "2024-01-01T00:00:00Z"}]).get("undated") == 2)
for form, n in (("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)):
    both = [{"timestamp": T * n, "k": "a"}, {"@timestamp": "2023-11-14T22:13:20Z", "k": "b"}]
    ok(f"times in {form}", answer(correlation("type: temporal\n  rules: [a, b]\n  timespan: 1s"), both)["correlations"]["c"] == [[]])

# Events that cannot be used.
write("rules.yml", A)
for name, text, why in (("a line that is no JSON", '{"k": "a"}\n\n{"k": \n', "3: "), ("a value that is no object", "[1]\n", "1: an event is one JSON object on a line"),
                        ("two on a line", "{} {}\n", "1: an event is one JSON object on a line")):
    write("events.jsonl", text)
    r = run("test", "rules.yml", "events.jsonl")
    ok(name, r.returncode == 2 and json.loads(r.stdout)["error"].startswith("events.jsonl:" + why), r.stdout)
write("events.jsonl", "")
r = run("test", "rules.yml", "events.jsonl")
ok("no events", r.returncode == 0 and json.loads(r.stdout) == {"match": [], "detections": {"A": []}, "correlations": {}}, r.stdout)
ok("a file that is not there", run("test", "rules.yml", "none.jsonl").returncode == 2 and "error" in json.loads(run("test", "rules.yml", "none.jsonl").stdout))

# Limits.
deep = "(" * 70 + "s" + ")" * 70
refused("parentheses beyond the limit", detection("f: a", deep), "6:14: condition: nested too deeply")
refused("windash beyond the limit", detection("f|windash: '" + " -a" * 8 + "'"), "5:16: windash makes too many variants of this value")
refused("steps beyond the limit", correlation(f"type: temporal\n  rules: [{', '.join(['a'] * 17)}]\n  timespan: 5m"),
        "17:59: more than 16 rules in one correlation")
refused("keys beyond the limit", correlation(f"type: temporal\n  rules: [a, b]\n  timespan: 5m\n  group-by: [{', '.join('k%02d' % i for i in range(17))}]"),
        "19:94: more than 16 keys in group-by")
refused("a value beyond the limit", detection("f: " + "x" * 70000), "5:8: the value is longer than 65536 bytes")
refused("an expression beyond the limit", detection("f|re: " + "x" * 70000), "5:11: the expression is longer than 65536 bytes")
write("rules.yml", detection(r"f|re: '^(a+)+$'"))
write("events.jsonl", json.dumps({"f": "a" * 40 + "b"}) + "\n")
r = run("test", "rules.yml", "events.jsonl")
ok("an expression that never ends is given up", json.loads(r.stdout).get("error") == "rules.yml:1:1: an expression of this rule takes too many steps" or
   json.loads(r.stdout).get("match") == [], r.stdout)
wide = [{"@timestamp": T, "k": "a", "u": [f"n{i}" for i in range(n)]} for n in (4096, 4097)]
got = answer(correlation("type: event_count\n  rules: a\n  timespan: 5m\n  group-by: u\n  condition: {gte: 1}"), wide)
ok("groups beyond the limit are told", len(got["correlations"]["c"]) == 4096 and got.get("crowded") == 1, str(got)[-80:])

# The other things that rules can be asked.
os.makedirs(os.path.join(folder, "more", "deeper"))
write("more/b.yaml", B.rstrip("-\n") + "\n")
write("more/deeper/a.yml", A.rstrip("-\n") + "\n")
write("more/readme.txt", "no rule")
ok("list reads folders", run("list", "more").stdout == "-             detection   1-b  B\n-             detection   1-a  A\n", run("list", "more").stdout)
write("bad.yml", detection("f: a").replace("condition: s", "unused: {g: 1}\n  condition: s") + "---\n" + detection("f|has: a"))
r = run("check", "bad.yml", "more")
ok("check tells what is wrong and what is doubtful", r.returncode == 1 and r.stdout == 'bad.yml:13:12: error: unknown modifier "has"\n'
   'bad.yml:6:11: warning: the condition does not ask for "unused"\n3 rules can be used, 1 problem, 1 warning\n', r.stdout)
ok("a good folder is good", run("check", "more").returncode == 0)
write("rules.yml", correlation("type: temporal_ordered\n  rules: [a, b]\n  timespan: 5m\n  group-by: who\n  aliases: {who: {a: u}}"))
ok("explain", run("explain", "rules.yml").stdout == 'A (-)\n  k is "a"\nB (-)\n  k is "b"\nc (-)\n  within 5 minutes, for the same who, all of, in this order:\n'
   "    A, its u being who\n    then: B\n", run("explain", "rules.yml").stdout)
write("rules.yml", correlation("type: temporal\n  rules: [a, b]\n  timespan: 90s\n  condition: a and not b") + "---\n" +
      detection("f: [null, x, 3]\n    g|exists: false\n    h|fieldref: i\n    j|lt: 5"))
ok("explain says what must not be there, and how values are meant", run("explain", "rules.yml").stdout.endswith(
   'c (-)\n  within 90 seconds, in any order:\n    all of:\n      A\n      not:\n        B\n'
   't (-)\n  all of:\n    f is nothing or "x" or 3\n    g is not there\n    h is the field i\n    j is less than 5\n'), run("explain", "rules.yml").stdout)
write("hostile.yml", "title: \"x\\e[31m\\u202e\"\nlogsource: {}\ndetection: {s: {f: \"\\e]0;x\"}, condition: s}\n")
ok("nothing of a rule acts on the terminal", not any(c in run(what, "hostile.yml").stdout for what in ("list", "explain", "check") for c in "\x1b\u202e"))
ok("usage", run("frobnicate").returncode == 2 and run("test", "rules.yml").returncode == 2)
ok("without files rules are ours", "HC-REG-001" in run("list").stdout and run("check").returncode == 0)

shared = os.path.join(os.environ.get("HINDCAST_SHARED", os.path.join(source, "..", "shared")), "evidence")
if os.path.exists(os.path.join(shared, "sigma-check.py")):
    r = subprocess.run([sys.executable, os.path.join(shared, "sigma-check.py"), os.path.join(shared, "sigma"), hindcast, "rules", "test"],
                       capture_output=True, text=True)
    ok("the conformance set", r.returncode == 0 and " 0 failed" in r.stdout, r.stdout)
else:
    skipped += 1
    print("skipped rules: the conformance set is not here")
subprocess.run(["rm", "-rf", folder], check=False)
print(f"rules: {passed} passed, {failed} failed, {skipped} skipped")
sys.exit(failed > 0)
