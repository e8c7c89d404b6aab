"""A sandbox on disk, a home that knows it, and commands that are timed: what both comparisons need."""

import json
import os
import subprocess
import sys
import time


class Sandbox:
    """A sandbox on disk, ended with its block."""

    def __init__(self, captui, folder):
        command = [captui, "sandbox", "serve", "--json", "--bare", "--data", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        said = json.loads(self.process.stdout.readline())
        self.url, self.id, self.secret = said["url"], said["client_id"], said["client_secret"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def home_for(sandbox, folder):
    """The variables of a home that knows the sandbox as `service`."""
    config = folder / "config" / "captui"
    config.mkdir(parents=True)
    secret = config / "secret"
    secret.touch(mode=0o600)
    secret.write_text(sandbox.secret)
    (config / "config.toml").write_text(
        f'[environments.service]\ndomain = "{sandbox.url}"\nclass = "sandbox"\n'
        f'client_id = "{sandbox.id}"\nsecret_file = "secret"\n'
    )
    names = {"HOME": "", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}
    return {**os.environ, "no_proxy": "127.0.0.1", **{name: str(folder / inside) for name, inside in names.items()}}


def quietly(command, environment):
    """Runs a command that must go well."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr}")


def timed(command, environment):
    """Seconds, peak memory in MB, and the last line of output."""
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    if status:
        sys.exit(f"{command[0]} ended with {status}: {text}")
    lines = text.strip().splitlines()
    try:
        said = json.loads(text)
    except ValueError:
        said = json.loads(lines[-1])
    return seconds, usage.ru_maxrss / 1024, said
