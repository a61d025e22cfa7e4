"""What docs/cli.md says of the command line, tried as a user would."""

import json
import os
import pty
import socket
import subprocess
import threading

import pytest

from coffer_cli import Cli
from coffer_server import BINARY


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


def test_a_program_has_no_connection_of_ours(cli, name):
    cli.run("secret", "put", name, "-", stdin="x\n")
    shown = cli.out("run", "--secret", f"{name}=X", "--", "ls", "-l", "/proc/self/fd")
    assert "0 -> " in shown and "socket" not in shown


def test_files_of_coffer_are_private_whatever_the_umask(cli, tmp_path):
    before = os.umask(0)
    try:
        cli.run("backup", "create", "--out", tmp_path / "all.backup")
        cli.run("login", "-", stdin=cli.token + "\n")
    finally:
        os.umask(before)
    for made in (tmp_path / "all.backup", tmp_path / ".coffer/token"):
        assert made.stat().st_mode & 0o077 == 0


def test_exit_codes_are_those_of_the_page(server, cli, name, tmp_path, token_with):
    cli.run("secret", "put", f"{name}.a", "-", stdin="x\n")
    cli.run("secret", "put", f"{name}.a", "-", "--cas", 0, stdin="y\n", code=6)
    cli.run("kv", "put", "-cas=7", f"secret/{name}/a", "x=1", code=6)
    cli.run("secret", "get", f"{name}.b", code=3)
    for wrong in (("secret", "get"), ("nonsense",), ("import",), ("secret", "put", f"{name}.a", "word"),
                  ("import", "--parallel", "none", "x.env"), ("audit", "verify"), ("run",),
                  ("backup", "create"), ("kv", "put", f"secret/{name}/a", "word"), ("secret", "get", "a..b"), ("completion", "sh"),
                  ("secret", "get", f"{name}.a", "--format", "xml")):
        cli.run(*wrong, code=2)
    cli.run("write", "sys/policies/acl/x", "policy=nonsense", code=1)
    cli.run("import", "--mount", "kv1", "--as", "json", _file(tmp_path, '{"a":1}'), code=1)
    Cli(tmp_path, server.address, "hvs.nobody").run("secret", "get", f"{name}.a", code=4)
    other = Cli(tmp_path, server.address, token_with('path "secret/data/z" { capabilities = ["read"] }'))
    other.run("secret", "get", f"{name}.a", code=4)
    Cli(tmp_path, "http://127.0.0.1:1", cli.token).run("secret", "get", f"{name}.a", code=5)
    cli.run("run", "--", "sh", "-c", "exit 9", code=9)


def _file(folder, text):
    file = folder / "typed"
    file.write_text(text)
    return file


def test_wrap_ttl_wraps_what_was_asked_for_and_nothing_else(cli, name):
    cli.run("secret", "put", f"{name}.a", "x=1")
    for command in (("secret", "get", f"{name}.a"), ("kv", "get", f"secret/{name}/a"),
                    ("read", f"secret/data/{name}/a"), ("secret", "history", f"{name}.a"),
                    ("secret", "list", name), ("secrets", "list"), ("policy", "read", "default")):
        token = cli.out(*command, "--wrap-ttl", "5m", "--field", "token")
        assert token.startswith("hvs.") and "\n" not in token, command
        opened = cli.json("unwrap", "-", stdin=token)
        assert opened["data"], command
    assert cli.json("secret", "rollback", f"{name}.a", "--version", 1, "--wrap-ttl", "5m")["wrap_info"]
    seen = cli.out("run", "--secret", f"{name}/a=V", "--wrap-ttl", "5m", "--", "env")
    assert "V_X=1" in seen.splitlines()


def test_field_prints_one_field_alone(cli, name):
    cli.run("secret", "put", f"{name}.a", "user=u", "other=o")
    assert cli.run("secret", "get", "-field=user", f"{name}.a").stdout == "u\n"
    cli.run("secret", "get", "-field=absent", f"{name}.a", code=3)
    cli.run("secret", "put", f"{name}.b", "client_token=t")
    cli.run("secret", "get", "-field=token", f"{name}.b", code=3)
    cli.run("read", "-field=token", "auth/token/lookup-self", code=3)
    token = cli.out("token", "create", "-policy=default", "-field=token")
    assert cli.out("token", "lookup", "-field=id", "-", stdin=token) == token
    assert cli.out("wrap", "-wrap-ttl=5m", "-field=wrapping_token", "x=1").startswith("hvs.")
    assert cli.json("secret", "list", name, "--field", "keys") == ["a", "b"]
    cli.run("secrets", "list", "--field", "absent", code=3)


def test_yaml_reads_back_as_the_same_value(cli, name):
    cli.run("secret", "put", f"{name}.a", "-", stdin='{"v":"\\ud83d\\ude00 \\"q\\" \\n","n":1.50}')
    printed = cli.out("secret", "get", "--format", "yaml", f"{name}.a").splitlines()
    assert printed[0] == '"data":'
    assert printed[1] == '  "v": "\U0001f600 \\"q\\" \\n"'
    assert printed[2] == '  "n": 1.50'
    assert json.loads(cli.out("version", "--format", "json"))["version"]
    events = cli.out("audit", "tail", "--lines", 2, "--format", "yaml")
    assert events.count("---\n") == 2 and '\n"sequence": ' in "\n" + events


