# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Headless Firefox, driven by its Marionette protocol over a socket of the loopback interface."""

import base64
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from browser import Browser, Failed

KEYS = {"Tab": "\ue004", "Enter": "\ue007"}  # as WebDriver numbers them
START_SECONDS = 120


class Firefox(Browser):
    """One page, with those functions of Chromium that do not need its DevTools. Use as a context manager."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(prefix="mcnc-firefox-")
        profile = pathlib.Path(self.profile.name)
        # Port 0: any that is free; the browser writes which into its profile. The others keep it from the network.
        preferences = {"marionette.port": 0, "app.update.disabledForTesting": True, "browser.shell.checkDefaultBrowser": False,
                       "datareporting.policy.dataSubmissionEnabled": False, "network.captive-portal-service.enabled": False,
                       "network.connectivity-service.enabled": False, "remote.prefs.recommended": True}
        (profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()), encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", profile, "--marionette", "--width=1200", "--height=900",
             "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"})
        self.rest = b""
        self.last = 0
        try:
            self.socket = self.connect(profile / "MarionetteActivePort")
            self.receive()  # greets
            self.call("WebDriver:NewSession", capabilities={"alwaysMatch": {"timeouts": {"script": 120_000}}})
        except Exception:
            self.process.kill()
            raise

    def connect(self, port_file):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", int(port_file.read_text())), 300)
            except (OSError, ValueError):  # not yet
                time.sleep(0.1)
        raise Failed("Firefox did not start")

    def __exit__(self, *_):
        self.socket.close()
        super().__exit__()

    def receive(self):
        """A message: the number of its bytes in decimal, a colon, JSON."""
        while True:
            length, colon, rest = self.rest.partition(b":")
            if colon and len(rest) >= int(length):
                self.rest = rest[int(length):]
                return json.loads(rest[:int(length)])
            more = self.socket.recv(1 << 20)
            if not more:
                raise Failed("the browser ended")
            self.rest += more

    def call(self, method, **parameters):
        self.last += 1
        message = json.dumps([0, self.last, method, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self.receive()
        if error:
            raise Failed(f"{method}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def evaluate(self, expression):
        """The value of JavaScript; promises are waited for. Statements, which have no value, end with semicolons, except
        those in a function that is called at once."""
        text = expression.strip()
        body = f"return ({text.rstrip(';')});" if text.startswith("(") or ";" not in text else text
        answer = self.call("WebDriver:ExecuteAsyncScript", args=[], script=f"""
            const done = arguments[arguments.length - 1];
            (async () => {{ {body} }})().then((value) => done({{value}}), (error) => done({{error: String(error)}}));""")
        if "error" in answer:
            raise Failed(f"{expression}: {answer['error']}")
        return answer.get("value")

    def go(self, url):
        self.call("WebDriver:Navigate", url=url)

    def element(self, selector):
        return next(iter(self.call("WebDriver:FindElement", using="css selector", value=selector).values()))

    def choose_file(self, path, selector="#file"):
        self.call("WebDriver:ElementSendKeys", id=self.element(selector), text=str(path))

    def click(self, selector):
        self.call("WebDriver:ElementClick", id=self.element(selector))

    def press(self, key, _):
        self.call("WebDriver:PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": KEYS[key]}, {"type": "keyUp", "value": KEYS[key]}]}])

    def drop(self, selector, *paths):
        """Lets files go over an element: an event made by a script, as the protocol has no other."""
        files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in map(pathlib.Path, paths)]
        self.evaluate(f"""(() => {{
          const data = new DataTransfer();
          for (const [name, text] of {json.dumps(files)}) {{
            data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
          }}
          for (const kind of ['dragenter', 'dragover', 'drop']) {{
            document.querySelector({json.dumps(selector)}).dispatchEvent(
                new DragEvent(kind, {{dataTransfer: data, bubbles: true, cancelable: true}}));
          }}
        }})()""")

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.call("WebDriver:TakeScreenshot", full=False)))
