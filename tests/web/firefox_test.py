# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""The browser's page in headless Firefox, by those checks of page_test.py that need no DevTools.

    MCNC=build/check/tools/mcnc python3 tests/web/firefox_test.py SITE [--screenshot FILE]

SITE is what tools/web/build made. Ends with 77, and says why, where firefox-esr is missing.
"""

import argparse
import pathlib
import shutil
import sys

import page_test
from firefox import Firefox
from page_test import VECTORS, expect

PROGRAM = "firefox-esr"


def check_keyboard(page):
    """The Tab key reaches what can be used, and Enter uses it."""
    page_test.idle(page)
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0);")
    reached = set()
    for _ in range(12):
        page.press("Tab", 9)
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    expect({"file", "url", "Open", "verify", "download"} <= reached, f"the Tab key reaches {reached}")
    page.evaluate("document.getElementById('verified').dataset.done = ''; document.getElementById('verify').focus();")
    page.press("Enter", 13)
    page.wait("document.getElementById('verified').dataset.done === 'right'")


def verify_seconds(page, path):
    """What the page says that checking the large file took, the better of three."""
    page_test.choose_only(page, path)
    seconds = []
    for _ in range(3):
        page_test.idle(page)
        page.evaluate("document.getElementById('verified').dataset.done = '';")
        page.click("#verify")
        page.wait("document.getElementById('verified').dataset.done === 'right'")
        said = page.evaluate("document.getElementById('verified').textContent")
        seconds.append(float(said.rsplit(" ", 2)[1]))
    return min(seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("site", type=pathlib.Path)
    parser.add_argument("--screenshot", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    if shutil.which(PROGRAM) is None:
        print(f"firefox_test: {PROGRAM} is missing, nothing was tested")
        return 77
    with page_test.Stage(options.site) as stage:
        small, based = stage.small, stage.based
        verdicts = page_test.judged(sorted(VECTORS.glob("invalid/*/model.mcnc")))
        site, allows, denies = stage.servers()
        with site, allows, denies, Firefox(PROGRAM) as page:
            page_test.check_quick(page, site, small)
            page_test.check_model(page, small)
            if options.screenshot:
                page.screenshot(options.screenshot)
            check_keyboard(page)
            expect(page_test.choose(page, small, lambda path: page.drop(".drop", path)) == {}, "a dropped file")
            page_test.check_bases(page, based, site.url + "files/base.mcnc")
            print(f"{page_test.check_invalid(page, verdicts)} invalid files are refused with their rule and byte")
            page_test.check_ranges(page, small)
            size = 4 * page_test.LARGE[0] * page_test.LARGE[1]
            print(f"verify: {size / verify_seconds(page, stage.large) / 1e6:.0f} MB/s in the page")
            page_test.check_urls(page, site, allows, denies)
    print("the page is right in Firefox")
    return 0


if __name__ == "__main__":
    sys.exit(main())
