#!/usr/bin/env python3
"""Measures `captui view` from outside, beside other viewers on the same files: less, jless and fx, as far as they are there.

    cargo build --release
    benches/viewer/peers.py target/release/captui [--data DIR] [--sizes 1K,1M,10M,100M] [--rounds 5] [--odd]

Each program runs in a pseudo-terminal of 120x40; the programs take turns, so that a busy machine hits all alike.
Files that are not in DIR (a folder that goes away, if none is named) are written by `cargo bench --bench viewer`.
What is timed, in milliseconds, medians of the rounds:

  first    from exec until the beginning of the text is on the screen
  ready    from exec until the end of the text is shown, asked for again and again: everything is read then
  fold     from the key that folds everything until the screen answers, after that
  search   from Enter, or from typing where that is searched for, until an absent word is said to be absent
  key      from a key to the first byte of the answer, p50 and p99 of 100; `busy` is the same right after the start
  peak     MiB of memory the process ever had, `own` without pages of mapped files

Needs Python 3.9 and Linux. Run it with a real-time priority on a busy machine: chrt -r 5 benches/viewer/peers.py …
"""
import argparse
import fcntl
import os
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

ESCAPE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\x1b[=>78]")
STYLE = re.compile(rb"\x1b\[[0-9;:]*m")
ABSENT = b"zxjkvbnw"
ODD = {"deep": "100K", "deeparr": "100K", "bigstr": "50M", "keys": "1M", "nums": "10M"}

# For each program: what it is started with, and the keys and words of its own.
PROGRAMS = {
    "captui": {"args": ["view"], "fold": b"zM", "opens": b"zR", "absent": rb"(?:not|not found|none)\b", "again": b"\x0c"},
    "less": {"args": ["-S"], "absent": rb"not found"},
    # These do nothing else before they are done.
    "jless": {"args": [], "fold": b"C", "opens": b"E", "absent": rb"not found"},
    "fx": {"args": [], "fold": b"E", "opens": b"e"},
}


