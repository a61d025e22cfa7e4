"""Octets to and from a server, without an HTTP library in between."""

import socket


def head(server, method, path, *lines, token=None):
    fields = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    if token:
        fields.append(f"X-Vault-Token: {token}")
    return "\r\n".join([*fields, *lines, "", ""]).encode()


def exchange(server, raw, wait=10):
    """Sends `raw`; returns what comes back until the head of an answer and its body are there, the
    other side closes, or `wait` seconds pass in silence."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as peer:
        try:
            peer.sendall(raw)
        except (TimeoutError, ConnectionError):
            pass  # the server may answer and close before it has read everything
        try:
            while not complete(answer):
                part = peer.recv(65536)
                if not part:
                    break
                answer += part
        except (TimeoutError, ConnectionError):
            pass
    return answer


def complete(answer):
    text, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in text.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return True


def status_of(answer):
    """The status code, or None when the connection was closed without an answer."""
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.") else None
