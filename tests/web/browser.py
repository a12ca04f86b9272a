# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""What the browsers of the tests have in common: chromium.py and firefox.py drive one each."""

import time


class Failed(Exception):
    """What the page or the browser did wrong."""


class Browser:
    """One page. Use as a context manager. Subclasses set `process` and `profile`, the temporary folder of the browser's
    data, and have evaluate(expression), which returns the value of JavaScript after it has waited for promises."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        for _ in range(20):  # its children write for a while yet
            try:
                self.profile.cleanup()
                return
            except OSError:
                time.sleep(0.2)

    def wait(self, expression, seconds=60):
        """Until it is true; returns its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.evaluate(expression)
            if value:
                return value
            time.sleep(0.02)
        raise Failed(f"not true within {seconds} s: {expression}; the page says "
                     f"{self.evaluate('document.body.innerText')[:600]}")
