#!/usr/bin/env python3
"""Checks what the lock file brings in: licences, sources, and crates that must be there exactly once."""

import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}

# Two of one of these do not work together: their types meet at our own functions.
ONCE = ("ratatui", "crossterm", "serde_json", "tokio")

# How cargo names a source that is a package registry, as against a repository or a folder.
REGISTRY = "registry+"


def permits(expression):
    """Whether an SPDX expression can be met with allowed licences; raises ValueError if it is not one."""
    # Old manifests write MIT/Apache-2.0 for a choice.
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def take():
        if not tokens:
            raise ValueError("the expression ends too early")
        return tokens.pop(0)

    def licence():
        token = take()
        if token == "(":
            met = choice()
            if take() != ")":
                raise ValueError("a parenthesis is not closed")
            return met
        if token in {")", "AND", "OR", "WITH"}:
            raise ValueError(f"{token} stands where a licence should")
        if tokens[:1] == ["WITH"]:
            take()
            token = f"{token} WITH {take()}"
        return token in ALLOWED

    def all_of():
        met = licence()
        while tokens[:1] == ["AND"]:
            take()
            met = licence() and met
        return met

    def choice():
        met = all_of()
        while tokens[:1] == ["OR"]:
            take()
            met = all_of() or met
        return met

    met = choice()
    if tokens:
        raise ValueError(f"{tokens[0]} is left over")
    return met


def problems(packages):
    """Everything that is wrong with these packages of `cargo metadata`, in words."""
    found = []
    for package in packages:
        if package["source"] is None:
            continue
        name = f"{package['name']} {package['version']}"
        if not package["source"].startswith(REGISTRY):
            found.append(f"{name} does not come from the package registry but from {package['source']}")
        expression = package.get("license")
        if not expression:
            found.append(f"{name} names no licence")
            continue
        try:
            if not permits(expression):
                found.append(f"{name} is under {expression}, which is not on the list of allowed licences")
        except ValueError as error:
            found.append(f"{name} has the licence expression {expression}, which cannot be read: {error}")
    for name in ONCE:
        versions = sorted(package["version"] for package in packages if package["name"] == name)
        if len(versions) != 1:
            found.append(f"{name} must be there in exactly one version, not {', '.join(versions) or 'none'}")
    return found


def check_the_check():
    """Fails if this program would let a planted fault pass, or hold up what is fine."""
    for expression, expected in {
        "MIT": True,
        "MIT OR GPL-3.0": True,
        "GPL-3.0 OR (MIT AND ISC)": True,
        "MIT AND GPL-3.0": False,
        "(MIT OR Apache-2.0) AND Unicode-3.0": True,
        "(MIT OR Apache-2.0) AND GPL-2.0": False,
        "MIT/Apache-2.0": True,
        "Apache-2.0 WITH LLVM-exception": True,
        "GPL-2.0 WITH LLVM-exception": False,
        "AGPL-3.0-only": False,
    }.items():
        assert permits(expression) is expected, expression
    for expression in ("", "MIT OR", "(MIT", "MIT ISC", "OR MIT"):
        try:
            permits(expression)
        except ValueError:
            continue
        raise AssertionError(f"{expression!r} was read as a licence expression")

    def package(name, version="1.0.0", source=REGISTRY, license="MIT"):
        return {"name": name, "version": version, "source": source, "license": license}

    fine = [package(name) for name in ONCE] + [package("ours", source=None, license=None)]
    assert problems(fine) == [], problems(fine)
    for planted, word in (
        ([*fine, package("x", source="git+https://example.org/x")], "registry"),
        ([*fine, package("x", license=None)], "names no licence"),
        ([*fine, package("x", license="GPL-3.0")], "allowed licences"),
        ([*fine, package("x", license="MIT OR")], "cannot be read"),
        ([*fine, package("tokio", version="0.2.0")], "not 0.2.0, 1.0.0"),
        (fine[1:], "not none"),
    ):
        found = problems(planted)
        assert len(found) == 1 and word in found[0], found


def cargo(*arguments):
    """What a cargo command prints."""
    return subprocess.run(["cargo", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def compiled():
    """The (name, version) of every package that is compiled on some platform, for the program or its tests.

    `cargo metadata` also lists what a dependency's optional feature would bring if it were on; nothing of that is in
    the program, so its licences do not matter.
    """
    lines = cargo("tree", "--locked", "--target", "all", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}")
    names = (line.split()[:2] for line in lines.splitlines() if line.strip())
    return {(name, version.removeprefix("v")) for name, version in names}


def main():
    check_the_check()
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1"))
    used = compiled()
    packages = [package for package in metadata["packages"] if (package["name"], package["version"]) in used]
    found = problems(packages)
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"{len(packages)} packages: licences, sources and versions are as they should be")


if __name__ == "__main__":
    main()
