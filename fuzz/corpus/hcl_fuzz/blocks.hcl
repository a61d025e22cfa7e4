# A policy of the usual shape.
path "secret/data/{{identity.entity.id}}/*" {
  capabilities = ["create", "read", "update"]
  allowed_parameters = { "k" = ["a*", 1, true], "*" = [] }
}
path "auth/+/login" { policy = "write" } /* old */
