-- wrk: each request goes to one of many apps, chosen at random. Arguments: number of apps, host pattern with %d.
local requests = {}

function init(arguments)
  math.randomseed(os.time())
  for app = 1, tonumber(arguments[1]) do
    requests[app] = wrk.format("GET", "/", { ["Host"] = string.format(arguments[2], app) })
  end
end

function request()
  return requests[math.random(#requests)]
end
