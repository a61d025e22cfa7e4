#!/usr/bin/env python3
"""Measures the AWS APIs against the same listener answering a constant body, in one run.

    bench/aws.py [--pairs 3] [--seconds 4] [--plain]

Each figure is a ratio of neighbouring runs, as in bench/run.py, whose options these are. One client signs a
request (Signature V4) and wrk sends it again and again over 64 connections; the server verifies every one,
authorises it by an IAM policy and audits it durably. The signature is good for five minutes: a measurement
takes less. Needs wrk and a release build.
"""

import argparse
import base64
import datetime
import hashlib
import hmac
import json
import os
import shutil
import sys

import run

TARGETS = {"kms": "TrentService", "secretsmanager": "secretsmanager", "ssm": "AmazonSSM"}
REGION = "us-east-1"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def hashed(data):
    return hashlib.sha256(data).hexdigest()


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signer:
    def __init__(self, key_id, secret, host):
        self.key_id, self.secret, self.host = key_id, secret, host

    def headers(self, service, operation, body):
        """The headers of a signed POST to / with this body."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {"content-type": "application/x-amz-json-1.1", "host": self.host, "x-amz-date": now,
                   "x-amz-target": f"{TARGETS[service]}.{operation}"}
        names = ";".join(sorted(headers))
        canonical = "\n".join(
            ["POST", "/", "", *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, hashed(body.encode())])
        scope = f"{now[:8]}/{REGION}/{service}/aws4_request"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = keyed(key, part)
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashed(canonical.encode())}"
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope}, SignedHeaders={names}, "
                                    f"Signature={keyed(key, to_sign).hex()}")
        return headers


class AwsBench(run.Bench):
    def call(self, service, operation, request):
        body = json.dumps(request)
        connection = self.api.connect()
        connection.request("POST", "/", body, self.signer.headers(service, operation, body))
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{service} {operation}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else {}

    def signed(self, service, operation, request):
        """The arguments of signed.lua."""
        body = json.dumps(request)
        headers = self.signer.headers(service, operation, body)
        return [body, *(part for header in headers.items() for part in header)]

    def make_principal(self):
        self.api.token = self.root
        self.api.call("PUT", "/api/v1/aws/users/bench", {"policy_arns": [ADMINISTRATOR]})
        made = self.api.call("PUT", "/api/v1/aws/users/bench/access-keys", {})
        self.signer = Signer(made["access_key_id"], made["secret_access_key"], f"127.0.0.1:{self.port}")

    def furnish_aws(self):
        """Makes what the calls work on; returns them: operation to service and request."""
        self.make_principal()
        self.call("secretsmanager", "CreateSecret", {
            "Name": "bench/secret", "SecretString": json.dumps(run.VALUE), "ClientRequestToken": "0" * 32})
        self.call("ssm", "PutParameter", {"Name": "/bench/parameter", "Value": "p" * 100, "Type": "SecureString"})
        key = self.call("kms", "CreateKey", {})["KeyMetadata"]["KeyId"]
        plain = base64.b64encode(os.urandom(256)).decode()
        sealed = self.call("kms", "Encrypt", {"KeyId": key, "Plaintext": plain})["CiphertextBlob"]
        return {"GetSecretValue": ("secretsmanager", {"SecretId": "bench/secret"}),
                "GetParameter": ("ssm", {"Name": "/bench/parameter", "WithDecryption": True}),
                "Decrypt": ("kms", {"CiphertextBlob": sealed}),
                "GenerateDataKey": ("kms", {"KeyId": key, "KeySpec": "AES_256"})}

    def run(self):
        if self.options.tls:
            self.make_certificate()
        self.start_constant()
        self.start_coffer()
        self.furnish()
        for operation, (service, request) in self.furnish_aws().items():
            self.compare_with(operation, "signed.lua", self.signed(service, operation, request))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="without TLS")
    options = parser.parse_args()
    options.tls = not options.plain
    if not (run.BUILD / "coffer").exists() or shutil.which("wrk") is None:
        sys.exit("needs wrk and build/release/coffer")
    bench = AwsBench(options)
    try:
        bench.run()
        print(json.dumps(bench.results, indent=2))
    finally:
        bench.close()


if __name__ == "__main__":
    main()