def test_tables_do_not_speak_to_the_terminal(cli, server, name):
    evil = "\x1b[2J\x9b2J\x7f"
    cli.run("secret", "put", f"{name}.a", "-", stdin=json.dumps({"a": evil, "b": "\u00a0\u20ac"}))
    printed = cli.out("secret", "get", f"{name}.a")
    assert "\\x1b[2J\\xc2\\x9b2J\\x7f" in printed and "\u00a0\u20ac" in printed
    server.json("POST", f"/v1/sys/mounts/{name}", {"type": "kv", "description": evil}, token=server.root_token)
    listed = cli.out("secrets", "list")
    assert "\\x1b[2J" in listed and not set("\x1b\x9b\x7f") & set(printed + listed)
    server.json("POST", f"/v1/sys/policies/acl/{name}",
                {"policy": f'# {evil}\n\tpath "a" {{ capabilities = ["read"] }}\n'}, token=server.root_token)
    assert "\x1b[2J" in cli.out("policy", "read", name), "a copy of what is there"
    shown = on_terminal(cli, "policy", "read", name)
    assert '# \\x1b[2J\\xc2\\x9b2J\\x7f\r\n\tpath "a"' in shown and not set("\x1b\x9b\x7f") & set(shown)


def test_errors_do_not_speak_to_the_terminal(tmp_path):
    said = json.dumps({"errors": ["no \x1b]0;evil\x07 \x9b2J"]}).encode()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n"
                                   b"Connection: close\r\n\r\n%s" % (len(said), said))
        thread = threading.Thread(target=answer)
        thread.start()
        refused = Cli(tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}", "hvs.x").run("read", "a", code=1)
        thread.join()
    assert "no \\x1b]0;evil\\x07 \\xc2\\x9b2J" in refused.stderr and "\x1b" not in refused.stderr


def test_a_failed_export_leaves_nothing_and_can_be_repeated(make_server, tmp_path):
    own = make_server().prepare()
    out = tmp_path / "log.bin"
    cli = Cli(tmp_path, own.address, own.root_token)
    cli.run("seal")
    cli.run("audit", "export", "--out", out, code=5)
    assert not list(tmp_path.glob("log.bin*"))
    own.unseal()
    cli.run("audit", "export", "--out", out)
    kept = out.read_bytes()
    cli.run("audit", "export", "--out", out, code=6)
    assert out.read_bytes() == kept and [file.name for file in tmp_path.glob("log.bin*")] == ["log.bin"]


def test_a_search_does_not_find_itself_for_ever(cli):
    kind = "system.audit_read"
    before = len(cli.out("audit", "search", "--type", kind).splitlines())
    after = len(cli.out("audit", "search", "--type", kind).splitlines())
    assert after == before + 1


def test_verifying_a_folder_without_a_store_makes_none(cli, server, tmp_path):
    key = tmp_path / "audit.pem"
    key.write_text(server.json("GET", "/api/v1/audit/head", token=server.root_token)["public_key"])
    data = tmp_path / "data"
    data.mkdir()
    cli.run("audit", "verify", "--key", key, "--data", data, code=3)
    assert not list(data.iterdir())


def on_terminal(cli, *words, **variables):
    """What the program writes to a terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(str(BINARY), [str(BINARY), *words], {**cli.environment(), **variables})
    said = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the program closed its end
            break
        if not piece:
            break
        said += piece
    os.waitpid(child, 0)
    os.close(terminal)
    return said.decode(errors="replace")


def test_no_color_is_obeyed(cli, name):
    assert "\x1b[31mError:" in on_terminal(cli, "secret", "get", name, NO_COLOR="")
    assert "\x1b" not in on_terminal(cli, "secret", "get", name, NO_COLOR="1")
    assert "\x1b" not in cli.run("secret", "get", name, code=3).stderr


def complete(cli, *words):
    """What bash would offer for the last word."""
    script = ('source <("$0" completion bash); COMP_WORDS=(coffer "$@"); COMP_CWORD=$#; _coffer; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, str(BINARY), *words], check=True, capture_output=True,
                          env=cli.environment(), timeout=60)
    return done.stdout.decode().split()


def test_completion_knows_words_options_and_their_values(cli):
    assert {"secret", "import", "completion"} <= set(complete(cli, ""))
    assert complete(cli, "sec") == ["secret", "secrets"]
    assert complete(cli, "secret", "roll") == ["rollback"]
    assert complete(cli, "kv", "metadata", "") == ["get", "put", "patch", "delete"]
    assert complete(cli, "operator", "unseal", "--re") == ["--reset"]
    assert complete(cli, "--form") == ["--format"]
    for before in (["--format", "json"], ["-format", "json"], ["--format", "=", "json"], ["--tls-skip-verify"]):
        assert complete(cli, *before, "secret", "hist") == ["history"], before
    assert complete(cli, "secret", "get", "--mount", "kv", "x", "--vers") == ["--version"]
    assert complete(cli, "secret", "list", "--format", "") == ["table", "json", "yaml"]
    for own in (["import", ""], ["secret", "get", "--mount", ""], ["run", "--", "ls", "-"]):
        assert complete(cli, *own) == [], "left to the shell: files"


def test_an_import_on_a_terminal_shows_how_far_it_is(cli, tmp_path, name):
    file = tmp_path / "many.json"
    file.write_text(json.dumps({name: {str(n): n for n in range(400)}}))
    assert "] 100% of 400" in on_terminal(cli, "import", str(file))
    assert "%" not in cli.run("import", file).stderr
