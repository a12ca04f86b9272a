# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium, driven by its DevTools protocol over a pair of pipes."""

import base64
import json
import os
import pathlib
import subprocess
import tempfile
import time

from browser import Browser, Failed


class Chromium(Browser):
    """One page. Use as a context manager."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(prefix="mcnc-chromium-")
        read_here, write_there = os.pipe()
        read_there, write_here = os.pipe()

        def wire():
            # The browser reads commands from 3 and writes answers to 4.
            os.dup2(read_there, 10)
            os.dup2(write_there, 11)
            os.dup2(10, 3)
            os.dup2(11, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
             f"--user-data-dir={self.profile.name}", "--window-size=1200,900", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_there)
        os.close(write_there)
        self.commands = os.fdopen(write_here, "wb", buffering=0)
        self.answers = os.fdopen(read_here, "rb", buffering=0)
        self.rest = b""
        self.last = 0
        self.session = None
        self.choosers = []  # inputs of files that asked for a dialog
        self.complaints = []  # of the page's console: errors, exceptions, what the content security policy refused
        page = next(each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "DOM", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def __exit__(self, *_):
        super().__exit__()
        self.commands.close()
        self.answers.close()

    def receive(self):
        while b"\0" not in self.rest:
            more = os.read(self.answers.fileno(), 1 << 20)
            if not more:
                raise Failed("the browser ended")
            self.rest += more
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.commands.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.notice(answer)

    def notice(self, event):
        values = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(values["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif event.get("method") == "Page.fileChooserOpened":
            self.choosers.append(values["backendNodeId"])
        elif event.get("method") == "Log.entryAdded" and values["entry"]["level"] == "error":
            self.complaints.append(f"{values['entry']['text']} {values['entry'].get('url', '')}")

    def evaluate(self, expression):
        """The value of JavaScript; promises are waited for."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise Failed(f"{expression}: {result['exceptionDetails']['exception'].get('description')}")
        return result["result"].get("value")

    def cpu_seconds(self):
        """Of the processor, that the browser and all its processes have taken so far."""
        parents, seconds = {}, {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(") ")[2].split()
            except OSError:  # it has ended
                continue
            parents[int(stat.parent.name)] = int(fields[1])
            seconds[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        def is_ours(pid):
            while pid > 1 and pid != self.process.pid:
                pid = parents.get(pid, 0)
            return pid == self.process.pid

        return sum(taken for pid, taken in seconds.items() if is_ours(pid))

    def go(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def choose_file(self, path, selector="#file"):
        """As a person does in the dialog of an <input type=file>, without the dialog."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def place_of(self, selector):
        """The middle of an element, which is scrolled to."""
        return self.evaluate(f"""(() => {{
          const element = document.querySelector({json.dumps(selector)});
          element.scrollIntoView({{block: 'center'}});
          const box = element.getBoundingClientRect();
          return {{x: box.x + box.width / 2, y: box.y + box.height / 2}};
        }})()""")

    def click(self, selector):
        """With the mouse."""
        place = self.place_of(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def drop(self, selector, *paths):
        """Drags files over an element and lets them go."""
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        place = self.place_of(selector)
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, data=data, **place)

    def answer_dialog(self, ask, path):
        """ask(): lets the page ask for a file, in a dialog, in which this one is chosen."""
        self.choosers.clear()
        self.call("Page.setInterceptFileChooserDialog", enabled=True)
        ask()
        end = time.monotonic() + 10
        while not self.choosers and time.monotonic() < end:
            self.evaluate("0")  # hears of events
            time.sleep(0.02)
        self.call("Page.setInterceptFileChooserDialog", enabled=False)
        if not self.choosers:
            raise Failed("no dialog was asked for")
        self.call("DOM.setFileInputFiles", backendNodeId=self.choosers[0], files=[str(path)])

    def press(self, key, code):
        for kind in ("rawKeyDown", "char", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **({"text": "\r"} if key == "Enter" and kind == "char" else {}))

    def screenshot(self, path, dark=False):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        picture = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(picture))
