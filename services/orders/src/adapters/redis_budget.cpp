#include "services/orders/src/adapters/redis_budget.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libs/storage/redis.hpp"

namespace sauda::orders {
namespace {

using std::chrono::milliseconds;
using storage::RedisScript;

// KEYS: the calls by time, a count that names them, the mark that what came before is known.
// ARGV: 1 for a cancel; then of each window its length, its most, and what only cancels may take.
// Answers -1 without the mark, else how long to wait, milliseconds; 0: the room is taken.
const RedisScript& TakeScript() {
  static const RedisScript script{R"(
    if redis.call('exists', KEYS[3]) == 0 then return -1 end
    local clock = redis.call('time')
    local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
    local wait, longest = 0, 0
    for i = 2, #ARGV, 3 do
      local window, most = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
      if ARGV[1] == '0' then most = most - tonumber(ARGV[i + 2]) end
      longest = math.max(longest, window)
      local oldest = redis.call('zrevrange', KEYS[1], most - 1, most - 1, 'withscores')
      if oldest[2] then wait = math.max(wait, oldest[2] + window - now) end
    end
    redis.call('zremrangebyscore', KEYS[1], '-inf', now - longest)
    if wait > 0 then return wait end
    redis.call('zadd', KEYS[1], now, redis.call('incr', KEYS[2]))
    return 0
  )"};
  return script;
}

// ARGV: how long ago each call was, milliseconds. Of several that rebuild at once one does.
const RedisScript& RebuildScript() {
  static const RedisScript script{R"(
    if redis.call('exists', KEYS[3]) == 1 then return 0 end
    local clock = redis.call('time')
    local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
    for i = 1, #ARGV do
      redis.call('zadd', KEYS[1], now - ARGV[i], redis.call('incr', KEYS[2]))
    end
    redis.call('set', KEYS[3], now)
    return 1
  )"};
  return script;
}

Error BudgetDown(const Error& why) {
  return {Code::kUnavailable, "BUDGET_DOWN",
          "what was sent to the broker of late cannot be told: " + why.reason + ": " + why.message};
}

}  // namespace

RedisBudget::RedisBudget(Parts parts)
    : parts_{std::move(parts)},
      // One hash slot, whatever serves it.
      keys_{"sauda:orders:{" + parts_.account_id + "}:sent",
            "sauda:orders:{" + parts_.account_id + "}:count",
            "sauda:orders:{" + parts_.account_id + "}:known"} {}

Result<RedisBudget::Answer> RedisBudget::Ask(Spend spend) {
  std::vector<std::string> arguments{spend == Spend::kCancel ? "1" : "0"};
  for (const BudgetLimit& limit : parts_.limits) {
    arguments.push_back(std::to_string(limit.window.count()));
    arguments.push_back(std::to_string(limit.most));
    arguments.push_back(std::to_string(limit.for_cancels));
  }
  const auto reply = parts_.redis.Eval(TakeScript(), keys_, arguments);
  if (!reply) return BudgetDown(reply.error());
  return Answer{.known = reply->integer >= 0, .wait = milliseconds{reply->integer}};
}

Result<void> RedisBudget::Rebuild() {
  const auto sent = parts_.history.Within(parts_.limits.back().window);
  if (!sent) return BudgetDown(sent.error());
  // Redis takes a bounded number of arguments; more than the most is as good as the most.
  const auto most = static_cast<std::size_t>(parts_.limits.back().most);
  std::vector<std::string> ages;
  for (const milliseconds age : *sent) {
    if (ages.size() == most) break;
    ages.push_back(std::to_string(std::max(age, milliseconds{0}).count()));
  }
  const auto reply = parts_.redis.Eval(RebuildScript(), keys_, ages);
  if (!reply) return BudgetDown(reply.error());
  return {};
}

bool RedisBudget::Pause(milliseconds wait) {
  std::unique_lock lock{mutex_};
  return !stopped_.wait_for(lock, wait, [this] { return stopping_; });
}

void RedisBudget::Stop() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  stopped_.notify_all();
}

Result<void> RedisBudget::Take(Spend spend, milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  bool rebuilt = false;
  while (true) {
    auto answer = Ask(spend);
    if (!answer) return answer.error();
    if (!answer->known) {
      if (std::exchange(rebuilt, true)) {
        return BudgetDown({Code::kUnavailable, "REDIS_EMPTY", "Redis forgot it again"});
      }
      if (auto done = Rebuild(); !done) return done;
      continue;
    }
    if (answer->wait == milliseconds{0}) return {};
    if (std::chrono::steady_clock::now() + answer->wait > until) {
      return Error{Code::kResourceExhausted, "BUDGET_SPENT",
                   "the broker takes no more orders so soon: try again in " +
                       std::to_string(answer->wait.count()) + " ms"};
    }
    if (!Pause(answer->wait)) {
      return Error{Code::kUnavailable, "BUDGET_DOWN", "the service is stopping"};
    }
  }
}

}  // namespace sauda::orders
