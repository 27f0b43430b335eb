"""report.py DIRECTORY [BROWSER]: looks at the reports that isobit_report_samples wrote there.

Every page and every drawing must be well-formed XML without scripts, handlers of events, or addresses of
anything outside. With BROWSER, a Chromium, the pages are loaded, on a desk and on a phone: what shows
must be what the study says, with no error on the console and no request beyond the file itself.
"""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

PAGES = {  # its variants, runs and panels of learning curves
    "placements": (13, 130, 13),
    "gaps": (13, 130, 13),
    "rates": (3, 15, 3),
    "hostile": (10, 30, 10),
}
HOSTILE_TITLE = "<script>document.title='stolen'</script>"
XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


def check(condition, *what):
    if not condition:
        sys.exit("FAILED: " + " ".join(str(part) for part in what))


# Without a browser.


def check_element(path, element):
    check(element.tag.startswith((XHTML, SVG)), path, element.tag)
    check(element.tag.partition("}")[2] not in ("script", "iframe", "object", "foreignObject"), path,
          element.tag)
    for name, value in element.attrib.items():
        check(not name.lower().startswith("on"), path, name)
        if name in ("src", "href") or name.endswith("}href"):
            check(value == "data:,", path, name, value)
    if element.tag in (XHTML + "style", SVG + "style"):
        check("url(" not in element.text and "@import" not in element.text, path, "style")


def check_ids(path, root):
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    check(len(ids) == len(set(ids)), path, "ids that stand twice")
    for element in root.iter(SVG + "svg"):
        check(element.get("role") == "img", path, "a drawing without role")
        for name in element.get("aria-labelledby").split():
            check(name in ids, path, "no", name)


def check_files(directory):
    files = sorted(directory.glob("*.html")) + sorted(directory.glob("*.svg"))
    for path in files:
        root = xml.parse(path).getroot()
        for element in root.iter():
            check_element(path, element)
        check_ids(path, root)
    check(len(files) == len(PAGES) * 6, len(files), "files")  # a page and five drawings each
    for name in PAGES:
        answer = json.loads((directory / f"{name}.json").read_text())["answer"]
        lines = (directory / f"{name}-answer.txt").read_text()
        check(answer == lines.replace("\n", " "), name, "two answers")
    for name, (variants, runs, _) in PAGES.items():
        for kind, rows in (("results", runs), ("summary", variants)):
            with open(directory / f"{name}-{kind}.csv", newline="", encoding="utf-8",
                      errors="surrogateescape") as file:
                table = list(csv.reader(file, strict=True))
            check(len(table) == rows + 1, name, kind, len(table), "rows")
            check({len(row) for row in table} == {len(table[0])}, name, kind, "ragged")
    return len(files)


# With one.


