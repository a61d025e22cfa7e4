"""What docs/cli.md says of the command line, tried as a user would."""

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
