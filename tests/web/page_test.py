# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""The browser's decoder and its page, in Node.js and in headless Chromium, against the native tools.

    MCNC=build/check/tools/mcnc python3 tests/web/page_test.py SITE [--screenshots FOLDER]

SITE is what tools/web/build made. Ends with 77, and says why, where node or chromium is missing.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import models
from browser import Failed
from chromium import Chromium
from server import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VECTORS = ROOT / "conformance" / "vectors"
MCNC = os.environ["MCNC"]
LARGE = [12_800, 2048]  # float32: 105 MB
HUGE = [525_000, 1024]  # 2.15 GB


def native(*arguments):
    return subprocess.run([MCNC, *map(str, arguments)], capture_output=True, text=True)


def expect(condition, what):
    if not condition:
        raise Failed(what)


def base_options(bases):
    return [option for base in bases for option in ("--base", base)]


def judged(files):
    """[{file, error}]: what `mcnc verify` says of each, null where it is well. One that only lacks a base model is well, as
    far as a page can tell."""
    answer = json.loads(native("verify", "--json", "--threads", "1", *files).stdout)
    verdicts = [{"file": each["file"], "bases": [], "error": each.get("error")} for each in answer["files"]]
    for verdict in verdicts:
        if verdict["error"] and verdict["error"]["name"] == "base":
            verdict["error"] = None
    return verdicts


def judged_with_bases():
    """The same of every vector that has base models, with them. error is {} where the base models themselves are refused,
    before `mcnc verify` has an answer."""
    verdicts = []
    for case in sorted(VECTORS.glob("*/*/case.json")):
        names = json.loads(case.read_text(encoding="utf-8")).get("bases", [])
        if names:
            bases = [str(case.parent / name) for name in names]
            file = case.parent / "model.mcnc"
            answer = native("verify", "--json", "--threads", "1", *base_options(bases), file).stdout
            error = json.loads(answer)["files"][0].get("error") if answer else {}
            verdicts.append({"file": str(file), "bases": bases, "error": error})
    return verdicts


def run_node(site, folder, invalid, valid, huge, based):
    verified = judged([*invalid, *valid])
    with_bases = judged_with_bases()
    bases_of = {each["file"]: each["bases"] for each in with_bases}
    decoded = []
    for path in valid:
        out = folder / f"{path.parent.name}.safetensors"
        bases = bases_of.get(str(path), [])
        if native("decode", *base_options(bases), path, "-o", out).returncode == 0:
            decoded.append({"file": str(path), "bases": bases, "safetensors": str(out)})
    expected = folder / "expected.json"
    expected.write_text(json.dumps({"verified": [*verified, *with_bases], "decoded": decoded, "based": based,
                                    "large": str(huge)}), encoding="utf-8")
    subprocess.run(["node", ROOT / "tests" / "web" / "package_test.mjs", site, expected], check=True)
    return verified


def model_with_base(folder):
    """A model that starts from another one: {file, bases, safetensors: the same base, other: no base of it}."""
    case = VECTORS / "valid" / "base_f32"
    safetensors = folder / "the-base.safetensors"
    expect(native("decode", case / "base.mcnc", "-o", safetensors).returncode == 0, "decode of a base")
    return {"file": str(case / "model.mcnc"), "bases": [str(case / "base.mcnc")], "safetensors": str(safetensors),
            "other": str(VECTORS / "valid" / "base_bf16" / "base.mcnc")}


def shown(page):
    """The verdict of the page about a file that was chosen: {} or what it says is wrong."""
    return page.evaluate("""(() => {
      const error = document.getElementById('error');
      if (!error.hidden) return {rule: error.dataset.rule, offset: error.dataset.offset, name: error.dataset.code,
                                 message: error.querySelector('.sentence').textContent, text: error.innerText};
      return document.getElementById('verified')?.dataset.done === 'right' ? {} : null;
    })()""")


def idle(page):
    """Waits until the page has done what it began: its buttons can be pressed."""
    page.wait("[...document.querySelectorAll('#model button')].every((button) => !button.disabled)")


def choose(page, path, how=None):
    """Chooses the file and waits for the verdict. how: other than by `choose_file`."""
    page.evaluate("document.getElementById('error').hidden = true; document.getElementById('model').replaceChildren();"
                  "document.getElementById('file').value = ''")
    (how or page.choose_file)(path)
    page.wait("!document.getElementById('error').hidden || document.getElementById('verified')?.dataset.done")
    return shown(page)


