-- Asks for the paths in the file $URLS in a fixed shuffled order, again and again, and reports one line of JSON.
local paths = {}
for path in io.lines(os.getenv("URLS")) do
   paths[#paths + 1] = path
end
-- A stride that shares no factor with the count visits every path once before the first comes again.
local function share(a, b)
   while b > 0 do a, b = b, a % b end
   return a > 1
end
local stride = math.floor(#paths * 0.618) + 1
while share(stride, #paths) do stride = stride + 1 end
local at = 0

request = function()
   at = (at + stride) % #paths
   return wrk.format("GET", paths[at + 1])
end

done = function(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
   local second = 1e6 / summary.duration
   print(string.format('RESULT {"rate": %.1f, "answered": %.1f, "refused": %d, "p50": %.3f, "p99": %.3f, "failed": %d}',
      summary.requests * second, (summary.requests - errors.status) * second, errors.status,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed))
end
