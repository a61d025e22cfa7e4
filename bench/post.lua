-- The same POST again and again.
-- Arguments after "--": token, path, body.
function init(args)
  wrk.method = "POST"
  wrk.headers["X-Vault-Token"] = args[1]
  wrk.path = args[2]
  wrk.body = args[3]
end
