# SPDX-License-Identifier: Apache-2.0
"""What was found, as text, JSON and SARIF: findings.py HINDCAST SRCDIR. Places are cut from the evidence by other means than the
program's and compared; what SARIF asks for is checked by rules of our own, as its schema is not ours to ship. Prints one line "ok NAME" or
"not ok NAME" per question."""
import atexit
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
import zipfile
import zlib

hindcast, src = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="hindcast-findings.")
atexit.register(shutil.rmtree, work, True)
bad = 0


def t(name, holds):
    global bad
    print(("ok " if holds else "not ok ") + name)
    bad |= not holds


def run(*args, case):
    return subprocess.run([hindcast, *args, "-C", case], capture_output=True, text=True)


def sarif(case, *args):
    done = run("findings", "-f", "sarif", *args, case=case)
    if done.returncode not in (0, 1):
        print(done.stderr)
    return json.loads(done.stdout)


def copy(name, to):
    case = os.path.join(work, to)
    shutil.copytree(os.path.join(src, name), case, ignore=shutil.ignore_patterns("hindcast.db*", "report"))
    for root, _, files in os.walk(case):
        os.chmod(root, 0o755)
        for f in files:
            os.chmod(os.path.join(root, f), 0o644)
    return case


def imported(name, to):
    case = copy(name, to)
    subprocess.run([hindcast, "run", "-q", case], capture_output=True)
    return case


# --- what a log has to be like ---------------------------------------------------------------------------------------------------

MESSAGE = {"text": str}
ARTIFACT_LOCATION = {"uri": str, "uriBaseId": str, "index": int, "description": MESSAGE}
REGION = {"startLine": int, "startColumn": int, "endLine": int, "endColumn": int, "byteOffset": int, "byteLength": int}
LOCATION = {"physicalLocation": {"artifactLocation": ARTIFACT_LOCATION, "region": REGION}, "message": MESSAGE}
STEP = {"location": LOCATION, "kinds": [str], "executionTimeUtc": str, "importance": str, "properties": dict}
NOTIFICATION = {"level": str, "message": MESSAGE, "locations": [LOCATION]}
RULE = {"id": str, "name": str, "shortDescription": MESSAGE, "fullDescription": MESSAGE, "help": MESSAGE, "helpUri": str,
        "defaultConfiguration": {"level": str}, "properties": dict}
RESULT = {"ruleId": str, "ruleIndex": int, "level": str, "message": MESSAGE, "locations": [LOCATION], "relatedLocations": [LOCATION],
          "codeFlows": [{"threadFlows": [{"locations": [STEP]}]}], "partialFingerprints": dict, "baselineState": str,
          "suppressions": [{"kind": str, "status": str, "justification": str, "location": LOCATION}], "properties": dict}
LOG = {"$schema": str, "version": str, "runs": [{
    "tool": {"driver": {"name": str, "version": str, "semanticVersion": str, "shortDescription": MESSAGE, "rules": [RULE]}},
    "invocations": [{"executionSuccessful": bool, "toolExecutionNotifications": [NOTIFICATION], "toolConfigurationNotifications": [NOTIFICATION]}],
    "originalUriBaseIds": {"CASE": ARTIFACT_LOCATION, "EXTERNAL": ARTIFACT_LOCATION}, "columnKind": str,
    "artifacts": [{"location": ARTIFACT_LOCATION, "parentIndex": int, "length": int, "hashes": dict, "roles": [str], "description": MESSAGE,
                   "properties": dict}],
    "results": [RESULT]}]}


def shaped(value, shape, where="log"):
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [e for i, v in enumerate(value) for e in shaped(v, shape[0], f"{where}[{i}]")]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        return [e for k, v in value.items() for e in (shaped(v, shape[k], f"{where}.{k}") if k in shape else [f"{where}.{k} is not known"])]
    if not isinstance(value, shape) or (shape is int and isinstance(value, bool)):
        return [f"{where} is no {shape.__name__}"]
    return []


def locations(result):
    found = result["locations"] + result.get("relatedLocations", [])
    for flow in result.get("codeFlows", []):
        found += [step["location"] for thread in flow["threadFlows"] for step in thread["locations"]]
    return found


