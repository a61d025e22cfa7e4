"""A server whose configuration limits what each principal may ask of it, with users who sign."""

from coffer_server import Server

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# Two of KMS's symmetric operations at once, and then two a second; of the others so few that no test
# waits for more.
LIMITS = """
[aws.limits.kms]
symmetric = {rate = 2, burst = 2}

[aws.limits.secretsmanager]
read = {rate = 0.001, burst = 3}

[aws.limits.ssm]
DescribeParameters = {rate = 0.001, burst = 1}

[aws.limits.sts]
all = {rate = 0.001, burst = 1}
"""


class LimitedServer(Server):
    """Started, initialised and unsealed by begin()."""

    def begin(self):
        with self.config.open("a", encoding="utf-8") as config:
            config.write(LIMITS)
        return self.prepare()

    def new_user(self, name):
        """An administrator with full buckets; gives (access key id, secret)."""
        self.json("PUT", f"/api/v1/aws/users/{name}", {"policy_arns": [ADMINISTRATOR]},
                  token=self.root_token)
        key = self.json("PUT", f"/api/v1/aws/users/{name}/access-keys", {}, token=self.root_token)
        return key["access_key_id"], key["secret_access_key"]
