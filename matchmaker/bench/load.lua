-- What visitors ask, filled in by wrk.py. Each wrk thread has a state of its own.
local pages, questions, matches = $pages, $questions, $matches
local owner, curator, salt = $owner, $curator, $salt
local shares = $shares

local threads = {}
function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local kinds = {}
local asked = 0
s200, s303, s409, s422, s429, s503, other = 0, 0, 0, 0, 0, 0, 0

function init(args)
  math.randomseed(tonumber(salt) * 10 + number)
  for _, told in ipairs(shares) do
    local name, share = told:match("(%w+)=(%d+)")
    for _ = 1, tonumber(share) do table.insert(kinds, name) end
  end
end

local function escaped(text)
  return (text:gsub("[^%w]", function(c) return string.format("%%%02X", string.byte(c)) end))
end

local function form(path, who, body)
  return wrk.format("POST", path, {
    ["Cookie"] = who[1], ["Content-Type"] = "application/x-www-form-urlencoded",
  }, body .. "&csrf_token=" .. escaped(who[2]))
end

local function once()
  asked = asked + 1
  return salt .. "x" .. number .. "x" .. asked
end

local function key()
  local made = {}
  for i = 1, 16 do
    local at = math.random(1, 32)
    made[i] = ("0123456789abcdefghjkmnpqrstvwxyz"):sub(at, at)
  end
  return table.concat(made)
end

local ask = {}

function ask.browse()
  return wrk.format("GET", pages[math.random(#pages)])
end

function ask.search()
  local text = questions[math.random(#questions)] .. " " .. once()
  return wrk.format("GET", "/search?kind=solution&q=" .. escaped(text))
end

function ask.post()
  local title = questions[math.random(#questions)] .. " " .. once()
  local body = "do=draft&version=0&submission_key=" .. key() .. "&title=" .. escaped(title)
    .. "&summary=" .. escaped(title) .. "&problem=" .. escaped(title .. ". " .. title)
  return form("/needs/new", owner, body)
end

local decided = 0
function ask.decide()
  -- Every thread has matches of its own: none is decided twice before all were.
  local at = (decided * 2 + number) % #matches + 1
  decided = decided + 1
  return form("/matches/" .. matches[at] .. "/judgements", curator, "ruling=shortlist&version=1")
end

function request()
  return ask[kinds[math.random(#kinds)]]()
end

function response(status)
  if status == 200 then s200 = s200 + 1
  elseif status == 303 then s303 = s303 + 1
  elseif status == 409 then s409 = s409 + 1
  elseif status == 422 then s422 = s422 + 1
  elseif status == 429 then s429 = s429 + 1
  elseif status == 503 then s503 = s503 + 1
  else other = other + 1 end
end

function done(summary, latency, requests)
  local told = {}
  local function add(name, value)
    table.insert(told, string.format('"%s": %.2f', name, value))
  end
  add("per_s", summary.requests / (summary.duration / 1e6))
  add("p50_ms", latency:percentile(50) / 1e3)
  add("p99_ms", latency:percentile(99) / 1e3)
  add("max_ms", latency.max / 1e3)
  for _, name in ipairs({"s200", "s303", "s409", "s422", "s429", "s503", "other"}) do
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + thread:get(name) end
    if sum > 0 then add(name, sum) end
  end
  add("timeouts", summary.errors.timeout)
  add("lost", summary.errors.connect + summary.errors.read + summary.errors.write)
  print($mark .. "{" .. table.concat(told, ", ") .. "}")
end
