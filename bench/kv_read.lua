-- One KV read a request, of secrets bench/0 … bench/N-1 in random order.
-- Arguments after "--": number of secrets, token, path prefix.
local count, token, prefix = 1000, "", "/v1/secret/data/bench/"

function init(args)
  count = tonumber(args[1]) or count
  token = args[2] or token
  prefix = args[3] or prefix
  math.randomseed(os.time())
  wrk.headers["X-Vault-Token"] = token
end

function request()
  return wrk.format("GET", prefix .. math.random(0, count - 1))
end
