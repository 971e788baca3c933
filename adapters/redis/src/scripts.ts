import { createHash } from "node:crypto";

/**
 * What is done to a queue, each step at once and by the time of Redis, so that machines whose clocks differ agree. A queue is
 *   a stream of messages with one consumer group, whose list of what is pending counts how often each was given out;
 *   `:hidden`, when each message that was given out is given out again, by its id;
 *   `:delayed`, messages that nobody may have yet, by when they go into the stream;
 *   `:bell`, a stream whose one entry is replaced when somebody who waits should look again.
 *
 * A deadline for each message is exact where XAUTOCLAIM knows one idle time for all, and giving out is a script where a
 * blocking XREADGROUP would give a message to a connection that has just died, without a deadline. So whoever waits, waits
 * for the bell (XREAD), which takes nothing from anybody.
 */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export const GROUP = "punctual";
/** One for all processes: what tells a giving out from another is its number, and no list of the dead is left behind. */
const CONSUMER = "all";
/** What becomes due in one step, so that it stays short. */
const MOST_DUE = 1_000;

const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

local function ring(bell) redis.call('XADD', bell, 'MAXLEN', '=', '1', '*', 'rung', '') end

-- Redis may have come back empty.
local function grouped(stream, ...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err and string.find(answer.err, 'NOGROUP', 1, true) then
    redis.call('XGROUP', 'CREATE', stream, '${GROUP}', '0', 'MKSTREAM')
    answer = redis.pcall(...)
  end
  if type(answer) == 'table' and answer.err then error(answer) end
  return answer
end

local function timesGiven(stream, id)
  local pending = grouped(stream, 'XPENDING', stream, '${GROUP}', id, id, 1)
  return pending[1] and pending[1][4]
end

-- The id, if nobody was given it since.
local function currentOf(stream, receipt)
  local id, times = string.match(receipt, '^(%d+%-%d+)/(%d+)$')
  if id and timesGiven(stream, id) == tonumber(times) then return id end
end
`;

/** KEYS: stream, delayed, bell. ARGV: what makes it unique, then for each its delay, how many texts follow, and these. */
export const SEND = script(
  "",
  `
local stream, delayed, bell = KEYS[1], KEYS[2], KEYS[3]
local first = tonumber(redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]) or math.huge
local ringing = false
local at = 2
while ARGV[at] do
  local delay, count = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local fields = {unpack(ARGV, at + 2, at + 1 + count)}
  if delay > 0 then
    local due = math.ceil(now + delay)
    redis.call('ZADD', delayed, due, cmsgpack.pack({ARGV[1] .. at, fields}))
    ringing = ringing or due < first
  else
    redis.call('XADD', stream, '*', unpack(fields))
    ringing = true
  end
  at = at + 2 + count
end
if ringing then ring(bell) end
`,
);

/**
 * KEYS: stream, hidden, delayed, bell, and stream and bell of the dead letters. ARGV: most, for how many milliseconds, and
 * how often one is given out before it is a dead letter; 0 is for ever. Answers what is given out, as id, times and fields;
 * in how many milliseconds the next is due, or -1; and what the bell said last. It goes on where Redis is full, since that
 * makes room.
 */
export const TAKE = script(
  " flags=allow-oom",
  `
local stream, hidden, delayed, bell, deadStream, deadBell = unpack(KEYS)
local most, hiddenMs, maxTimes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', math.floor(now), 'LIMIT', 0, ${MOST_DUE})
for _, packed in ipairs(due) do redis.call('XADD', stream, '*', unpack(cmsgpack.unpack(packed)[2])) end
if #due > 0 then redis.call('ZREMRANGEBYRANK', delayed, 0, #due - 1) end

local given = {}
local function give(id, times, fields)
  redis.call('ZADD', hidden, math.ceil(now + hiddenMs), id)
  given[#given + 1] = {id, times, fields}
end
local function forget(id)
  redis.call('XACK', stream, '${GROUP}', id)
  redis.call('XDEL', stream, id)
  redis.call('ZREM', hidden, id)
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', hidden, '-inf', math.floor(now), 'LIMIT', 0, most)) do
  local times = timesGiven(stream, id)
  local entry = redis.call('XRANGE', stream, id, id)[1]
  if not times then
    redis.call('ZREM', hidden, id)
  elseif not entry then
    forget(id)
  elseif maxTimes > 0 and times >= maxTimes then
    local fields = entry[2]
    for _, text in ipairs({'reason', 'received too often', 'messageId', id}) do fields[#fields + 1] = text end
    redis.call('XADD', deadStream, '*', unpack(fields))
    ring(deadBell)
    forget(id)
  else
    redis.call('XCLAIM', stream, '${GROUP}', '${CONSUMER}', 0, id)
    give(id, times + 1, entry[2])
  end
end

if #given < most then
  local read = grouped(
    stream, 'XREADGROUP', 'GROUP', '${GROUP}', '${CONSUMER}', 'COUNT', most - #given, 'STREAMS', stream, '>'
  )
  for _, entry in ipairs(read and read[1][2] or {}) do give(entry[1], 1, entry[2]) end
end
if #given > 0 then return {given, 0, ''} end

local soonest = math.huge
for _, set in ipairs({hidden, delayed}) do
  soonest = math.min(soonest, tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]) or math.huge)
end
local rung = redis.call('XREVRANGE', bell, '+', '-', 'COUNT', 1)[1]
return {given, soonest == math.huge and -1 or math.max(0, math.ceil(soonest - now)), rung and rung[1] or '0-0'}
`,
);

/** KEYS: stream, hidden. ARGV: receipts. Answers 1 for each that was deleted. */
export const DELETE = script(
  " flags=allow-oom",
  `
local stream, hidden = KEYS[1], KEYS[2]
local done = {}
for index, receipt in ipairs(ARGV) do
  local id = currentOf(stream, receipt)
  if id then
    redis.call('XACK', stream, '${GROUP}', id)
    redis.call('XDEL', stream, id)
    redis.call('ZREM', hidden, id)
  end
  done[index] = id and 1 or 0
end
return done
`,
);

/** KEYS: stream, hidden, bell. ARGV: for how many milliseconds, then receipts. Answers 1 for each that is kept. */
export const KEEP = script(
  " flags=allow-oom",
  `
local stream, hidden, bell = KEYS[1], KEYS[2], KEYS[3]
local ms = tonumber(ARGV[1])
local till = ms > 0 and math.ceil(now + ms) or math.floor(now)
local sooner = false
local done = {}
for index = 2, #ARGV do
  local id = currentOf(stream, ARGV[index])
  if id then
    sooner = sooner or till < (tonumber(redis.call('ZSCORE', hidden, id)) or math.huge)
    redis.call('ZADD', hidden, till, id)
  end
  done[index - 1] = id and 1 or 0
end
if sooner then ring(bell) end
return done
`,
);

function script(flags: string, body: string): Script {
  const text = `#!lua${flags}\n${COMMON}${body}`;
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}