class Session:
    """A program in a pseudo-terminal, from exec on."""

    def __init__(self, command):
        self.output = b""
        self.began = time.monotonic()
        self.pid, self.terminal = os.forkpty()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            environment = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor")
            try:
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        os.set_blocking(self.terminal, False)

    def read(self, seconds):
        """What comes within that time at most; none at the end."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return b""
        try:
            came = os.read(self.terminal, 1 << 20)
        except BlockingIOError:
            return b""
        except OSError:
            return None
        self.output += came
        # Programs that ask the terminal wait for its answer.
        for question, answer in ((b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[c", b"\x1b[?62;22c"), (b"\x1b]11;?", b"\x1b]11;rgb:1010/1010/1010\x07")):
            if question in came:
                self.write(answer)
        return came

    def write(self, keys):
        os.write(self.terminal, keys)

    def text(self, since=0):
        return ESCAPE.sub(b"", STYLE.sub(b"", self.output[since:]))

    def wait_for(self, pattern, limit, again=b""):
        """Milliseconds until the text shows, `again` being typed every 20 ms meanwhile; none if it never does."""
        since, began = len(self.output), time.monotonic()
        typed = began
        while time.monotonic() - began < limit:
            if self.read(0.02) is None:
                return None
            if re.search(pattern, self.text(since)):
                return (time.monotonic() - began) * 1000
            # What was looked through is not looked through again: that would keep a processor from the program.
            since = max(since, len(self.output) - 16_384)
            if again and time.monotonic() - typed > 0.02:
                typed = time.monotonic()
                self.write(again)
        return None

    def settle(self, quiet=0.15, limit=60):
        began = time.monotonic()
        while time.monotonic() - began < limit:
            if not self.read(quiet):
                return

    def answer(self, keys, limit=30):
        """Milliseconds from keys to the first byte of the answer."""
        began = time.monotonic()
        self.write(keys)
        while time.monotonic() - began < limit:
            came = self.read(limit)
            if came is None:
                return None
            if came:
                return (time.monotonic() - began) * 1000
        return None

    def keys(self, keys, count, pause=0.005):
        figures = []
        for at in range(count):
            took = self.answer(keys[at % len(keys):][:1], 2)
            if took is not None:
                figures.append(took)
            end = time.monotonic() + pause
            while (left := end - time.monotonic()) > 0:
                self.read(left)
        return figures

    def memory(self):
        """MiB: the most there ever was, and of its own now."""
        try:
            with open(f"/proc/{self.pid}/status") as status:
                status = status.read()
        except OSError:
            return None, None
        found = [re.search(rf"{name}:\s+(\d+)", status) for name in ("VmHWM", "RssAnon")]
        return [int(one.group(1)) / 1024 if one else None for one in found]

    def end(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def percentile(figures, share):
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * share))] if figures else None


def measure(name, command, path, limit):
    program = PROGRAMS[name]
    with open(path, "rb") as file:
        beginning = file.read(4096)
        file.seek(max(0, os.path.getsize(path) - 1000))
        tail = file.read()
        # The one before may have pushed it out of memory: each finds it there.
        file.seek(0)
        while file.read(1 << 20):
            pass
    figures = {}
    shown = rb"stat" if b'"stat"' in beginning[:20] else rb"\S"
    session = Session(command + program["args"] + [path])
    try:
        figures["first"] = session.wait_for(shown, limit)
        if figures["first"] is None:
            return figures
        # Moments are different in every record, and the last stands near the end.
        moments = re.findall(rb"\d\d:\d\d:\d\d\.\d{6}", tail)
        if moments and name != "less":
            session.write(b"G")
            again = program.get("again", b"")
            if session.wait_for(re.escape(moments[-1]), limit, again) is not None:
                figures["ready"] = (time.monotonic() - session.began) * 1000
            session.settle()
        if "fold" in program:
            # What is left is told by one answer, however long it takes.
            figures["fold"] = session.answer(program["fold"], limit)
            session.settle()
            if "opens" in program:
                session.write(program["opens"])
                session.settle()
        session.write(b"g" if name in ("jless", "fx", "less") else b"\x1b[H")
        session.settle()
        figures_of_keys = session.keys(b"jk", 100)
        figures["key p50"] = percentile(figures_of_keys, 0.5)
        figures["key p99"] = percentile(figures_of_keys, 0.99)
        session.write(b"/")
        session.settle(0.1)
        # captui searches while the word is typed, less and jless from Enter on: what counts is the last key.
        typed, last = (ABSENT[:-1], ABSENT[-1:] + b"\r") if name == "captui" else (ABSENT, b"\r")
        session.write(typed)
        session.settle(0.3)
        if "absent" in program:
            began = time.monotonic()
            session.write(last)
            if session.wait_for(program["absent"], min(limit, 60)) is not None:
                figures["search"] = (time.monotonic() - began) * 1000
        else:
            figures["search"] = session.answer(last, min(limit, 60))
        figures["peak"], figures["own"] = session.memory()
    finally:
        session.end()
    # Keys while it still reads need a start of their own: they would be counted as reading.
    session = Session(command + program["args"] + [path])
    try:
        if session.wait_for(shown, limit) is not None:
            figures["busy p99"] = percentile(session.keys(b"jk", 40), 0.99)
    finally:
        session.end()
    return figures


def written(folder, shape, size):
    """A text of this shape and size, written if it is not there."""
    path = os.path.join(folder, f"{shape}-{size}.json")
    if not os.path.exists(path):
        print(f"writing {path}", file=sys.stderr)
        command = ["cargo", "bench", "--quiet", "--bench", "viewer", "--", "write", shape, size, path]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("captui")
    parser.add_argument("--data", help="the folder with the files, kept")
    parser.add_argument("--sizes", default="1K,1M,10M,100M")
    parser.add_argument("--odd", action="store_true", help="deep nesting, one long string, many keys, many numbers, too")
    parser.add_argument("--files", default="", help="further files, with commas between them")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="captui,less,jless,fx")
    parser.add_argument("--limit", type=float, default=120, help="seconds that are waited for anything")
    arguments = parser.parse_args()
    commands = {"captui": [os.path.abspath(arguments.captui)]}
    for name in ("less", "jless", "fx"):
        if found := shutil.which(name):
            commands[name] = [found]
    asked = arguments.only.split(",")
    commands = {name: command for name, command in commands.items() if name in asked}
    print("measured: " + ", ".join(commands))
    with tempfile.TemporaryDirectory() as folder:
        folder = arguments.data or folder
        paths = [written(folder, "find", size) for size in arguments.sizes.split(",") if size]
        paths += [written(folder, shape, size) for shape, size in ODD.items() if arguments.odd]
        paths += [path for path in arguments.files.split(",") if path]
        for path in paths:
            compare(path, commands, arguments)


def compare(path, commands, arguments):
    print(f"\n{os.path.basename(path)}, {os.path.getsize(path) / 1e6:.1f} MB")
    rounds = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            rounds[name].append(measure(name, command, path, arguments.limit))
    rows = ["first", "ready", "fold", "search", "key p50", "key p99", "busy p99", "peak", "own"]
    print(f"{'':10}" + "".join(f"{name:>12}" for name in commands))
    for row in rows:
        cells = []
        for name in commands:
            figures = [figures[row] for figures in rounds[name] if figures.get(row) is not None]
            cells.append(f"{statistics.median(figures):12.2f}" if figures else f"{'-':>12}")
        print(f"{row:10}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
