# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The decoder under test, asked about a batch of cases at a time."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import time

from runner.decoder import MAX_ANSWER, Process, Trouble, parse_answer

from . import ROOT

TIMEOUT = 60.0  # seconds, for one answer
MEMORY = pathlib.Path("/dev/shm")  # files there never reach a disk


class Pipe:
    def __init__(self, command, memory_mib):
        self.command = [*command, "--pipe"]
        self.memory_mib = memory_mib
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcnc-fuzz-", dir=MEMORY if MEMORY.is_dir() else None))
        self.process = None
        self.unread = bytearray()
        self.waiting = []

    def send(self, cases):
        """Writes the cases down and asks about them; answers() must follow."""
        self.waiting = []
        for number, case in enumerate(cases):
            path = self.folder / f"{number}.mcnc"
            path.write_bytes(case.data)
            request = {"id": str(number), "file": str(path), "limits": case.limits}
            if case.bases:
                request["bases"] = [str(ROOT / base) for base in case.bases]
            self.waiting.append(json.dumps(request).encode("ascii") + b"\n")
        self._ask()

    def _ask(self):
        if self.process is None:
            self.process = Process(self.command, self.memory_mib, subprocess.PIPE)
            self.unread.clear()
        try:
            self.process.popen.stdin.write(b"".join(self.waiting))
        except BrokenPipeError:
            pass  # it has ended: reading says how

    def ask(self, case):
        self.send([case])
        return next(self.answers())

    def answers(self):
        """One a case. Where there is none, class -1 says why, and another process is asked about the rest."""
        while self.waiting:
            try:
                answer = parse_answer(self._line(time.monotonic() + TIMEOUT))
            except (Trouble, ValueError) as error:
                if self.process is not None:
                    self.process.kill()
                self.process = None
                answer = {"class": -1, "code": "trouble", "message": f"{error} {getattr(error, 'stderr', '')}"}
            self.waiting.pop(0)
            if self.process is None and self.waiting:
                self._ask()
            yield answer

    def _line(self, deadline):
        while (end := self.unread.find(b"\n")) < 0:
            if len(self.unread) > MAX_ANSWER:
                raise self.process.trouble("garbage", "a line without end")
            piece = self.process.read(deadline)
            if not piece:
                raise self.process.trouble("exit", f"ended with exit code {self.process.wait(deadline)}")
            self.unread += piece
        line = bytes(self.unread[:end])
        del self.unread[:end + 1]
        return line

    def close(self):
        if self.process is not None:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
