# SPDX-License-Identifier: Apache-2.0
"""A copy of the model case in which names and words are hostile: hostile.py make EXAMPLE CASE, then hostile.py check CASE OUTPUT...

An attacker writes user names, project names, subjects and messages. None of it may become markup, a template, a terminal escape or a
formula in what we write."""
import gzip
import html.parser
import os
import re
import shutil
import sys
import xml.dom.minidom
import zipfile

NAMES = {  # all end in the letters that they stand for, so that whole-word search still finds them
    "dvolk": "<script>alert(1)</script>{{7*7}}dvolk",
    "arrapi": "\"><img src=x onerror=alert(1)>arrapi",
    "tmdbapis": "{% raw %}[x](javascript:alert(1))tmdbapis",
    "nagerapi": "evil\u202etxt`|a|b|`nagerapi",
    "pmmutils": "=cmd()\u001b[31m^e1]pmmutils",
}
SAID = {"dvolk is frozen now": "dvolk is frozen now <svg onload=alert(1)> [^e1] ![i](http://x.example/i.png) {{< raw >}}"}


def twist(text):
    for plain, hostile in list(SAID.items()):
        text = text.replace(plain, hostile)
    # names in addresses and file names stay as they are: another grammar
    for plain, hostile in NAMES.items():
        text = re.sub(rf"(?<![\w@.-]){plain}(?![\w@-])(?!\.example)", hostile.replace("\\", r"\\"), text)
    return text


def json_text(text):
    return twist(text).replace("\u001b", "\\u001b") if "\u001b" not in text else text


def make(example, case):
    shutil.copytree(example, case, ignore=shutil.ignore_patterns("hindcast.db*", "report", "notes"))
    for root, _, files in os.walk(case):
        for name in files:
            path = os.path.join(root, name)
            os.chmod(path, 0o644)
            data = open(path, "rb").read()
            if name.endswith(".sql"):
                data = twist_sql(data)
            elif name.endswith(".sql.gz"):
                data = gzip.compress(twist_sql(gzip.decompress(data)), mtime=0)
            elif name.endswith(".mbox"):
                data = twist(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            elif name.endswith(".zip"):
                twist_zip(path)
                continue
            open(path, "wb").write(data)


def twist_sql(data):
    """The dump escapes nothing of this but the escape character; JSON columns need it as an escape of their own."""
    out = []
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        fields = [json_field(f) if f.startswith("{") else twist(f) for f in line.split("\t")] if "\t" in line else [line]
        out.append("\t".join(fields))
    return "\n".join(out).encode("utf-8", "surrogateescape")


def json_field(field):
    for plain, hostile in NAMES.items():
        quoted = hostile.replace('"', '\\\\"').replace("\u001b", "\\\\u001b")
        field = re.sub(rf"(?<![\w@.-]){plain}(?![\w@-])(?!\.example)", lambda m: quoted, field)
    return field


def twist_zip(path):
    with zipfile.ZipFile(path) as old:
        members = [(i, old.read(i)) for i in old.infolist()]
    with zipfile.ZipFile(path, "w") as new:
        for info, data in members:
            text = data.decode()
            for plain, hostile in list(SAID.items()) + list(NAMES.items()):
                escaped = hostile.replace('"', '\\"').replace("\u001b", "\\u001b")
                text = re.sub(rf"(?<![\w@.-]){re.escape(plain)}(?![\w@-])(?!\.example)", lambda m: escaped, text)
            new.writestr(info, text)


class Page(html.parser.HTMLParser):
    allowed = set("""html head meta title style body a div header p h1 h2 h3 nav ol ul li main section figure figcaption svg desc defs pattern
    path rect text circle g polygon line tspan table thead tbody tr th td dl dt dd span strong em code blockquote sup abbr time footer br q b
    details summary hr wbr""".split())

    def __init__(self):
        super().__init__()
        self.bad, self.text = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in self.allowed:
            self.bad.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "style" or name == "src" or (name == "href" and not (value or "").startswith("#")):
                self.bad.append(f"<{tag} {name}={value}>")

    def handle_data(self, data):
        self.text.append(data)


def check(case, outputs):
    problems = []
    page = open(os.path.join(case, "report", "incident.html"), encoding="utf-8").read()
    parser = Page()
    parser.feed(page)
    problems += [f"incident.html holds {b}" for b in parser.bad]
    words = "".join(parser.text)
    for hostile in ("<script>alert(1)</script>{{7*7}}dvolk", "\"><img src=x onerror=alert(1)>arrapi", "<svg onload=alert(1)>"):
        if hostile not in words:
            problems.append(f"incident.html does not show {hostile!r} as text")
    svg = open(os.path.join(case, "report", "timeline.svg"), encoding="utf-8").read()
    for element in xml.dom.minidom.parseString(svg.encode()).getElementsByTagName("*"):
        if element.tagName not in ("svg", "title", "desc", "style", "defs", "pattern", "path", "rect", "text", "circle", "g", "polygon", "line"):
            problems.append(f"timeline.svg holds <{element.tagName}>")
    markdown = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
    for name, text in [("incident.md", markdown), ("incident.html", page), ("timeline.svg", svg)] + [
            (o, open(o, encoding="utf-8").read()) for o in outputs]:
        for c in sorted(set(re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text))):
            problems.append(f"{name} holds the character U+{ord(c):04X}")
    for problem in problems:
        print(problem)
    print(f"hostile: {len(words)} characters of text looked at, {len(problems)} problems")
    return 1 if problems or len(words) < 5000 else 0


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
else:
    sys.exit(check(sys.argv[2], sys.argv[3:]))
