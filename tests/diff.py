# SPDX-License-Identifier: Apache-2.0
"""What `hindcast diff` says of small dumps made for one kind of change each: diff.py HINDCAST WORKDIR. Prints one line "ok NAME" or
"not ok NAME" per question."""
import json
import os
import shutil
import subprocess
import sys

hindcast, work = sys.argv[1], sys.argv[2]
bad = 0
COLUMNS = {
    "users": ("id", "username", "name", "date_joined", "is_frozen", "totp_secret"),
    "user_emails": ("id", "user_id", "email", "transient_bounces"),
    "roles": ("id", "role_name", "user_id", "project_id"),
    "projects": ("id", "name"),
    "releases": ("id", "version", "project_id", "yanked"),
    "release_files": ("id", "filename", "sha256_digest", "release_id"),
}
BASE = {
    "users": [("u1", "ann", "Ann", "2020-01-01 00:00:00", "f", None), ("u2", "bob", "Bob", "2020-01-02 00:00:00", "f", None)],
    "user_emails": [("1", "u1", "ann@mail.example", "0")],
    "roles": [("r1", "Owner", "u1", "p1")],
    "projects": [("p1", "one")],
    "releases": [("v1", "1.0", "p1", "f")],
    "release_files": [("f1", "one-1.0.tar.gz", "aa", "v1")],
}
HEAD = "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.journals (\n);\nCREATE TABLE public.project_events (\n);\nCREATE TABLE public.file_events (\n);\n"


def t(name, holds):
    global bad
    print(("ok " if holds else "not ok ") + name)
    bad |= not holds


def field(value):
    return "\\N" if value is None else value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def dump(rows):
    out = HEAD
    for table, columns in COLUMNS.items():
        if table in rows:
            out += f"COPY public.{table} ({', '.join(columns)}) FROM stdin;\n"
            out += "".join("\t".join(map(field, row)) + "\n" for row in rows[table]) + "\\.\n\n"
    return out + "--\n-- PostgreSQL database dump complete\n--\n"


def case(name, *dumps):
    """A case of dumps (label, rows or text of a dump)."""
    path = os.path.join(work, name.replace(" ", "-"))
    os.makedirs(os.path.join(path, "evidence"))
    settings = "sources:\n"
    for i, (label, rows) in enumerate(dumps):
        with open(os.path.join(path, "evidence", f"dump{i}.sql"), "w", newline="") as f:
            f.write(rows if isinstance(rows, str) else dump(rows))
        settings += f"  - path: evidence/dump{i}.sql\n    profile: warehouse\n" + (f"    label: {label}\n" if label else "")
    open(os.path.join(path, "case.yaml"), "w").write(settings)
    subprocess.run([hindcast, "run", "-q", path], capture_output=True, check=False)
    return path


def diff(path, a="a", b="b", *more):
    return subprocess.run([hindcast, "diff", "-C", path, a, b, *more], capture_output=True, text=True)


def objects(path, a="a", b="b"):
    done = diff(path, a, b, "-f", "jsonl")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(name, **changes):
    """BASE with some rows of a table in place of its own."""
    return {**BASE, name: changes["rows"]}


def changed(name, rows):
    """The one difference between BASE and BASE with these rows."""
    path = case(f"{name} {len(os.listdir(work))}", ("a", BASE), ("b", table(name, rows=rows)))
    found = objects(path)
    assert len(found) == 1, found
    return path, found[0]


path, d = changed("users", [BASE["users"][0], ("u2", "bob", "Bob", "2020-01-02 00:00:00", "t", None)])
t("a flag that was set is told as the action that sets it", d["change"] == "changed" and d["fields"] == {"is_frozen": ["f", "t"]} and
  d["means"] == ["account-freeze"] and d["subject"] == "bob" and "is_frozen: f -> t (account-freeze)" in diff(path).stdout)
lines = [open(os.path.join(path, d[side]["source"]), "rb").read()[d[side]["offset"]:][:d[side]["length"]] for side in ("from", "to")]
t("both places lead to the bytes of the row", [line.split(b"\t")[4] for line in lines] == [b"f", b"t"] and
  all(open(os.path.join(path, d[s]["source"]), "rb").read().split(b"\n")[d[s]["line"] - 1] == line for s, line in zip(("from", "to"), lines)))
