"""What docs/cli.md says of the command line, tried as a user would."""

import os

import pytest

from coffer_cli import Cli


def test_unseal_reset_forgets_the_progress_under_way(make_server, tmp_path):
    own = make_server()
    own.start()
    own.initialize()
    cli = Cli(tmp_path, own.address)
    cli.run("unseal", stdin=own.keys[0] + "\n")
    assert cli.json("status", code=2)["progress"] == 1
    cli.run("unseal", "--reset", "--nonce", "another", code=1)
    assert cli.json("status", code=2)["progress"] == 1
    assert cli.json("unseal", "--reset")["progress"] == 0
    cli.run("unseal", "--reset")  # nothing to forget
    for key in own.keys[1:4]:
        cli.run("operator", "unseal", stdin=key + "\n")
    cli.run("status")


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_a_program_has_the_umask_that_coffer_was_started_with(cli, umask, tmp_path):
    before = os.umask(umask)
    try:
        cli.run("run", "--", "touch", tmp_path / "made")
    finally:
        os.umask(before)
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o666 & ~umask


def test_files_of_coffer_are_private_whatever_the_umask(cli, tmp_path):
    before = os.umask(0)
    try:
        cli.run("backup", "create", "--out", tmp_path / "all.backup")
        cli.run("login", "-", stdin=cli.token + "\n")
    finally:
        os.umask(before)
    for made in (tmp_path / "all.backup", tmp_path / ".coffer/token"):
        assert made.stat().st_mode & 0o077 == 0
