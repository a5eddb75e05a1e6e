# SPDX-License-Identifier: Apache-2.0
# The part of browser.sh that speaks with the browser: the DevTools protocol over two pipes, JSON messages that end with NUL.
import base64, fcntl, json, os, pathlib, select, subprocess, sys, time

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --disable-extensions --remote-debugging-pipe""".split()
WIDTHS = (390, 1280)
DEADLINE = 30  # seconds for one answer

# What a page must hold whatever its text is; each gives the list of what is wrong.
CHECKS = {
    "no element has the name of another": """(() => { const seen = new Set(), twice = [];
        for (const e of document.querySelectorAll('[id]')) { if (seen.has(e.id)) twice.push(e.id); seen.add(e.id); } return twice; })()""",
    "every link inside leads somewhere": """[...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href'))
        .filter(h => !document.getElementById(decodeURIComponent(h.slice(1))))""",
    "no script, style attribute, handler or frame": """[...document.querySelectorAll('*')].filter(e => ['SCRIPT', 'IFRAME', 'OBJECT',
        'EMBED', 'FORM', 'BASE', 'LINK', 'IMG'].includes(e.tagName.toUpperCase()) || [...e.attributes].some(a => a.name == 'style' ||
        a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value))).map(e => e.outerHTML.slice(0, 80))""",
    "one title, and no level of headings is left out": """(() => { const levels = [...document.querySelectorAll('main h1, main h2, main h3, main h4, header h1')]
        .map(h => +h.tagName[1]); const bad = levels[0] != 1 ? ['first ' + levels[0]] : [];
        levels.forEach((l, i) => { if (i && (l == 1 || l > levels[i - 1] + 1)) bad.push(i + ': ' + levels[i - 1] + ' ' + l); }); return bad; })()""",
    "landmarks and a name for every section and region": """(() => { const bad = [];
        for (const s of ['header', 'nav', 'main', 'footer', 'html[lang]']) if (document.querySelectorAll(s).length != 1) bad.push(s);
        for (const e of document.querySelectorAll('section, nav, [role=region]')) { const by = e.getAttribute('aria-labelledby');
          if (!(by ? document.getElementById(by)?.textContent : e.getAttribute('aria-label'))?.trim()) bad.push(e.outerHTML.slice(0, 60)); }
        return bad; })()""",
    "the style of the page is applied": "getComputedStyle(document.querySelector('.page')).display == 'grid' ? [] : ['not applied']",
}
# The width is given: a browser of a telephone widens innerWidth to hold what is too wide.
NO_SCROLL = """(w => { const d = document.documentElement.scrollWidth; if (d <= w) return [];
    return ['scrollWidth ' + d + ' > ' + w].concat([...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll') &&
    e.getBoundingClientRect().right > w + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 90))); })(%d)"""
REACHABLE = """[...document.querySelectorAll('*')].filter(e => !(e instanceof SVGElement) && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 &&
    ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map(e => e.outerHTML.slice(0, 80))"""


class Browser:
    def __init__(self, program, profile):
        # 3 and 4 are the browser's ends; ours are moved away from them first
        (self.child_in, to), (back, self.child_out) = os.pipe(), os.pipe()
        self.to, self.back, child_in, child_out = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20) for fd in (to, back, self.child_in, self.child_out))
        for fd in (to, back, self.child_in, self.child_out):
            os.close(fd)

        def place():
            os.dup2(child_in, 3)
            os.dup2(child_out, 4)

        self.process = subprocess.Popen([program, *FLAGS, "--user-data-dir=" + profile, "about:blank"], preexec_fn=place, close_fds=False,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(child_in)
        os.close(child_out)
        self.number, self.buffer, self.events = 0, b"", []

    def message(self, until):
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], max(0, until - time.monotonic()))[0]:
                return None
            part = os.read(self.back, 1 << 16)
            if not part:
                sys.exit(3)
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, session=None, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if session:
            request["sessionId"] = session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        until = time.monotonic() + DEADLINE
        while True:
            answer = self.message(until)
            if answer is None:
                sys.exit(4)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        until = time.monotonic() + DEADLINE
        while not any(e.get("method") == method for e in self.events):
            event = self.message(until)
            if event is None:
                sys.exit(5)
            self.events.append(event)

    def listen(self, seconds):
        until = time.monotonic() + seconds
        while (event := self.message(until)) is not None:
            self.events.append(event)

    def close(self):
        try:
            self.call("Browser.close")
        except (SystemExit, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def evaluate(browser, session, expression):
    result = browser.call("Runtime.evaluate", session, expression=expression, returnByValue=True)
    return ["exception: " + result["exceptionDetails"]["text"]] if "exceptionDetails" in result else result["result"]["value"]


def said(events):
    """Everything that the page told its console, refusals of its policy among it."""
    for e in events:
        p = e.get("params", {})
        if e["method"] == "Log.entryAdded":
            yield p["entry"]["text"]
        elif e["method"] == "Runtime.consoleAPICalled":
            yield p["type"] + " " + json.dumps(p["args"])
        elif e["method"] == "Runtime.exceptionThrown":
            yield p["exceptionDetails"]["text"]
        elif e["method"] == "Page.javascriptDialogOpening":
            yield "dialog " + p["message"]


def asked(events, url):
    for e in events:
        if e["method"] == "Network.requestWillBeSent" and e["params"]["request"]["url"] != url:
            yield e["params"]["request"]["url"]


def pictures(browser, session, folder, width):
    height = evaluate(browser, session, "document.documentElement.scrollHeight")
    step = 1800 if width > 600 else 1400
    for i, top in enumerate(range(0, height, step)):
        clip = {"x": 0, "y": top, "width": width, "height": min(step, height - top), "scale": 1}
        data = browser.call("Page.captureScreenshot", session, clip=clip, captureBeyondViewport=True)["data"]
        pathlib.Path(folder, f"page-{width}-{i:02}.png").write_bytes(base64.b64decode(data))


def visit(browser, url, width, folder, report):
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(domain + ".enable", session)
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
    browser.events.clear()
    browser.call("Page.navigate", session, url=url)
    browser.wait("Page.loadEventFired")
    browser.listen(0.5)
    report(f"nothing scrolls sideways but regions, {width} px", evaluate(browser, session, NO_SCROLL % width))
    report(f"what scrolls can be reached by keyboard, {width} px", evaluate(browser, session, REACHABLE))
    if width == WIDTHS[0]:
        for name, expression in CHECKS.items():
            report(name, evaluate(browser, session, expression))
    if folder:
        pictures(browser, session, folder, width)
    report(f"the console is silent, {width} px", list(said(browser.events)))
    report(f"nothing is asked for but the page, {width} px", list(asked(browser.events, url)))
    browser.call("Target.closeTarget", targetId=target)


def main():
    program, profile, page, folder = sys.argv[1:5]
    path = pathlib.Path(page).resolve()
    bad = 0

    def report(name, wrong):
        nonlocal bad
        bad |= bool(wrong)
        print(("not ok " if wrong else "ok ") + path.name + ": " + name, flush=True)
        for line in wrong[:5]:
            print("    " + str(line))

    browser = Browser(program, profile)
    try:
        for width in WIDTHS:
            visit(browser, path.as_uri(), width, folder, report)
    finally:
        browser.close()
    sys.exit(bad)


main()