class Browser:
    """Chromium's DevTools protocol over a pipe: JSON, each message ended by a NUL."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.to = os.pipe()
        self.source, to_write = os.pipe()
        saved = [os.dup(fd) for fd in (to_read, to_write)]  # beyond 3 and 4, whatever they were

        def arrange():
            os.dup2(saved[0], 3)
            os.dup2(saved[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", "--user-data-dir=" + self.profile.name, "about:blank"],
            preexec_fn=arrange, close_fds=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for fd in (to_read, to_write, *saved):
            os.close(fd)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(domain + ".enable")

    def receive(self):
        while b"\0" not in self.buffer:
            more = os.read(self.source, 1 << 16)
            check(more, "the browser ended")
            self.buffer += more
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                check("result" in answer, method, answer)
                return answer["result"]
            self.events.append(answer)

    def load(self, url):
        self.events = []
        self.call("Page.navigate", url=url)
        end = time.monotonic() + 60
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            check(time.monotonic() < end, url, "was not loaded in a minute")
            self.events.append(self.receive())

    def ask(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        check("exceptionDetails" not in answer, expression, answer)
        return answer["result"].get("value")

    def complaints(self, url):
        """Requests beyond `url`, and what stands on the console."""
        self.ask("1")  # events so far have arrived
        found = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent":
                if params["request"]["url"] not in (url, "data:,"):
                    found.append("request " + params["request"]["url"])
            elif method == "Log.entryAdded":
                found.append("log " + params["entry"]["text"])
            elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
                found.append(method + json.dumps(params)[:200])
        return found

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.profile.cleanup()


def look_out(browser, directory):
    """A page that breaks the rules has to be seen to do so."""
    bad = directory / "bad-page"
    bad.write_text("<!DOCTYPE html><title>x</title><img src='http://127.0.0.1:9/x.png'>"
                   "<script>console.error('seen')</script>")
    bad = bad.rename(bad.with_suffix(".htm"))
    browser.load(bad.as_uri())
    found = " ".join(browser.complaints(bad.as_uri()))
    check("http://127.0.0.1:9/x.png" in found and "seen" in found, "the look-out is blind:", found)


def check_page(browser, path, name, width):
    variants, runs, panels = PAGES[name]
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1,
                 mobile=width < 600)
    browser.load(path.as_uri())
    seen = browser.ask("""({
        title: document.title,
        heading: document.querySelector('h1').textContent,
        ranked: document.querySelectorAll('#table tbody tr').length,
        best: document.querySelectorAll('#table tbody tr.best').length,
        runs: document.querySelectorAll('#runs tbody tr').length,
        experiments: document.querySelectorAll('#repeat details').length,
        shown: [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width)
                                                    .map(s => s.classList[1]),
        narrowest: Math.min(...[...document.querySelectorAll('svg')]
            .map(s => s.getBoundingClientRect()).filter(b => b.width).map(b => b.width)),
        rows: [...document.querySelectorAll('#means svg')]
            .filter(s => s.getBoundingClientRect().width)[0].querySelectorAll('text.label').length,
        panels: [...document.querySelectorAll('#curves svg')]
            .filter(s => s.getBoundingClientRect().width)[0].querySelectorAll('text.label').length,
        touching: [...document.querySelectorAll('svg')]
            .filter(s => s.getBoundingClientRect().width).flatMap(s => {
                const texts = [...s.querySelectorAll('text')].map(t => [t, t.getBBox()]);
                return texts.filter(([t, b]) => b.x < -1 || b.y < -1 ||
                        b.x + b.width > s.viewBox.baseVal.width + 1 ||
                        b.y + b.height > s.viewBox.baseVal.height + 1 ||
                        texts.some(([u, c]) => u != t && b.x < c.x + c.width &&
                            c.x < b.x + b.width && b.y + 3 < c.y + c.height - 3 &&
                            c.y + 3 < b.y + b.height - 3))
                    .map(([t, b]) => t.textContent);
            }),
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        answer: [...document.querySelectorAll('#answer p')].map(p => p.textContent).join('\\n'),
        scripts: document.scripts.length,
    })""")
    where = (name, width)
    title = HOSTILE_TITLE if name == "hostile" else seen["heading"]
    check(seen["heading"] == title and seen["title"] == title + ": a study", *where, seen["title"])
    check(seen["ranked"] == variants and seen["best"] == 1, *where, "ranked", seen["ranked"])
    check(seen["runs"] == runs and seen["experiments"] == variants, *where, "runs", seen["runs"])
    check(seen["rows"] == variants and seen["panels"] == panels, *where, seen["rows"], seen["panels"])
    kind = "narrow" if width < 600 else "wide"
    check(len(seen["shown"]) >= 3 and set(seen["shown"]) == {kind}, *where, seen["shown"])
    check(seen["narrowest"] > min(width, 900) - 40, *where, "a plot of", seen["narrowest"])
    check(not seen["touching"] or name == "hostile", *where, "texts that touch or stick out:",
          seen["touching"])
    check(seen["overflow"] <= 0, *where, "scrolls sideways by", seen["overflow"])
    check(seen["scripts"] == 0, *where, "scripts")
    answer = path.with_name(name + "-answer.txt").read_text()
    check(seen["answer"] == answer, *where, "another answer:", seen["answer"])
    found = browser.complaints(path.as_uri())
    check(not found, *where, found)


def main():
    directory = pathlib.Path(sys.argv[1]).resolve()
    print(check_files(directory), "files are well-formed, and need nothing else")
    if len(sys.argv) < 3:
        return
    browser = Browser(sys.argv[2])
    try:
        look_out(browser, directory)
        for name in PAGES:
            for width in (1000, 390):
                check_page(browser, directory / f"{name}.html", name, width)
    finally:
        browser.close()
    print(len(PAGES), "pages show in a browser what they should, wide and narrow")


main()
