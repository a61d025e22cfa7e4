"""What many of these tests ask of a server."""

import json
import os

# More rounds of every loop: COFFER_LONG=1.
LONG = os.environ.get("COFFER_LONG", "") not in ("", "0")


def rounds(usual, long):
    return long if LONG else usual


def mount(server, path, version):
    server.json("POST", f"/v1/sys/mounts/{path}", {"type": "kv", "options": {"version": version}},
                token=server.root_token)


def enable_auth(server, path, kind):
    server.json("POST", f"/v1/sys/auth/{path}", {"type": kind}, token=server.root_token)


def errors(body):
    """The messages of an error's body, as one text."""
    return " ".join(json.loads(body).get("errors", [])) if body else ""


def verify_store(server):
    """(ok, [finding]) of `coffer verify`; ok is None when the answer has no end."""
    status, _, body = server.request("POST", "/api/v1/verify", token=server.root_token)
    if status != 200:
        return None, [{"table": "", "key": "", "what": f"{status} {body!r}"}]
    lines = [json.loads(line) for line in body.splitlines()]
    last = lines[-1] if lines else {}
    return last.get("ok"), [line["finding"] for line in lines if "finding" in line]


def audit_head(server):
    """The newest signed head and the key that signed it."""
    answer = server.json("GET", "/api/v1/audit/head", token=server.root_token)
    return answer["head"], answer["public_key"]
