-- The same signed POST again and again, as one client signed it; good for five minutes.
-- Arguments after "--": body, then a name and a value for each header.
function init(args)
  wrk.method = "POST"
  wrk.path = "/"
  wrk.body = args[1]
  for i = 2, #args, 2 do
    -- wrk has a Host of its own, spelt like this.
    wrk.headers[args[i] == "host" and "Host" or args[i]] = args[i + 1]
  end
end
