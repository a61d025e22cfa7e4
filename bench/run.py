#!/usr/bin/env python3
"""Measures Coffer against the same listener answering a constant body, in one run.

    bench/run.py [--secrets 1000] [--pairs 3] [--seconds 4] [--tls]
    bench/run.py --import 100000 [--pairs 3] [--tls]
    bench/run.py --transit [--pairs 3] [--tls]
    bench/run.py --floors [--pairs 3] [--tls] [--threads 2]
    bench/run.py --secrets 1000000 --store FOLDER [...]

Machines are shared and noisy: every figure is a ratio of neighbouring runs (constant, Coffer, constant,
Coffer …) and the median of the pairs is reported with its range. --import measures the whole process
`coffer import`, from start to exit, with a file of that many secrets against a fresh server each time, and
beside it the same process with --dry-run, which reads the file only. --transit measures uses of master keys,
1 KiB each, against the constant body after the same request. --floors measures a batch of 100 encryptions of
256 octets, a P-256 signature over 1 KiB and the issue of a P-256 certificate (stored, and under a role with
no_store) against the crypto floor's part of each: "of floor" is the share of what bare threads on all cores
do with nothing else at work, "of listener" the share of the same listener when a request does that part and
answers a constant body. Needs wrk and a release build;
COFFER_BUILD names another folder than build/release. --store keeps the filled store and what opens it in a
folder, or takes up what an earlier run kept there, for as long as its token lives (a day). All traffic stays on loopback; every process started here is stopped by its pid.
"""

import argparse
import base64
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("COFFER_BUILD", ROOT / "build/release"))
CONNECTIONS = 64
VALUE = {"user": "service", "password": "p" * 100}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def anonymous_mib(pid):
    match = re.search(r"RssAnon:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())
    return int(match.group(1)) / 1024


class Process:
    def __init__(self, name, command, log):
        self.name = name
        self.child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self.pid = self.child.pid

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Api:
    def __init__(self, port, tls, token=None):
        self.port, self.tls, self.token = port, tls, token
        self.connection = None

    def connect(self):
        if self.tls:
            context = ssl._create_unverified_context()
            return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def call(self, method, path, body=None):
        if self.connection is None:
            self.connection = self.connect()
        headers = {"X-Vault-Token": self.token} if self.token else {}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:200]!r}")
        return json.loads(text) if text else {}