def check_invalid(page, verdicts):
    """Each gives its rule and byte in words, as the native decoder does."""
    wrong = [each for each in verdicts if each["error"]]
    for each in wrong:
        error = each["error"]
        seen = choose(page, each["file"])
        expect(seen and seen["name"] == error["name"] and seen["rule"] == error.get("rule", "") and
               seen["offset"] == str(error.get("offset", "")), f"{each['file']}: {seen}, not {error}")
        expect(seen["rule"] in seen["text"] and error["name"] in seen["text"] and len(seen["message"]) > 10, seen["text"])
    return len(wrong)


def check_ranges(page, path):
    """The page explains the same bytes as `mcnc dump`."""
    choose(page, path)
    page.evaluate("document.querySelector('details').open = true")
    page.wait("document.querySelector('#ranges tbody tr') !== null")
    rows = page.evaluate("[...document.querySelectorAll('#ranges tbody tr')].map((row) => [...row.cells].map((c) => c.textContent))")
    wanted = json.loads(native("dump", "--json", path).stdout)["ranges"]
    expect([[row[0].replace(",", ""), *row[2:]] for row in rows] ==
           [[str(each["offset"]), each["what"], each["first_bytes"], each["note"]] for each in wanted],
           f"{path}: other ranges than mcnc dump")


def check_model(page, path):
    info = json.loads(native("info", "--json", path).stdout)
    expect(choose(page, path) == {}, f"{path} is not right")
    text = page.evaluate("document.getElementById('model').innerText")
    for word in ("layer.weight", "A model for tests", info["weights_identity"], info["file_digest"], "525", "integer"):
        expect(word in text, f"{word} is not shown")
    idle(page)
    page.evaluate("document.querySelector('#model button[aria-label^=Histogram]').click()")
    label = page.wait("document.querySelector('#histogram svg')?.getAttribute('aria-label')")
    expect("Histogram of layer.weight" in label and "mean" in label, label)


def check_hands(page, small, invalid):
    """Dropping, clicking and the keyboard, as a person has them."""
    expect(choose(page, small, lambda path: page.drop(".drop", path)) == {}, "a dropped file")
    expect(choose(page, small, lambda path: page.drop("h1", path)) == {}, "a file that is dropped beside the frame")
    expect(choose(page, invalid, lambda path: page.drop(".drop", path)).get("rule"), "a dropped file that is wrong")
    expect(not page.evaluate("document.body.classList.contains('dragging')"), "the frame is still marked")
    expect(choose(page, small, lambda path: page.answer_dialog(lambda: page.click("#file"), path)) == {}, "a click")

    def by_keyboard(path):
        page.evaluate("document.activeElement.blur()")
        for _ in range(40):  # from where the mouse was
            page.press("Tab", 9)
            if page.evaluate("document.activeElement.id") == "file":
                break
        page.answer_dialog(lambda: page.press("Enter", 13), path)

    expect(choose(page, small, by_keyboard) == {}, "the keyboard")
    idle(page)
    page.evaluate("document.getElementById('verified').dataset.done = ''")
    page.click("#verify")
    page.wait("document.getElementById('verified').dataset.done === 'right'")


def give(page, how):
    """Gives base models and waits for the verdict."""
    idle(page)
    page.evaluate("document.getElementById('error').hidden = true; document.getElementById('verified').dataset.done = ''")
    how()
    page.wait("!document.getElementById('error').hidden || document.getElementById('verified').dataset.done")
    return shown(page)


def check_bases(page, based, url):
    """A model that starts from another one, which is missing, wrong, and given in every way. url: of the base model."""
    [base] = based["bases"]
    for how in (lambda: page.choose_file(base, "#base-files"), lambda: page.choose_file(based["safetensors"], "#base-files"),
                lambda: page.drop("#bases", base), lambda: page.drop("h1", based["safetensors"]),
                lambda: page.evaluate(f"document.getElementById('base-url').value = {json.dumps(url)};"
                                      "document.querySelector('#bases form').requestSubmit()")):
        expect(choose(page, based["file"]) == {}, "without its base")
        expect("without its base models" in page.evaluate("document.getElementById('verified').textContent"), "without base")
        seen = give(page, lambda: page.choose_file(based["other"], "#base-files"))
        expect(seen and "none of those given" in seen["message"], f"another model as base: {seen}")
        seen = give(page, how)
        expect(seen == {}, f"with its base: {seen}")
        said = page.evaluate("document.getElementById('verified').textContent")
        expect("Every digest is right" in said, said)
    idle(page)
    page.evaluate("document.querySelector('#model button[aria-label^=Histogram]').click()")
    page.wait("document.querySelector('#histogram svg') !== null")
    choose(page, based["file"])
    idle(page)
    page.evaluate("document.querySelector('#model button[aria-label^=Histogram]').click()")
    page.wait("!document.getElementById('error').hidden")
    seen = shown(page)
    expect(seen["name"] == "base" and "base model" in seen["message"], f"no base: {seen}")
    return seen["message"]


