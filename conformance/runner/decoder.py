# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Drives a decoder as PROTOCOL.md says, and survives whatever it does instead."""

import json
import os
import select
import signal
import subprocess
import tempfile
import time

MAX_ANSWER = 64 << 20  # bytes
NOT_SUPPORTED_EXIT = 8


class Trouble(Exception):
    """The decoder gave no answer. `kind` is crash, hang, exit or garbage."""

    def __init__(self, kind, text, stderr=""):
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.stderr = stderr


class Process:
    """A decoder at work, in a session of its own so that whatever it starts ends with it."""

    def __init__(self, command, memory_mib, stdin):
        if memory_mib:
            command = ["sh", "-c", 'ulimit -v "$0" && exec "$@"', str(memory_mib << 10), *command]
        self.stderr = tempfile.TemporaryFile(mode="a+b")
        self.popen = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=self.stderr,
                                      start_new_session=True, bufsize=0)

    def trouble(self, kind, text):
        """Ends the process; gives what is to be raised."""
        self.kill()
        size = os.fstat(self.stderr.fileno()).st_size
        tail = os.pread(self.stderr.fileno(), 4096, max(0, size - 4096)).decode("utf-8", "replace")
        self.stderr.close()
        return Trouble(kind, text, tail)

    def read(self, deadline):
        """Some bytes of standard output; none at its end."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.popen.stdout], [], [], left)[0]:
            raise self.trouble("hang", "no answer in time")
        return os.read(self.popen.stdout.fileno(), 1 << 16)

    def wait(self, deadline):
        """The exit code. A signal is a crash."""
        try:
            code = self.popen.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise self.trouble("hang", "it does not end") from None
        if code < 0:
            raise self.trouble("crash", f"ended by {signal.Signals(-code).name}")
        return code

    def kill(self):
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()
        self.close()

    def close(self):
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream is not None:
                stream.close()


def parse_answer(line):
    """An answer in the form of the protocol, or ValueError."""
    try:
        answer = json.loads(line.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deep") from None
    if isinstance(answer, dict):
        if isinstance(answer.get("not_supported"), str):
            return answer
        if type(answer.get("class")) is int and isinstance(answer.get("code"), str):
            return answer
    raise ValueError("neither class and code nor not_supported")


def shown(data):
    """The start of what a decoder wrote, fit to print."""
    return ascii(bytes(data[:80]).decode("latin-1"))


class Pipe:
    """One process for many cases; a new one after trouble."""

    def __init__(self, command, timeout, memory_mib):
        self.command = [*command, "--pipe"]
        self.timeout = timeout
        self.memory_mib = memory_mib
        self.process = None
        self.unread = bytearray()
        self.asked = 0

    def ask(self, case, stages):
        if self.process is None:
            self.process = Process(self.command, self.memory_mib, subprocess.PIPE)
            self.unread.clear()
        self.asked += 1
        request = {"id": f"{self.asked} {case.name}", "file": str(case.model.resolve()), "limits": case.limits}
        if case.bases:
            request["bases"] = [str(path.resolve()) for path in case.bases]
        if stages:
            request["stages"] = True
        try:
            return self._exchange(request)
        except Trouble:
            self.process = None
            raise

    def _exchange(self, request):
        deadline = time.monotonic() + self.timeout
        try:
            self.process.popen.stdin.write(json.dumps(request).encode("ascii") + b"\n")
        except BrokenPipeError:
            pass  # it has ended: reading says how
        line = self._line(deadline)
        try:
            answer = parse_answer(line)
        except ValueError as error:
            raise self.process.trouble("garbage", f"{shown(line)} is not an answer: {error}") from None
        if answer.get("id") != request["id"]:
            raise self.process.trouble("garbage", f"asked with id {request['id']!r}, answered with id "
                                                  f"{answer.get('id')!r}")
        if self.unread:
            raise self.process.trouble("garbage", f"more than one line: {shown(self.unread)} follows")
        return answer

    def _line(self, deadline):
        while (end := self.unread.find(b"\n")) < 0:
            if len(self.unread) > MAX_ANSWER:
                raise self.process.trouble("garbage", f"a line without end: {shown(self.unread)}")
            piece = self.process.read(deadline)
            if not piece:
                code = self.process.wait(deadline)
                raise self.process.trouble("exit", f"ended with exit code {code} instead of an answer")
            self.unread += piece
        line = bytes(self.unread[:end])
        del self.unread[:end + 1]
        return line

    def close(self):
        """Ends the input. The decoder has to end with exit code 0, without another word."""
        if self.process is None:
            return
        process, self.process = self.process, None
        deadline = time.monotonic() + self.timeout
        process.popen.stdin.close()
        rest = bytes(self.unread) + process.read(deadline)
        if rest:
            raise process.trouble("garbage", f"{shown(rest)} after the last answer")
        code = process.wait(deadline)
        if code != 0:
            raise process.trouble("exit", f"exit code {code} at the end of the input")
        process.close()
        process.stderr.close()

    def kill(self):
        if self.process is not None:
            self.process.kill()


class Single:
    """One process a case."""

    def __init__(self, command, timeout, memory_mib):
        self.command = command
        self.timeout = timeout
        self.memory_mib = memory_mib
        self.process = None

    def ask(self, case, stages):
        arguments = ["--stages"] if stages else []
        for path in case.bases:
            arguments += ["--base", str(path.resolve())]
        for name, limit in case.limits.items():
            arguments += ["--max-" + name.replace("_", "-"), str(limit)]
        deadline = time.monotonic() + self.timeout
        process = Process([*self.command, *arguments, str(case.model.resolve())], self.memory_mib, subprocess.DEVNULL)
        self.process = process
        output = bytearray()
        while piece := process.read(deadline):
            output += piece
            if len(output) > MAX_ANSWER:
                raise process.trouble("garbage", f"output without end: {shown(output)}")
        code = process.wait(deadline)
        if not output:
            raise process.trouble("exit", f"ended with exit code {code} without an answer")
        try:
            if output.find(b"\n") != len(output) - 1:
                raise ValueError("not one line")
            answer = parse_answer(output[:-1])
        except ValueError as error:
            raise process.trouble("garbage", f"{shown(output)} is not an answer: {error}") from None
        expected = NOT_SUPPORTED_EXIT if "not_supported" in answer else answer["class"]
        if code != expected:
            raise process.trouble("exit", f"its answer asks for exit code {expected}, it ended with {code}")
        process.close()
        process.stderr.close()
        return answer

    def close(self):
        """Nothing outlives a case."""

    def kill(self):
        if self.process is not None:
            self.process.kill()