back = objects(path, "b", "a")[0]
t("the other way round the same difference is told backwards", back["fields"] == {"is_frozen": ["t", "f"]} and
  back["means"] == ["account-unfreeze"] and (back["from"], back["to"]) == (d["to"], d["from"]))
path, d = changed("users", [BASE["users"][0], ("u2", "robert", "Bob", "2020-01-02 00:00:00", "f", None)])
t("an account that was renamed has on each side the name of its own dump", d["fields"] == {"username": ["bob", "robert"]} and
  (d["from"]["subject"], d["to"]["subject"]) == ("bob", "robert"))
path, d = changed("users", [BASE["users"][0], ("u2", "bob", "Robert", "2020-01-02 00:00:00", "f", None)])
t("a change in a field that is not kept is told without it", d["change"] == "changed" and d["fields"] == {} and
  "changed (fields not kept)  bob" in diff(path).stdout and "Robert" not in diff(path).stdout and "1 changed (1 in fields not kept)" in diff(path).stdout)
path, d = changed("users", [BASE["users"][0], ("u2", "bob", "Bob", "2020-01-02 00:00:00", "f", "hush")])
t("of a secret only its presence is told", d["fields"] == {"totp": [None, "t"]} and "hush" not in diff(path).stdout)
path, d = changed("users", BASE["users"][:1])
t("a row that is gone has a place in the first dump only", d["change"] == "removed" and d["to"] is None and d["from"]["subject"] == "bob" and
  d["fields"]["username"] == ["bob", None])
path, d = changed("user_emails", [("1", "u1", "new@mail.example", "0")])
t("an address that took the place of another", d["fields"] == {"detail": ["ann@mail.example", "new@mail.example"]} and d["subject"] == "ann")
path, d = changed("roles", [("r1", "Owner", "u2", "p1")])
t("a role that changed hands", d["fields"] == {"subject": ["ann", "bob"]} and d["object"] == "one" and d["group"] == "roles")
path, d = changed("roles", [("r1", "Owner", "u1", "p1"), ("r2", "Maintainer", "u2", "p1")])
t("a role that is new", d["change"] == "added" and (d["subject"], d["object"]) == ("bob", "one") and d["fields"] == {"role": [None, "Maintainer"]})
path, d = changed("release_files", [("f1", "one-1.0.tar.gz", "bb", "v1")])
t("a file with other bytes is called by project, version and name", d["object"] == "one/1.0/one-1.0.tar.gz" and d["fields"] == {"sha256": ["aa", "bb"]})
path, d = changed("releases", [("v1", "1.0", "p1", "t")])
t("a release that was yanked", d["object"] == "one/1.0" and d["fields"] == {"yanked": ["f", "t"]})
path, d = changed("projects", [("p1", "one"), ("p2", "two")])
t("a project that is new", d["change"] == "added" and d["object"] == "two")

path = case("nothing", ("a", BASE), ("b", dump(BASE).replace("complete", "complete ")))
t("where nothing changed nothing is listed, and all is counted", objects(path) == [] and diff(path).stdout.endswith(
    "  all: 7 -> 7 rows; 7 same, 0 added, 0 removed, 0 changed\n"))
path = case("copy", ("a", BASE), ("b", BASE))
t("a copy of a dump differs in nothing", objects(path) == [] and "all: 7 -> 7 rows; 7 same" in diff(path).stdout)
path = case("order", ("a", {k: v[::-1] for k, v in BASE.items()}), ("b", BASE))
t("the order of rows does not matter", objects(path) == [])
twice = table("users", rows=BASE["users"] + [BASE["users"][1]])
path = case("twice", ("a", BASE), ("b", twice))
t("a key that is there twice is compared by content", [(d["change"], d["subject"]) for d in objects(path)] == [("added", "bob")])
short = {k: v for k, v in BASE.items() if k != "roles"}
path = case("short", ("a", BASE), ("b", short))
t("a table that one dump lacks raises the question", "note: no row of roles in evidence/dump1.sql: the table is empty, or the dump was made without it"
  in diff(path).stdout and [d["change"] for d in objects(path)] == ["removed"])
path = case("broken", ("a", BASE), ("b", dump(BASE).replace("u2\tbob\tBob", "u2\tbob")))
t("a rejected row is not passed over in silence", "note: not compared: rejected records of evidence/dump1.sql: 1" in diff(path).stdout)

# Tables that no profile knows: by id, by a column whose values are all different, or by all of a row.
UNKNOWN = {"machines": ("id", "name", "room"), "cards": ("kind", "serial", "password_hash", "room"), "moves": ("machine", "room")}