def messages(value):
    if isinstance(value, dict):
        for key, v in value.items():
            if isinstance(v, dict) and "text" in v and key in ("message", "description", "shortDescription", "fullDescription", "help"):
                yield v["text"]
            yield from messages(v)
    elif isinstance(value, list):
        for v in value:
            yield from messages(v)


def problems(log):
    out = shaped(log, LOG)
    r = log["runs"][0]
    rules, artifacts = r["tool"]["driver"]["rules"], r["artifacts"]
    if log["version"] != "2.1.0" or len(log["runs"]) != 1:
        out.append("version or runs")
    if len({x["id"] for x in rules}) != len(rules):
        out.append("two rules of one id")
    for i, a in enumerate(artifacts):
        nested = "parentIndex" in a
        if a["location"]["index"] != i or (nested and not 0 <= a["parentIndex"] < i):
            out.append(f"artifact {i}: index or parent")
        if a["location"]["uri"].startswith("/") != nested or ("uriBaseId" in a["location"]) == nested:
            out.append(f"artifact {i}: what lies inside of another begins with a slash, what does not has a base")
        if not re.fullmatch(r"[A-Za-z0-9._~/-]|(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", a["location"]["uri"]):
            out.append(f"artifact {i}: no URI: {a['location']['uri']}")
    prints = set()
    for n, x in enumerate(r["results"]):
        if "ruleIndex" in x and rules[x["ruleIndex"]]["id"] != x["ruleId"]:
            out.append(f"result {n}: ruleIndex")
        if x["level"] not in ("note", "warning", "error"):
            out.append(f"result {n}: level")
        prints.add(x["partialFingerprints"]["hindcastFinding/v1"])
        for place in locations(x):
            at = place.get("physicalLocation")
            if not at:
                continue
            own = artifacts[at["artifactLocation"]["index"]]["location"]
            if own != at["artifactLocation"]:
                out.append(f"result {n}: a location that its artifact does not have")
            region = at.get("region", {"byteOffset": 0, "byteLength": 0})
            if "byteOffset" not in region or len(region) not in (2, 6):
                out.append(f"result {n}: half a region")
    if len(prints) != len(r["results"]):
        out.append("two results of one fingerprint")
    states = {x.get("baselineState") for x in r["results"]}
    if None in states and len(states) > 1:
        out.append("a baseline for some")
    for text in messages(r):
        if re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)", text) or "](" in text or re.search("[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text):
            out.append("a message that acts: " + ascii(text))
    return out


# --- cutting evidence without the program ----------------------------------------------------------------------------------------

def unpack(name, data):
    for suffix, tool in ((".gz", gzip.decompress), (".bz2", bz2.decompress), (".xz", lzma.decompress)):
        if name.endswith(suffix):
            return tool(data)
    return None


def read_artifact(case, artifacts, i, cache):
    """The bytes of an artifact, or None where this test has no means to read it."""
    if i in cache:
        return cache[i]
    a = artifacts[i]
    uri = urllib.parse.unquote(a["location"]["uri"])
    if "parentIndex" not in a:
        data = open(os.path.join(case, uri), "rb").read()
    else:
        parent = artifacts[a["parentIndex"]]
        outer, name = read_artifact(case, artifacts, a["parentIndex"], cache), urllib.parse.unquote(parent["location"]["uri"])
        if "what comes out" in a.get("description", {}).get("text", ""):
            data = unpack(name, outer)
        elif "script of SQL" in a.get("description", {}).get("text", ""):
            data = None
        else:
            data = member(name, outer, uri[1:])
    cache[i] = data
    return data


def member(name, outer, wanted):
    if outer is None:
        return None
    try:
        if name.endswith(".zip"):
            data = zipfile.ZipFile(io.BytesIO(outer)).read(wanted)
        else:
            data = tarfile.open(fileobj=io.BytesIO(outer)).extractfile(wanted).read()
    except (KeyError, EOFError, tarfile.ReadError, zipfile.BadZipFile, zlib.error):  # some are broken on purpose
        return None
    return unpack(wanted, data) or data


def split(data):
    lines, starts = data.split(b"\n"), [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return lines, starts


def by_lines(cut, region):
    """What a reader of the text marks: lines end with LF, columns count characters, a byte order mark is none."""
    lines, starts = cut
    first, last = region["startLine"] - 1, region["endLine"] - 1

    def offset(line, column):
        start, text = starts[line], lines[line] if line < len(lines) else b""
        if line == 0 and text.startswith(b"\xef\xbb\xbf"):
            start, text = start + 3, text[3:]
        return start + len((text + b"\n").decode("utf-8")[:column - 1].encode())

    return offset(first, region["startColumn"]), offset(last, region["endColumn"])


def wrong_places(case, log):
    """(places looked at, those with lines, what is wrong)"""
    artifacts, cache, cuts, seen, lined, wrong = log["runs"][0]["artifacts"], {}, {}, 0, 0, []
    for x in log["runs"][0]["results"]:
        for place in locations(x):
            at = place.get("physicalLocation", {})
            region = at.get("region")
            data = read_artifact(case, artifacts, at["artifactLocation"]["index"], cache) if region else None
            if data is None:
                continue
            seen += 1
            start, end = region["byteOffset"], region["byteOffset"] + region["byteLength"]
            if end > len(data):
                wrong.append((at, "outside"))
            if "startLine" in region:
                lined += 1
                i = at["artifactLocation"]["index"]
                cuts[i] = cuts.get(i) or split(data)
                try:
                    own = by_lines(cuts[i], region)
                except (IndexError, UnicodeDecodeError) as e:
                    own = repr(e)
                if own != (start, end):
                    wrong.append((at, own))
    return seen, lined, wrong


def wrong_hashes(case, log):
    wrong, cache = [], {}
    artifacts = log["runs"][0]["artifacts"]
    for i, a in enumerate(artifacts):
        data = read_artifact(case, artifacts, i, cache)
        if data is not None and "hashes" in a and (hashlib.sha256(data).hexdigest(), len(data)) != (a["hashes"]["sha-256"], a["length"]):
            wrong.append(a["location"]["uri"])
    return wrong


# --- the model case --------------------------------------------------------------------------------------------------------------

model = imported("examples/pypi-2023-11-22", "model")
log = sarif(model)
found = problems(log)
t("SARIF of the model case is what SARIF asks for", not found)
print(*found[:5], sep="\n", end="\n" if found else "")
seen, lined, wrong = wrong_places(model, log)
t(f"each of its {seen} places is the same bytes by lines and by offsets", seen >= 14 and lined == seen and not wrong)
t("the hash of every file and member is that of its bytes", not wrong_hashes(model, log))
t("each says its place in the case in words", all(re.match(r"evidence/[^:]+(:\d+)?$", p["message"]["text"]) for x in log["runs"][0]["results"] for p in x["locations"]))
one = next(x for x in log["runs"][0]["results"] if x["ruleId"] == "HC-REG-001")
steps = one["codeFlows"][0]["threadFlows"][0]["locations"]
artifacts = log["runs"][0]["artifacts"]
cut = []
for s in steps:
    at = s["location"]["physicalLocation"]
    data = read_artifact(model, artifacts, at["artifactLocation"]["index"], {})
    cut.append(data[at["region"]["byteOffset"]:at["region"]["byteOffset"] + at["region"]["byteLength"]].decode())
who = {"invite": ("invite Owner dvolk",), "accept": ("accepted Owner dvolk",), "remove": ("remove Owner meisnate12",), "delete": ("meisnate12@example.net", "Account deletion")}
t("its flow is the thirteen acts in order, and each place holds the act that is named",
  len(steps) == 13 and all(any(w in text for w in who[s["location"]["message"]["text"].split(":")[0]]) for s, text in zip(steps, cut)) and
  [s.get("executionTimeUtc", "~") for s in steps] == sorted(s.get("executionTimeUtc", "~") for s in steps) and "executionTimeUtc" not in steps[-1])
text = open(os.path.join(src, "reports", "rules", "account-takeover.yml"), encoding="utf-8").read()
rule = log["runs"][0]["tool"]["driver"]["rules"][one["ruleIndex"]]
t("the rule says what its file says", rule["shortDescription"]["text"] in text and rule["properties"]["tags"] == ["attack.impact", "attack.t1531"] and
  rule["fullDescription"]["text"].split(";")[0] in " ".join(text.split()) and "Ask the owner" in rule["help"]["text"])
whole = run("findings", "-f", "sarif", case=model).stdout
t("no path of the machine and no clock is in it", work not in whole and os.path.basename(hindcast) + "/" not in whole and "startTimeUtc" not in whole)
listed = json.loads(run("findings", "-f", "json", case=model).stdout)
t("JSON has the same findings with the same fingerprints",
  [(x["rule"], x["level"], x["fingerprint"]) for x in listed] ==
  [(x["ruleId"], x["level"], x["partialFingerprints"]["hindcastFinding/v1"]) for x in log["runs"][0]["results"]])
said = run("findings", "-v", case=model).stdout.split("\n")
t("as text each act of a finding stands below it where that is asked for", said[0].endswith("[HC-REG-001]") and sum(x.startswith("    evidence/") for x in said) == sum(len(x["events"]) for x in listed))

# The same elsewhere: another folder, files imported one by one and in another order.
other = copy("examples/pypi-2023-11-22", "somewhere else")
files = sorted((os.path.join(r, f) for r, _, fs in os.walk(os.path.join(other, "evidence")) for f in fs), reverse=True)
for f in files:
    subprocess.run([hindcast, "import", "-q", "-C", other, f], capture_output=True)
run("correlate", case=other)
prints = [x["partialFingerprints"] for x in log["runs"][0]["results"]]
t("fingerprints are the same after another import elsewhere", [x["partialFingerprints"] for x in sarif(other)["runs"][0]["results"]] == prints)

# --- what is suppressed, what is known -------------------------------------------------------------------------------------------

settings = open(os.path.join(model, "case.yaml"), encoding="utf-8").read()


def suppress(text):
    open(os.path.join(model, "case.yaml"), "w", encoding="utf-8").write(settings + text)


suppress("suppress:\n- {rule: HC-REG-001, target: meisnate12, reason: 'agreed [x](1) {0}'}\n- {rule: HC-EVI-*, source: 'evidence/db/**', reason: seen}\n"
         "- {rule: HC-REG-001, actor: somebody, reason: nobody}\n- {rule: HC-REG-024, reason: seen}\n- {rule: HC-ADM-001, reason: seen}\n")
done = run("findings", "--fail-on", "note", case=model)
t("what is suppressed is not shown and does not fail, and that is said", done.returncode == 0 and not done.stdout and f"0 known, {len(listed)} suppressed" in done.stderr)
t("a suppression that fits nothing is named", re.search(r"case\.yaml:\d+: this suppresses nothing", done.stderr) is not None)
x = sarif(model)
found = problems(x)
t("SARIF has it with its reason and its place", not found and [s["justification"] for r in x["runs"][0]["results"] for s in r["suppressions"]] ==
  ["agreed [x](1) {0}"] + ["seen"] * (len(listed) - 1) and x["runs"][0]["results"][0]["suppressions"][0]["location"]["physicalLocation"]["region"]["startLine"] ==
  settings.count("\n") + 2 and len(x["runs"][0]["invocations"][0]["toolConfigurationNotifications"]) == 1)
t("with -v it is shown with its reason", "(suppressed: seen)" in run("findings", "-v", case=model).stdout)
suppress(f"suppress:\n- {{fingerprint: {prints[0]['hindcastFinding/v1']}, reason: this one}}\n")
t("one finding can be named by its fingerprint", run("findings", "--fail-on", "warning", case=model).returncode == 0)
for text, why in (("suppress:\n- {rule: X}\n", "needs a reason"), ("suppress:\n- {reason: r}\n", "says of what"), ("suppress: yes\n", "is a list"),
                  ("suppress:\n- {rule: X, reason: r, until: 2030}\n", "until"), ("suppress:\n- {rule: X, reason: '  '}\n", "needs a reason")):
    suppress(text)
    done = run("findings", case=model)
    t(f"a suppression that is none is refused: {why}", done.returncode == 2 and why in done.stderr and re.search(r"case\.yaml:\d+:\d+", done.stderr))
suppress("")

base = os.path.join(work, "base")
for form in ("sarif", "json"):
    open(base, "w").write(run("findings", "-f", form, case=model).stdout)
    done = run("findings", "--baseline", base, "--fail-on", "note", case=model)
    t(f"all that is in a baseline is known ({form})", done.returncode == 0 and not done.stdout and f"{len(listed)} known" in done.stderr)
    x = sarif(model, "--baseline", base)
    t(f"and unchanged ({form})", not problems(x) and {r["baselineState"] for r in x["runs"][0]["results"]} == {"unchanged"})


def edit(change, form="sarif"):
    """A baseline in which something is different."""
    x = json.loads(run("findings", "-f", form, case=model).stdout)
    change(x if form == "json" else x["runs"][0]["results"])
    open(base, "w").write(json.dumps(x))


edit(lambda results: results.pop(0))
done = run("findings", "--baseline", base, "--fail-on", "warning", case=model)
t("what is not in it is new, and fails", done.returncode == 1 and done.stdout.count("\n") == 1 and "[HC-REG-001]" in done.stdout)
edit(lambda results: results[0].update(level="note", message={"text": "otherwise"}))
x = sarif(model, "--baseline", base)["runs"][0]["results"]
done = run("findings", "--baseline", base, "--fail-on", "warning", case=model)
t("what was less bad then is updated, and fails", [r["baselineState"] for r in x] == ["updated"] + ["unchanged"] * (len(listed) - 1) and done.returncode == 1)
edit(lambda results: results[0].update(message={"text": "otherwise"}))
t("what was worded otherwise is updated, and does not", run("findings", "--baseline", base, "--fail-on", "warning", case=model).returncode == 0)
gone = {"ruleId": "HC-OLD", "level": "error", "message": {"text": "gone {{0}} [a]\\(b)"}, "partialFingerprints": {"hindcastFinding/v1": "0" * 64},
        "properties": {"source": "evidence/was.log"}}
edit(lambda results: results.extend([gone, gone]))
x = sarif(model, "--baseline", base)
last = x["runs"][0]["results"][-1]
done = run("findings", "--baseline", base, "--fail-on", "note", "-v", case=model)
t("what is there no more is absent, told once, and does not fail", not problems(x) and len(x["runs"][0]["results"]) == len(listed) + 1 and
  last["baselineState"] == "absent" and last["message"] == gone["message"] and "ruleIndex" not in last and done.returncode == 0 and
  done.stdout.endswith("evidence/was.log: error: gone {0} [a](b) [HC-OLD] (absent)\n"))
open(base, "w").write(json.dumps(x))
t("and is forgotten after that", len(sarif(model, "--baseline", base)["runs"][0]["results"]) == len(listed))
for name, text in (("nothing", ""), ("no JSON", "{"), ("two values", "[] []"), ("another object", "{}"), ("a text", '"x"'), ("another's findings", '{"runs": [{"results": [{"ruleId": "x"}]}]}'),
                   ("another list", "[1, 2]"), ("a wrong fingerprint", '[{"fingerprint": "12", "rule": "r", "level": "note", "message": "m"}]'),
                   ("no level", json.dumps([{"fingerprint": "0" * 64, "rule": "r", "message": "m"}])), ("very deep", "[" * 5000 + "]" * 5000)):
    open(base, "w").write(text)
    done = run("findings", "--baseline", base, case=model)
    t(f"a baseline that is none is refused: {name}", done.returncode == 2 and done.stderr.startswith(f"hindcast: {base}: ") and not done.stdout)
t("and one that is not there", run("findings", "--baseline", base + ".not", case=model).returncode != 0)
open(base, "w").write("[]")
t("an empty one makes all new", {r["baselineState"] for r in sarif(model, "--baseline", base)["runs"][0]["results"]} == {"new"})

# --- hostile names, no findings, very many, places in every format ---------------------------------------------------------------

hostile = os.path.join(work, "hostile")
subprocess.run([sys.executable, os.path.join(src, "tests", "hostile.py"), "make", os.path.join(src, "examples", "pypi-2023-11-22"), hostile], check=True)
subprocess.run(["chmod", "-R", "u+w", hostile])
subprocess.run([hindcast, "run", "-q", hostile], capture_output=True)
x = sarif(hostile)
found = problems(x)
t("names that are markup, links, placeholders and escapes stay text in SARIF", not found and "<script>alert(1)</script>{{{{7*7}}}}dvolk" in x["runs"][0]["results"][0]["message"]["text"] and
  "[x]\\(javascript:alert(1))tmdbapis" in json.dumps(x, ensure_ascii=False).replace("\\\\", "\\") and x["runs"][0]["results"][0]["properties"]["actor"] == "<script>alert(1)</script>{{7*7}}dvolk")
print(*found[:5], sep="\n", end="\n" if found else "")
seen, lined, wrong = wrong_places(hostile, x)
t("and their places are right", seen == lined >= 14 and not wrong)

quiet = os.path.join(work, "quiet")
os.makedirs(os.path.join(quiet, "evidence"))
open(os.path.join(quiet, "evidence", "a.ndjson"), "w").write('{"x": 1}\n')
subprocess.run([hindcast, "run", "-q", quiet], capture_output=True)
with sqlite3.connect(os.path.join(quiet, "hindcast.db")) as db:
    db.execute("DELETE FROM finding_event")
    db.execute("DELETE FROM finding")
done = run("findings", "--fail-on", "note", case=quiet)
x = sarif(quiet)
t("where nothing is found there is an empty list", done.returncode == 0 and not done.stdout and x["runs"][0]["results"] == [] and not problems(x) and
  json.loads(run("findings", "-f", "json", case=quiet).stdout) == [])

with sqlite3.connect(os.path.join(model, "hindcast.db")) as db:
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO finding(rule, key, level, title, message, source, line, \"offset\", length) "
               "SELECT 'HC-MANY', 'HC-MANY ' || i, 'warning', 'many', 'number ' || i, e.source, e.line, e.\"offset\", e.length FROM n "
               "JOIN (SELECT row_number() OVER (ORDER BY id) AS k, * FROM event) AS e ON e.k = 500 + n.i % 400")
    db.execute("INSERT INTO finding_event(finding, step, act, what) SELECT f.id, a.id, a.id, 'step' FROM finding AS f JOIN act AS a ON a.id <= 3 WHERE f.rule = 'HC-MANY'")
    db.execute("INSERT INTO finding_place(finding, ordinal, what, source, line, \"offset\", length) SELECT id, 1, 'says [otherwise](1)', source, line, \"offset\", length FROM finding WHERE rule = 'HC-MANY'")
x = sarif(model)
t("further records of a finding are related locations", all(r["relatedLocations"][0]["message"]["text"] == "says [otherwise]\\(1)" for r in x["runs"][0]["results"] if r["ruleId"] == "HC-MANY") and
  ": says [otherwise](1)\n" in run("findings", "-v", case=model).stdout and json.loads(run("findings", "-f", "json", case=model).stdout)[1]["places"][0]["what"] == "says [otherwise](1)")
found = problems(x)
seen, lined, wrong = wrong_places(model, {"runs": [dict(x["runs"][0], results=x["runs"][0]["results"][:400])]})
t("ten thousand findings are ten thousand results", not found and sum(r["ruleId"] == "HC-MANY" for r in x["runs"][0]["results"]) == 10000 and not wrong)
open(base, "w").write(json.dumps(x))
t("and all of them are known by a baseline", run("findings", "--baseline", base, "--fail-on", "note", "-q", case=model).returncode == 0)
shutil.rmtree(os.path.join(model, "evidence"))
x = sarif(model)
t("where the evidence is not there the bytes are given alone", not problems(x) and all("startLine" not in p["physicalLocation"].get("region", {})
  for r in x["runs"][0]["results"] for p in locations(r) if "physicalLocation" in p))

# A finding at every place that any golden case cites.
total = lines = 0
every = []
for name in sorted(os.listdir(os.path.join(src, "tests", "golden"))):
    case = imported(os.path.join("tests", "golden", name), "golden-" + name)
    with sqlite3.connect(os.path.join(case, "hindcast.db")) as db:
        db.execute("DELETE FROM finding_event")
        db.execute("DELETE FROM finding")
        db.execute("INSERT INTO finding(rule, key, level, title, message, source, line, \"offset\", length) SELECT 'P', 'P ' || row_number() OVER (), 'note', 'p', 'p', source, line, "
                   "\"offset\", length FROM (SELECT source, line, \"offset\", length FROM event UNION ALL SELECT source, line, \"offset\", length FROM state "
                   "UNION ALL SELECT source, line, \"offset\", length FROM reject UNION ALL SELECT source, line, \"offset\", length FROM witness)")
    x = sarif(case)
    every += problems(x)
    seen, lined, wrong = wrong_places(case, x)
    total, lines = total + seen, lines + lined
    every += [f"{name}: {w}" for w in wrong] + [f"{name}: {h}" for h in wrong_hashes(case, x)]
t(f"every place of the golden cases is the right bytes: {total} cut, {lines} of them by lines too", not every and total > 1000 and lines > 1000)
print(*every[:10], sep="\n", end="\n" if every else "")
sys.exit(1 if bad else 0)
