"""Prompts on a real terminal, and standard output that cannot be written."""

import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

import pytest

from coffer_cli import Cli
from coffer_server import BINARY

SECONDS = 20

# What a shell does: gives the program a process group of its own in the foreground, says on the
# descriptor how it stopped or ended, and lets it go on.
SHELL = """
import os, signal, sys, termios
report, words = int(sys.argv[1]), sys.argv[2:]
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)  # who runs in the background is started without the keys
    os.execv(words[0], words)
while True:
    _, status = os.waitpid(child, os.WUNTRACED)
    how = "stopped" if os.WIFSTOPPED(status) else "signal" if os.WIFSIGNALED(status) else "exit"
    number = {"stopped": os.WSTOPSIG, "signal": os.WTERMSIG, "exit": os.WEXITSTATUS}[how](status)
    echo = bool(termios.tcgetattr(0)[3] & termios.ECHO)
    os.write(report, f"{how} {number} echo={echo}\\n".encode())
    if how != "stopped":
        break
    os.killpg(child, signal.SIGCONT)
"""


class Prompt:
    """`coffer` at a prompt of a terminal."""

    def __init__(self, cli, *words):
        self.terminal, inner = pty.openpty()
        reports, report = os.pipe()
        self.reports = os.fdopen(reports)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SHELL, str(report), str(BINARY), *words], stdin=inner, stdout=inner,
            stderr=inner, env=cli.environment(), pass_fds=[report], start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(inner)
        os.close(report)
        self.said = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)
        self.reports.close()

    def wait_for(self, text):
        end = time.monotonic() + SECONDS
        while text not in self.said:
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            assert ready, f"it says only {self.said!r}"
            try:
                self.said += os.read(self.terminal, 4096).decode()
            except OSError:
                raise AssertionError(f"it ended with {self.said!r}") from None
        self.said = self.said.split(text, 1)[1]

    def type(self, text):
        left = text.encode()
        while left:
            left = left[os.write(self.terminal, left):]

    def report(self):
        """How the program stopped or ended, and whether the terminal echoes then."""
        assert select.select([self.reports], [], [], SECONDS)[0], "it goes on"
        return self.reports.readline().rstrip("\n")


def at_prompt(cli, name):
    return Prompt(cli, "secret", "put", name, "-")


@pytest.mark.parametrize("key, number", [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)])
def test_a_key_that_ends_a_prompt_leaves_the_echo(cli, name, key, number):
    with at_prompt(cli, name) as prompt:
        prompt.wait_for("(hidden): ")
        prompt.type(key)
        assert prompt.report() == f"signal {int(number)} echo=True"
    cli.run("secret", "get", name, code=3)


def test_a_stopped_prompt_leaves_the_echo_and_asks_again(cli, name):
    with at_prompt(cli, name) as prompt:
        prompt.wait_for("(hidden): ")
        prompt.type("half\x1a")
        assert prompt.report() == f"stopped {int(signal.SIGTSTP)} echo=True"
        prompt.wait_for("(hidden): ")
        prompt.type("whole\n")
        prompt.wait_for("version")
        assert prompt.report() == "exit 0 echo=True"
    assert cli.out("secret", "get", name) == "whole"


def test_a_typed_line_is_taken_whole_or_not_at_all(cli, name):
    with at_prompt(cli, name) as prompt:
        prompt.wait_for("(hidden): ")
        prompt.type("x" * 4094 + "\n")
        assert prompt.report() == "exit 0 echo=True"
    assert cli.out("secret", "get", name) == "x" * 4094
    for size in (4095, 5000):
        with at_prompt(cli, f"{name}-long") as prompt:
            prompt.wait_for("(hidden): ")
            prompt.type("x" * size + "\n")
            prompt.wait_for("standard input")
            assert prompt.report() == "exit 2 echo=True"
        cli.run("secret", "get", f"{name}-long", code=3)


@pytest.mark.parametrize("typed", ["\x04", "half\x04\x04"])
def test_an_end_of_input_is_no_line(cli, name, typed):
    with at_prompt(cli, name) as prompt:
        prompt.wait_for("(hidden): ")
        prompt.type(typed)
        assert prompt.report() == "exit 2 echo=True"
    cli.run("secret", "get", name, code=3)


def test_what_cannot_be_printed_is_no_success(make_server, tmp_path):
    own = make_server()
    own.start()
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(BINARY), "init"], stdout=full, stderr=subprocess.PIPE, check=False,
                              env=Cli(tmp_path, own.address).environment(), timeout=SECONDS)
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr


def test_a_pipe_that_is_not_ready_gets_everything(cli, name):
    cli.run("secret", "put", name, "-", stdin=json.dumps({"x": "y" * 200_000}))
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    process = subprocess.Popen([str(BINARY), "secret", "get", "--field", "x", name], stdout=writes,
                               env=cli.environment())
    os.close(writes)
    time.sleep(0.3)
    with os.fdopen(reads, "rb") as pipe:
        assert pipe.read() == b"y" * 200_000 + b"\n"
    assert process.wait(SECONDS) == 0


def test_following_the_log_ends_with_its_reader(cli):
    process = subprocess.Popen([str(BINARY), "audit", "tail", "-f"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=cli.environment())
    try:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(SECONDS) == 1
        assert b"standard output" in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