def check_access(page):
    """Everything that can be used has a name, and a keyboard reaches it."""
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    for node in nodes:
        role = node.get("role", {}).get("value")
        if not node.get("ignored") and role in ("button", "textbox", "img", "progressbar", "table", "region", "DisclosureTriangle"):
            expect(node.get("name", {}).get("value"), f"a {role} has no name")
    idle(page)
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(12):
        page.press("Tab", 9)
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    expect({"file", "url", "Open", "verify", "download"} <= reached, f"the Tab key reaches {reached}")
    page.evaluate("document.getElementById('verified').dataset.done = ''; document.getElementById('verify').focus()")
    page.press("Enter", 13)
    page.wait("document.getElementById('verified').dataset.done === 'right'")


def contrast(page):
    """The least contrast of the page's colours of text on its background, as WCAG counts it."""
    return page.evaluate("""(() => {
      const style = getComputedStyle(document.documentElement);
      const light = (name) => {
        const hex = style.getPropertyValue(name).trim().slice(1);
        const [r, g, b] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
      return Math.min(...['--text', '--quiet', '--bad', '--good', '--accent'].map((name) => ratio(name, '--back')),
                      ratio('--on-accent', '--accent'), ratio('--quiet', '--back'));
    })()""")


def open_url(page, url):
    page.evaluate("document.getElementById('error').hidden = true; document.getElementById('model').replaceChildren()")
    page.evaluate(f"document.getElementById('url').value = {json.dumps(url)};"
                  "document.getElementById('from-url').requestSubmit()")
    page.wait("!document.getElementById('error').hidden || document.getElementById('verify') !== null")
    if page.evaluate("document.getElementById('error').hidden"):
        idle(page)
        page.evaluate("document.getElementById('verify').click()")
        page.wait("document.getElementById('verified').dataset.done")
    return shown(page)


def check_urls(page, site, open_server, closed_server):
    expect(open_url(page, site.url + "files/large.mcnc") == {}, "the same server")
    expect(open_url(page, open_server.url + "large.mcnc") == {}, "another server that allows it")
    for url, words in ((closed_server.url + "large.mcnc", "CORS"), (open_server.url + "bad-ranges/large.mcnc", "HTTP ranges"),
                       (site.url + "bad-change/files/large.mcnc", "was changed while it was read"),
                       (site.url + "none.mcnc", "404"), ("http://127.0.0.1:1/x.mcnc", "cannot be reached"),
                       (site.url + "index.html", "not a .mcnc file")):
        seen = open_url(page, url)
        expect(seen and words in seen["message"], f"{url}: {seen}, not {words}")


def check_changes(page, folder, small):
    """A file that changes on the disk while it is open."""
    path = folder / "changing.mcnc"
    path.write_bytes(small.read_bytes())
    choose(page, path)
    page.evaluate("""(async () => {
      const {open} = await import('./package/mcnc.js');
      globalThis.changing = await open(document.getElementById('file').files[0]);
    })()""")
    time.sleep(1.1)  # browsers compare times of files in seconds
    path.write_bytes(b"x" * 100)
    message = page.evaluate("changing.verify().then(() => 'verified', (error) => error.message)")
    expect("changed" in message, message)


def check_huge(page, path):
    """More bytes than a module of 32 bits can hold: shown all the same."""
    page.choose_file(path)
    page.wait("document.getElementById('model').innerText.includes('537,600,000 weights')")


def time_to_show(page, url, small):
    """Milliseconds from choosing a file of 4 kB until its tensors are shown, of a page that has just been loaded."""
    page.go(url)
    page.evaluate("""
      performance.clearMarks('shown');
      document.getElementById('file').addEventListener('change', () => performance.mark('chosen'), {capture: true})""")
    page.choose_file(small)
    page.wait("performance.getEntriesByName('shown').length > 0")
    return page.evaluate("performance.getEntriesByName('shown')[0].startTime - performance.getEntriesByName('chosen')[0].startTime")