def wait_until_up(port, tls, path, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection = Api(port, tls).connect()
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not come up")


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="coffer-bench-"))
        self.log = open(self.folder / "servers.log", "wb")
        self.scheme = "https" if options.tls else "http"
        kept = getattr(options, "store", None)  # other programs have no such option
        self.kept = pathlib.Path(kept) if kept else None
        self.data = (self.kept or self.folder) / "data"
        self.results = {}
        self.keys = []
        self.root = None

    def start_constant(self):
        self.constant_port = free_port()
        command = [str(BUILD / "bench/constant_server"), "--listen", f"127.0.0.1:{self.constant_port}",
                   "--threads", str(self.options.threads)]
        if self.options.tls:
            command += ["--tls", str(self.certificate), str(self.key)]
        self.constant = Process("constant", command, self.log)
        wait_until_up(self.constant_port, self.options.tls, "/")

    def make_certificate(self):
        self.certificate, self.key = self.folder / "tls.pem", self.folder / "tls.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", str(self.key), "-out", str(self.certificate), "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)

    def start_coffer(self):
        self.port = free_port()
        data = self.data
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = self.folder / "coffer.toml"
        tls = ""
        if self.options.tls:
            tls = f'tls_certificate = "{self.certificate}"\ntls_key = "{self.key}"\n'
        config.write_text(
            f'[listener]\naddress = "127.0.0.1:{self.port}"\nthreads = {self.options.threads}\n{tls}\n[storage]\npath = "{data}"\n'
            f'[log]\nlevel = "warn"\n')
        self.coffer = Process("coffer", [str(BUILD / "coffer"), "server", "--config", str(config)], self.log)
        wait_until_up(self.port, self.options.tls, "/v1/sys/health")
        self.api = Api(self.port, self.options.tls)

    def unseal(self):
        for share in self.keys[:2]:
            self.api.call("PUT", "/v1/sys/unseal", {"key": share})
        started = time.monotonic()
        self.api.call("PUT", "/v1/sys/unseal", {"key": self.keys[2]})
        self.api.token = self.token
        if self.token:
            self.api.call("GET", "/v1/secret/data/bench/0")
        return time.monotonic() - started

    def furnish(self):
        made = self.api.call("PUT", "/v1/sys/init", {"secret_shares": 5, "secret_threshold": 3})
        self.keys, self.root, self.token = made["keys"], made["root_token"], None
        self.unseal()
        self.api.token = self.root
        self.api.call("POST", "/v1/sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
        self.api.call("PUT", "/v1/sys/policies/acl/bench", {
            "policy": 'path "secret/data/bench/*" { capabilities = ["create", "read", "update"] }'})
        made = self.api.call("POST", "/v1/auth/token/create", {"policies": ["bench"], "ttl": "24h"})
        self.token = made["auth"]["client_token"]

    def fill(self, count):
        started = time.monotonic()
        for first in range(0, count, 30):
            secrets = [{"path": f"bench/{i}", "data": VALUE} for i in range(first, min(first + 30, count))]
            results = self.api.call("POST", "/api/v1/secrets/bulk", {"mount": "secret", "secrets": secrets})
            assert all("error" not in row for row in results["results"]), results
        took = time.monotonic() - started
        self.results["fill"] = {"secrets": count, "seconds": round(took, 2), "per second": round(count / took)}

    def take_up(self, count):
        """Opens the store that an earlier run kept; False: there is none yet."""
        notes = self.kept / "bench.json" if self.kept else None
        if notes is None or not notes.exists():
            return False
        kept = json.loads(notes.read_text())
        if kept["secrets"] < count:
            raise RuntimeError(f"{self.kept} has {kept['secrets']} secrets only")
        self.keys, self.root, self.token = kept["keys"], kept["root"], kept["token"]
        self.unseal()
        return True

    def keep(self, count):
        notes = {"secrets": count, "keys": self.keys, "root": self.root, "token": self.token}
        with open(self.kept / "bench.json", "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            json.dump(notes, file)

    def wrk(self, process, port, script, arguments):
        url = f"{self.scheme}://127.0.0.1:{port}"
        before, started = cpu_seconds(process.pid), time.monotonic()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{self.options.seconds}s", "--latency", "-s",
                   str(ROOT / "bench" / script), url, "--", *arguments]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        used, took = cpu_seconds(process.pid) - before, time.monotonic() - started
        if "Non-2xx" in text:
            raise RuntimeError(text)
        requests = int(re.search(r"(\d+) requests in", text).group(1))
        factor = {"us": 1e-3, "ms": 1, "s": 1e3}
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
        half, half_unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text).groups()
        return {"rate": requests / took, "requests": requests, "took": took, "p99": float(number) * factor[unit],
                "p50": float(half) * factor[half_unit], "cpu": used / requests * 1e6}

    def compare(self, name, script, count, token):
        self.compare_with(name, script, [str(count), token])
        self.results[name]["secrets"] = count

    def compare_with(self, name, script, arguments):
        self.wrk(self.coffer, self.port, script, arguments)  # warm
        pairs = []
        for _ in range(self.options.pairs):
            constant = self.wrk(self.constant, self.constant_port, script, arguments)
            coffer = self.wrk(self.coffer, self.port, script, arguments)
            pairs.append((constant, coffer))
        ratios = [b["rate"] / a["rate"] for a, b in pairs]
        self.results[name] = {
            "ratio": round(statistics.median(ratios), 3),
            "range": [round(min(ratios), 3), round(max(ratios), 3)],
            "constant/s": round(statistics.median(a["rate"] for a, _ in pairs)),
            "coffer/s": round(statistics.median(b["rate"] for _, b in pairs)),
            "p50 ms": round(statistics.median(b["p50"] for _, b in pairs), 3),
            "p99 ms": round(statistics.median(b["p99"] for _, b in pairs), 3),
            "p99 ratio": round(statistics.median(b["p99"] / a["p99"] for a, b in pairs), 2),
            "cpu us": round(statistics.median(b["cpu"] for _, b in pairs), 1),
            "added cpu us": round(statistics.median(b["cpu"] - a["cpu"] for a, b in pairs), 1),
        }
        print(name, json.dumps(self.results[name]), flush=True)

    def floor(self, work):
        command = [str(BUILD / "bench/floor_bench"), work, "--seconds", str(self.options.seconds)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def start_working(self, work):
        port = free_port()
        command = [str(BUILD / "bench/constant_server"), "--listen", f"127.0.0.1:{port}", "--work", work,
                   "--threads", str(self.options.threads)]
        if self.options.tls:
            command += ["--tls", str(self.certificate), str(self.key)]
        process = Process(work, command, self.log)
        self.working.append(process)
        wait_until_up(port, self.options.tls, "/")
        return process, port

    def compare_floor(self, name, work, path, body, items=1):
        arguments = [self.token, path, json.dumps(body)]
        listener, port = self.start_working(work)
        self.wrk(self.coffer, self.port, "post.lua", arguments)  # warm
        rounds = []
        for _ in range(self.options.pairs):
            floor = self.floor(work)
            alone = self.wrk(listener, port, "post.lua", arguments)
            rounds.append((floor, alone, self.wrk(self.coffer, self.port, "post.lua", arguments)))
        listener.stop()

        def middle(value, digits):
            return round(statistics.median(value(*each) for each in rounds), digits)

        def share(value):
            all_ = [value(*each) for each in rounds]
            return [round(f(all_), 3) for f in (statistics.median, min, max)]

        self.results[name] = {
            "of floor": share(lambda f, a, c: c["rate"] * items / f["per second"]),
            "of listener": share(lambda f, a, c: c["rate"] / a["rate"]),
            "floor/s": middle(lambda f, a, c: f["per second"], 0),
            "listener/s": middle(lambda f, a, c: a["rate"] * items, 0),
            "coffer/s": middle(lambda f, a, c: c["rate"] * items, 0),
            "floor cpu us": middle(lambda f, a, c: f["cpu us"] * items, 1),
            "listener cpu us": middle(lambda f, a, c: a["cpu"], 1),
            "cpu us": middle(lambda f, a, c: c["cpu"], 1),
            "p99 ms": middle(lambda f, a, c: c["p99"], 2),
        }
        print(name, json.dumps(self.results[name]), flush=True)

    def run_floors(self):
        self.working = []
        if self.options.tls:
            self.make_certificate()
        self.start_coffer()
        self.furnish()
        self.api.token = self.root
        for mount in ("transit", "pki"):
            self.api.call("POST", f"/v1/sys/mounts/{mount}", {"type": mount})
        self.api.call("PUT", "/v1/sys/policies/acl/bench", {
            "policy": 'path "transit/*" { capabilities = ["create", "update"] } '
                      'path "pki/*" { capabilities = ["create", "update"] }'})
        for name, kind in (("aes", "aes256-gcm96"), ("p256", "ecdsa-p256")):
            self.api.call("POST", f"/v1/transit/keys/{name}", {"type": kind})
        self.api.call("POST", "/v1/pki/root/generate/internal", {
            "common_name": "Root", "key_type": "ec", "key_bits": 256, "ttl": "720h"})
        role = {"allow_any_name": True, "key_type": "ec", "key_bits": 256, "ttl": "24h"}
        for name, no_store in (("stored", False), ("passing", True)):
            self.api.call("POST", f"/v1/pki/roles/{name}", {**role, "no_store": no_store})
        batch = [{"plaintext": base64.b64encode(os.urandom(256)).decode()} for _ in range(100)]
        plain = base64.b64encode(os.urandom(1024)).decode()
        name = {"common_name": "host.example.com"}
        for title, *rest in (
                ("encrypt 100 x 256 octets", "encrypt", "/v1/transit/encrypt/aes", {"batch_input": batch}, 100),
                ("sign P-256", "sign", "/v1/transit/sign/p256", {"input": plain}),
                ("issue P-256, no_store", "issue", "/v1/pki/issue/passing", name),
                ("issue P-256", "issue", "/v1/pki/issue/stored", name)):
            if self.options.only in title:
                self.compare_floor(title, *rest)

    def import_once(self, file, *options):
        """(seconds, CPU seconds of the process) of one `coffer import`."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "COFFER_TOKEN": self.root,
                       "COFFER_ADDR": f"{self.scheme}://127.0.0.1:{self.port}", "COFFER_SKIP_VERIFY": "1"}
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        text = subprocess.run([str(BUILD / "coffer"), "import", "--group", *options, str(file)], check=True,
                              capture_output=True, text=True, env=environment).stdout
        took, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if not options and f"{self.options.import_} written" not in text:
            raise RuntimeError(text)
        return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def run_import(self):
        count, rounds = self.options.import_, []
        file = self.folder / "secrets.json"
        file.write_text(json.dumps({"bench": {str(i): {**VALUE, "port": 5432} for i in range(count)}}, indent=2))
        if self.options.tls:
            self.make_certificate()
        for _ in range(self.options.pairs):
            shutil.rmtree(self.data, ignore_errors=True)
            self.start_coffer()
            self.furnish()
            dry, _ = self.import_once(file, "--dry-run")
            before = cpu_seconds(self.coffer.pid)
            took, used = self.import_once(file)
            rounds.append((took, dry, used, cpu_seconds(self.coffer.pid) - before))
            self.coffer.stop()
        middle = [round(statistics.median(part), 2) for part in zip(*rounds)]
        self.results["import"] = {
            "secrets": count, "file MiB": round(file.stat().st_size / 2**20, 1), "seconds": middle[0],
            "range": [round(f(r[0] for r in rounds), 2) for f in (min, max)],
            "per second": round(count / middle[0]), "dry run seconds": middle[1],
            "client CPU seconds": middle[2], "server CPU seconds": middle[3]}

    def furnish_transit(self):
        """Mounts the key service; returns its calls: name to path and body."""
        self.api.token = self.root
        self.api.call("POST", "/v1/sys/mounts/transit", {"type": "transit"})
        self.api.call("PUT", "/v1/sys/policies/acl/bench", {
            "policy": 'path "transit/*" { capabilities = ["create", "read", "update"] } '
                      'path "secret/data/bench/*" { capabilities = ["create", "read", "update"] }'})
        for name, kind in (("aes", "aes256-gcm96"), ("p256", "ecdsa-p256")):
            self.api.call("POST", f"/v1/transit/keys/{name}", {"type": kind})
        plain = base64.b64encode(os.urandom(1024)).decode()
        made = self.api.call("POST", "/v1/transit/encrypt/aes", {"plaintext": plain})
        calls = {"encrypt": ("encrypt/aes", {"plaintext": plain}),
                 "decrypt": ("decrypt/aes", {"ciphertext": made["data"]["ciphertext"]}),
                 "data key": ("datakey/plaintext/aes", {}),
                 "sign P-256": ("sign/p256", {"input": plain})}
        return {name: (f"/v1/transit/{path}", json.dumps(body)) for name, (path, body) in calls.items()}

    def run_transit(self):
        if self.options.tls:
            self.make_certificate()
        self.start_constant()
        self.start_coffer()
        self.furnish()
        for name, (path, body) in self.furnish_transit().items():
            self.compare_with(name, "post.lua", [self.token, path, body])

    def restart(self):
        self.coffer.stop()
        self.start_coffer()
        took = self.unseal()
        self.results["last share to first answer"] = {"seconds": round(took, 3)}

    def take_up_or_fill(self, count):
        if self.take_up(count):
            return
        self.furnish()
        self.fill(count)
        print("fill", json.dumps(self.results["fill"]), flush=True)
        if self.kept:
            self.keep(count)

    def run(self):
        if self.options.tls:
            self.make_certificate()
        self.start_constant()
        self.start_coffer()
        self.take_up_or_fill(self.options.secrets)
        count = self.options.secrets
        self.compare("read", "kv_read.lua", count, self.token)
        self.results["read"]["RssAnon MiB"] = round(anonymous_mib(self.coffer.pid))
        if not self.options.no_writes:
            self.compare("write", "kv_write.lua", count, self.token)
        self.restart()
        self.results["RssAnon MiB at the end"] = round(anonymous_mib(self.coffer.pid))

    def close(self):
        for process in ("coffer", "constant"):
            if hasattr(self, process):
                getattr(self, process).stop()
        for process in getattr(self, "working", []):
            process.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--secrets", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--threads", type=int, default=1, help="loop threads of both listeners")
    parser.add_argument("--store", metavar="FOLDER", help="keep the store there, or take it up")
    parser.add_argument("--no-writes", action="store_true")
    parser.add_argument("--import", type=int, default=0, dest="import_", metavar="SECRETS")
    parser.add_argument("--transit", action="store_true", help="measure the key service")
    parser.add_argument("--floors", action="store_true", help="measure against the crypto floor alone")
    parser.add_argument("--only", default="", help="of --floors: figures whose names hold this text")
    options = parser.parse_args()
    if not (BUILD / "coffer").exists() or (shutil.which("wrk") is None and not options.import_):
        sys.exit("needs wrk and build/release/coffer")
    bench = Bench(options)
    try:
        if options.import_:
            bench.run_import()
        elif options.floors:
            bench.run_floors()
        elif options.transit:
            bench.run_transit()
        else:
            bench.run()
        print(json.dumps(bench.results, indent=2))
    finally:
        bench.close()


if __name__ == "__main__":
    main()