def unknown(machines, cards, moves):
    return HEAD.split("CREATE")[0] + "".join(
        f"COPY public.{table} ({', '.join(UNKNOWN[table])}) FROM stdin;\n" + "".join("\t".join(map(field, row)) + "\n" for row in rows) + "\\.\n\n"
        for table, rows in (("machines", machines), ("cards", cards), ("moves", moves))) + "--\n-- PostgreSQL database dump complete\n--\n"


path = os.path.join(work, "unknown")
os.makedirs(os.path.join(path, "evidence"))
for name, text in (("a.sql", unknown([("7", "x", "1"), ("8", "x", "1")], [("k", "s1", "hush1", "1"), ("k", "s2", "hush2", "1")], [("7", "1"), ("7", "1"), ("7", "2")])),
                   ("b.sql", unknown([("8", "y", "1"), ("7", "x", "1")], [("k", "s2", "hush2", "9"), ("k", "s1", "other", "1"), ("k", "s3", None, "1")], [("7", "1"), ("7", "2"), ("8", "2")]))):
    open(os.path.join(path, "evidence", name), "w").write(text)
subprocess.run([hindcast, "run", "-q", path], capture_output=True, check=False)
found = objects(path, "evidence/a.sql", "evidence/b.sql")
text = diff(path, "evidence/a.sql", "evidence/b.sql").stdout
t("tables that no profile knows are compared by the column that tells their rows apart", [(d["table"], d["change"], d["detail"], d["fields"]) for d in found] == [
    ("cards", "added", "serial s3", {"kind": [None, "k"], "room": [None, "1"], "serial": [None, "s3"]}), ("cards", "changed", "serial s2", {"room": ["1", "9"]}),
    ("machines", "changed", "id 8", {"name": ["x", "y"]}), ("moves", "added", None, {"machine": [None, "8"], "room": [None, "2"]}),
    ("moves", "removed", None, {"machine": ["7", None], "room": ["1", None]})])
t("with how it was done, and no secret", "hush" not in text and "other" not in text.replace("another", "") and
  "note: no profile knows cards: its rows are told apart by serial, of which no two rows of a dump have the same; columns that sound like a secret are not compared" in text and
  "note: no profile knows moves: of its rows none is a changed one, for no column tells them apart" in text)
t("and both ways", [(d["change"], d["detail"]) for d in objects(path, "evidence/b.sql", "evidence/a.sql")] == [
    ("removed", "serial s3"), ("changed", "serial s2"), ("changed", "id 8"), ("added", None), ("removed", None)])

path = case("one", ("a", BASE))
done = diff(path)
t("with one dump the other label is an error that names what there is", done.returncode == 2 and "no dump is called 'b'; there are 'a'" in done.stderr)
path = case("unlabelled", ("a", BASE), ("a", twice), (None, short))
done = diff(path, "a", "evidence/dump2.sql")
t("a label of two dumps is refused, with their paths", done.returncode == 2 and "evidence/dump0.sql, evidence/dump1.sql" in done.stderr)
t("a path names a dump as well", [d["table"] for d in objects(path, "evidence/dump0.sql", "evidence/dump2.sql")] == ["roles"])
t("one label, three labels or another form are refused", all(subprocess.run([hindcast, "diff", "-C", path, *a], capture_output=True).returncode == 2
                                                             for a in (["a"], ["a", "b", "c"], ["a", "a", "-f", "csv"], [])))
evil = ["\x1b[31mred", "a\u202eb", "x\ny", "<script>alert(1)</script>", "=cmd()", "'; DROP TABLE state; --", "\x01x", "q\"\\"]
path = case("hostile", ("a", BASE), ("b", {**BASE, "users": BASE["users"] + [
    (f"e{i}", name, name, "2020-01-01 00:00:00", "f", None) for i, name in enumerate(evil)], "roles": BASE["roles"] + [
        (f"x{i}", name, f"e{i}", "p1") for i, name in enumerate(evil)]}))
text = diff(path).stdout
t("hostile names act on no terminal and add no line", not any(c in text for c in "\x1b\x01\u202e") and "\ny" not in text)
t("and are whole in the objects", sorted(d["subject"] for d in objects(path) if d["table"] == "users") == sorted(evil))
shutil.rmtree(path)
sys.exit(1 if bad else 0)