def speed(page, path):
    """(page, native): bytes of weights that are verified in a second of the processor's, by one thread, the better of
    three each. What else the machine does meanwhile counts as little as it can."""
    native_seconds = []
    for _ in range(3):
        begin = resource.getrusage(resource.RUSAGE_CHILDREN)
        expect(native("verify", "--threads", "1", path).returncode == 0, "native verify")
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        native_seconds.append(end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime)
    choose_only(page, path)
    idle(page)
    page_seconds = []
    for _ in range(4):  # the first one compiles
        page.evaluate("""(async () => {
          const {open} = await import('./package/mcnc.js');
          globalThis.measured ??= await open(document.getElementById('file').files[0]);
        })()""")
        begin = page.cpu_seconds()
        page.evaluate("(async () => { for (let i = 0; i < 5; ++i) await measured.verify(); })()")
        page_seconds.append((page.cpu_seconds() - begin) / 5)  # the system counts in hundredths of a second
    page.evaluate("measured.close()")
    size = 4 * LARGE[0] * LARGE[1]
    return size / min(page_seconds), size / min(native_seconds)


def choose_only(page, path):
    page.choose_file(path)
    page.wait("document.getElementById('verify') !== null")


class Stage:
    """A copy of the site in a folder of its own, with models that the page opens under files/. Use as a context manager."""

    def __init__(self, site):
        self.scratch = tempfile.TemporaryDirectory(prefix="mcnc-page-")
        self.folder = pathlib.Path(self.scratch.name)
        self.site = self.folder / "site"
        shutil.copytree(site, self.site)
        self.files = self.site / "files"
        self.files.mkdir()
        self.small = models.make(MCNC, self.files / "small.mcnc", [525, 512])
        self.large = models.make(MCNC, self.files / "large.mcnc", LARGE)
        self.based = model_with_base(self.folder)
        shutil.copy(self.based["bases"][0], self.files / "base.mcnc")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.scratch.cleanup()

    def servers(self):
        """Of the site, then of the files for other sites: one that lets them read, one that does not."""
        return Server(self.site), Server(self.files, True), Server(self.files)


def check_quick(page, site, small):
    """A small model is shown at once."""
    milliseconds = min(time_to_show(page, site.url, small) for _ in range(3))
    print(f"a model of {small.stat().st_size} bytes is shown after {milliseconds:.0f} ms")
    expect(milliseconds < 200, "that is 200 ms or more")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("site", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    for program in ("node", "chromium"):
        if shutil.which(program) is None:
            print(f"page_test: {program} is missing, nothing was tested")
            return 77
    with Stage(options.site) as stage:
        folder, small, based = stage.folder, stage.small, stage.based
        huge = models.make(MCNC, stage.files / "huge.mcnc", HUGE)
        invalid = sorted(VECTORS.glob("invalid/*/model.mcnc"))
        valid = sorted(VECTORS.glob("valid/*/model.mcnc"))
        verdicts = run_node(options.site, folder, invalid, valid, huge, based)
        site, allows, denies = stage.servers()
        with site, allows, denies, Chromium("chromium") as page:
            check_quick(page, site, small)
            check_model(page, small)
            check_access(page)
            check_hands(page, small, VECTORS / "invalid" / "segment.digest_raw" / "model.mcnc")
            print(f"of a missing base model the page says: {check_bases(page, based, site.url + 'files/base.mcnc')}")
            check_model(page, small)
            for dark in (False, True):
                picture = (options.screenshots or folder) / ("page-dark.png" if dark else "page.png")
                page.screenshot(picture, dark)
                expect(contrast(page) >= 4.5, f"contrast {contrast(page):.1f}")
            expect(not page.complaints, page.complaints)
            print(f"{check_invalid(page, verdicts)} invalid files are refused with their rule and byte")
            for path in (small, VECTORS / "invalid" / "segment.digest_raw" / "model.mcnc",
                         VECTORS / "invalid" / "manifest.flatbuffer_no_segment_digest" / "model.mcnc"):
                check_ranges(page, path)
            expect(not page.complaints, page.complaints)
            check_huge(page, huge)
            check_changes(page, folder, small)
            inside, outside = speed(page, stage.large)
            print(f"verify: {inside / 1e6:.0f} MB/s in the page, {outside / 1e6:.0f} MB/s native: {inside / outside:.2f} of it")
            # SHA-256 takes most of it, for which processors have instructions and WebAssembly has not.
            expect(inside >= 0.15 * outside, "that is too slow")
            check_urls(page, site, allows, denies)
    print("the page is right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
