#include "libs/storage/redis_lock.hpp"

#include <array>
#include <random>
#include <utility>

#include <unistd.h>

namespace sauda::storage {
namespace {

const RedisScript& RenewScript() {
  static const RedisScript script{
      "if redis.call('get', KEYS[1]) == ARGV[1] then "
      "return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end"};
  return script;
}

const RedisScript& ReleaseScript() {
  static const RedisScript script{
      "if redis.call('get', KEYS[1]) == ARGV[1] then "
      "return redis.call('del', KEYS[1]) else return 0 end"};
  return script;
}

/// Removes the key if its value is still ours.
Result<void> GiveUp(Redis& redis, const std::string& key, const std::string& value) {
  const std::array keys{key};
  const std::array arguments{value};
  if (const auto reply = redis.Eval(ReleaseScript(), keys, arguments); !reply) {
    return reply.error();
  }
  return {};
}

/// This process, for people.
std::string Ourselves() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return "process " + std::to_string(getpid()) + " of host " + host.data();
}

/// Who holds a lock, as its value says it.
std::string HolderOf(Redis& redis, const std::string& key) {
  const auto value = redis.Get(key);
  if (!value || !*value) return "another process";  // it has just gone, or Redis has
  const std::size_t space = (*value)->find(' ');
  std::string holder = space == std::string::npos ? "another process" : (*value)->substr(space + 1);
  for (char& c : holder) {
    if (c < ' ' || c > '~') c = '?';
  }
  return holder.substr(0, 300);
}

/// 128 bits that no other holder has, then who it is.
std::string MakeValue() {
  std::random_device random;  // the kernel's
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string value;
  for (int i = 0; i < 4; ++i) {
    auto bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4U) value += kDigits[bits & 0xFU];
  }
  return value + " " + Ourselves();
}

}  // namespace

Result<std::unique_ptr<RedisLock>> RedisLock::Acquire(Redis& redis, std::string key,
                                                      std::chrono::milliseconds life) {
  std::string value = MakeValue();
  const auto asked_at = std::chrono::steady_clock::now();
  const auto taken = redis.Set(key, value, {.life = life, .only_if_absent = true});
  if (!taken) {
    // The answer may be what was lost: a lock that nobody knows of must not stay for its life.
    (void)GiveUp(redis, key, value);
    return taken.error();
  }
  if (!*taken) {
    return Error{Code::kAborted, "LOCK_HELD", key + " is held by " + HolderOf(redis, key)};
  }
  return std::unique_ptr<RedisLock>{
      new RedisLock{redis, std::move(key), std::move(value), life, asked_at + life}};
}

RedisLock::RedisLock(Redis& redis, std::string key, std::string value,
                     std::chrono::milliseconds life,
                     std::chrono::steady_clock::time_point valid_until)
    : redis_{redis},
      key_{std::move(key)},
      value_{std::move(value)},
      life_{life},
      valid_until_{valid_until},
      renewer_{[this](const std::stop_token& stop) { KeepRenewing(stop); }} {}

RedisLock::~RedisLock() { (void)Release(); }  // its life ends it when Redis cannot be reached

bool RedisLock::held() const {
  return !lost_ && std::chrono::steady_clock::now() < valid_until_.load();
}

Result<bool> RedisLock::Renew() {
  if (!held()) {
    lost_ = true;
    return false;
  }
  const auto asked_at = std::chrono::steady_clock::now();  // the life counts from before the call
  const std::array keys{key_};
  const std::array arguments{value_, std::to_string(life_.count())};
  const auto reply = redis_.Eval(RenewScript(), keys, arguments);
  if (!reply) return reply.error();
  if (reply->integer != 1) {
    lost_ = true;
    return false;
  }
  valid_until_ = asked_at + life_;
  return true;
}

Result<void> RedisLock::Release() {
  if (renewer_.joinable()) {
    renewer_.request_stop();
    renewer_.join();
  }
  if (lost_.exchange(true)) return {};
  return GiveUp(redis_, key_, value_);
}

void RedisLock::KeepRenewing(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested() && held()) {
    wake_.wait_for(lock, stop, life_ / 3, [] { return false; });
    if (!stop.stop_requested()) (void)Renew();  // a failure is tried again until the life is over
  }
}

}  // namespace sauda::storage
