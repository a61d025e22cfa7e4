#!/usr/bin/env python3
"""Measures one certificate authority with many certificates: whether each thing that is done with them stays
fast, and whether lists stay right.

    bench/certificates.py [--certificates 1000000] [--revoked 10000] [--threads 2] [--plain]

wrk issues them through pki/issue (P-256, stored), so that each is a real one with its key, its row, its index
entries and its audit event; the rate of the first and of the last of ten parts is reported. Then some are read
by their numbers, a page is listed from the middle, 10,000 are revoked, and the list is fetched (again, and
after one more revocation) and given to `openssl crl`, which must accept its signature and name each revoked
number and no other. At last everything that expired is tidied away (a tenth lived for a second). Needs wrk,
openssl and a release build. A minute for each 200,000.
"""

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import time

import run


class Certificates(run.Bench):
    def timed(self, name, work, times=1):
        """What the last call gave; milliseconds of one call go to the results."""
        took = []
        for i in range(times):
            started = time.monotonic()
            out = work(i)
            took.append((time.monotonic() - started) * 1000)
        self.results[name] = round(statistics.median(took), 2)
        print(name, self.results[name], "ms", flush=True)
        return out

    def prepare(self):
        if self.options.tls:
            self.make_certificate()
        self.start_coffer()
        self.furnish()
        self.api.token = self.token = self.root
        self.api.call("POST", "/v1/sys/mounts/pki", {"type": "pki"})
        made = self.api.call("POST", "/v1/pki/root/generate/internal", {
            "common_name": "Root", "key_type": "ec", "key_bits": 256, "ttl": "720h"})
        self.issuer = self.folder / "issuer.pem"
        self.issuer.write_text(made["data"]["certificate"] + "\n")
        self.api.call("POST", "/v1/pki/roles/host", {
            "allow_any_name": True, "key_type": "ec", "key_bits": 256, "ttl": "24h", "max_ttl": "24h"})

    def issue(self, count, ttl):
        """Issues about `count` with wrk; gives the rate."""
        arguments = [self.token, "/v1/pki/issue/host", json.dumps({"common_name": "host.example.com", "ttl": ttl})]
        issued, spent = 0, 0.0
        while issued < count:
            left = (count - issued) / (issued / spent) if issued else 2
            self.options.seconds = max(1, min(20, round(left)))
            done = self.wrk(self.coffer, self.port, "post.lua", arguments)
            issued += done["requests"]
            spent += done["took"]
        self.results["certificates"] = self.results.get("certificates", 0) + issued
        self.api.connection = None  # it was idle for longer than the server keeps one
        return round(issued / spent)

    def fill(self):
        part = self.options.certificates // 10
        rates = [self.issue(part, "1s")]
        self.passing = self.page("", 200)
        for tenth in range(9):
            if tenth == 4:  # numbers ascend with time
                made = self.api.call("POST", "/v1/pki/issue/host", {"common_name": "middle.example.com"})
                self.middle = made["data"]["serial_number"]
            rates.append(self.issue(part, "24h"))
        self.results["issued per second, each tenth"] = rates
        print("issued per second, each tenth:", rates, flush=True)
        self.results["RssAnon MiB"] = round(run.anonymous_mib(self.coffer.pid))

    def page(self, after, limit):
        path = f"/v1/pki/certs?limit={limit}" + (f"&after={after}" if after else "")
        return self.api.call("LIST", path)["data"]["keys"]

    def read(self):
        serials = self.timed("list 1,000 from the middle, ms", lambda _: self.page(self.middle, 1000), 5)
        random.shuffle(serials)
        self.timed("read by number, ms", lambda i: self.api.call("GET", f"/v1/pki/cert/{serials[i]}"), 500)
        body = {"common_name": "one.example.com"}
        self.timed("issue one, ms", lambda _: self.api.call("POST", "/v1/pki/issue/host", body), 200)

    def crl(self):
        connection = run.Api(self.port, self.options.tls).connect()
        connection.request("GET", "/v1/pki/crl")
        return connection.getresponse().read()

    def check(self, der, revoked):
        """openssl accepts the list, and finds in it what was revoked and nothing else."""
        command = ["openssl", "crl", "-inform", "DER", "-noout", "-text", "-CAfile", str(self.issuer)]
        done = subprocess.run(command, input=der, capture_output=True)
        if b"verify OK" not in done.stderr:
            raise RuntimeError(f"openssl refuses the list: {done.stderr[:200]!r}")
        listed = set(re.findall(r"Serial Number: ([0-9A-F]+)", done.stdout.decode()))
        wanted = {serial.replace(":", "").upper() for serial in revoked}
        if listed != wanted:
            raise RuntimeError(f"{len(listed)} are listed, {len(wanted)} were revoked")

    def revoke(self):
        revoked = []

        def one(_=0):
            self.api.call("POST", "/v1/pki/revoke", {"serial_number": self.waiting[len(revoked)]})
            revoked.append(self.waiting[len(revoked)])

        self.waiting = self.page(self.middle, self.options.revoked + 10)
        self.timed("revoke, ms", one, self.options.revoked)
        der = self.timed("first list, ms", lambda _: self.crl())
        self.check(der, revoked)
        self.timed("the same list again, ms", lambda _: self.crl(), 20)
        one()
        self.check(self.timed("list after one more, ms", lambda _: self.crl()), revoked)
        self.results["octets of the list"] = len(der)

    def is_gone(self, serial):
        try:
            self.api.call("GET", f"/v1/pki/cert/{serial}")
        except RuntimeError:
            return True
        return False

    def tidy(self):
        self.api.call("POST", "/v1/pki/tidy", {"tidy_cert_store": True, "safety_buffer": "1s"})
        started = None  # the job looks once a minute
        slowest = 0.0
        while self.api.call("GET", "/v1/pki/tidy-status")["data"]["state"] == "Running":
            asked = time.monotonic()
            if started is None and any(self.is_gone(serial) for serial in self.passing):
                started = asked
            self.is_gone(self.waiting[-1])
            slowest = max(slowest, time.monotonic() - asked) if started else 0.0
            time.sleep(0.02)
        self.results["tidy a tenth, s"] = round(time.monotonic() - started, 1)
        self.results["slowest read meanwhile, ms"] = round(slowest * 1000, 1)

    def run(self):
        self.prepare()
        self.fill()
        self.read()
        self.revoke()
        self.results["RssAnon MiB after all of it"] = round(run.anonymous_mib(self.coffer.pid))
        self.tidy()
        self.restart()
        self.timed("first list after a restart, ms", lambda _: self.crl())
        self.results["RssAnon MiB after a restart and a list"] = round(run.anonymous_mib(self.coffer.pid))
        size = sum(file.stat().st_size for file in self.data.rglob("*") if file.is_file())
        self.results["MiB on disk"] = round(size / 2**20)

    def unseal(self):
        # The one after a restart asks for no secret of a key/value engine.
        for share in self.keys[:3]:
            self.api.call("PUT", "/v1/sys/unseal", {"key": share})
        self.api.token = self.token
        return 0.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificates", type=int, default=1_000_000)
    parser.add_argument("--revoked", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--plain", action="store_true", help="without TLS")
    options = parser.parse_args()
    options.tls = not options.plain
    bench = Certificates(options)
    try:
        bench.run()
        print(json.dumps(bench.results, indent=2))
    finally:
        bench.close()


if __name__ == "__main__":
    sys.exit(main())
