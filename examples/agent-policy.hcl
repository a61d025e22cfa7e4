# What a build agent of the payments team may do.
# Load it with: coffer policy write build-agent examples/agent-policy.hcl

# Read every secret of production's databases, see their names, change none.
path "secret/data/prod/db/*" {
  capabilities = ["read"]
}

path "secret/metadata/prod/db/*" {
  capabilities = ["list"]
}

# Not the ledger's, whatever is granted above: the most specific path decides.
path "secret/data/prod/db/postgres/ledger-db" {
  capabilities = ["deny"]
}

# A place of its own, by the name of its identity.
path "secret/data/agents/{{identity.entity.name}}/*" {
  capabilities = ["create", "read", "update", "delete"]
}

# Its own token: look, prolong, give back.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
