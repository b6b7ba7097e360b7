#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"

namespace sauda::storage {

/// How to reach Redis, and how long to wait for it.
struct RedisOptions {
  /// `redis://[user][:password]@host[:port][/database]`. Its password is never in an error.
  Secret url;
  /// Most connections open at once; at least 1.
  std::size_t size = 4;
  std::chrono::milliseconds connect_timeout{1'000};
  /// How long one command, and the wait for a free connection, may take.
  std::chrono::milliseconds command_timeout{1'000};
};

/// One answer of Redis.
struct RedisReply {
  enum class Type : std::uint8_t { kNil, kInteger, kString, kArray };

  Type type = Type::kNil;
  std::int64_t integer = 0;          ///< of kInteger
  std::string text;                  ///< of kString, also a status such as "OK"; binary-safe
  std::vector<RedisReply> elements;  ///< of kArray
};

/// A Lua script and its SHA-1, by which it is called once the server knows it.
class RedisScript {
 public:
  explicit RedisScript(std::string text);
  const std::string& text() const { return text_; }
  const std::string& sha1() const { return sha1_; }

 private:
  std::string text_;
  std::string sha1_;
};

/// A small pool of connections to one Redis. Thread-safe. Opens when first needed; a connection
/// found broken or timed out is dropped, and the next call opens another. No command is sent twice.
/// Keys, values and arguments may hold any bytes. Every call fails with
///
///   kUnavailable      REDIS_DOWN            not reachable, refused, or lost (the command may have
///   run) kUnavailable      REDIS_TIMEOUT         no answer, or no free connection, in time
///   kInternal         REDIS_ERROR           Redis refused the command
///   kInvalidArgument  REDIS_URL_MALFORMED
class Redis {
 public:
  /// What has happened so far, for metrics.
  struct Statistics {
    std::uint64_t commands = 0;
    std::uint64_t failures = 0;  ///< of them, those that failed
    std::uint64_t opened = 0;    ///< connections opened, ever
  };

  /// How Set writes.
  struct SetOptions {
    std::optional<std::chrono::milliseconds> life;  ///< absent: for ever
    bool only_if_absent = false;
  };

  explicit Redis(RedisOptions options);
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;
  ~Redis();

  Result<void> Ping();
  /// Absent: no such key.
  Result<std::optional<std::string>> Get(std::string_view key);
  /// False: the key exists and only_if_absent was asked for.
  Result<bool> Set(std::string_view key, std::string_view value, SetOptions options);
  Result<bool> Set(std::string_view key, std::string_view value) { return Set(key, value, {}); }
  /// False: there was no such key.
  Result<bool> Delete(std::string_view key);
  /// Value and removal in one step; absent: no such key.
  Result<std::optional<std::string>> GetDelete(std::string_view key);
  /// False: no such key.
  Result<bool> Expire(std::string_view key, std::chrono::milliseconds life);
  /// Runs a script: EVALSHA, and EVAL when the server does not know it yet.
  Result<RedisReply> Eval(const RedisScript& script, std::span<const std::string> keys,
                          std::span<const std::string> arguments);
  /// Any command, e.g. {"HGETALL", key}.
  Result<RedisReply> Command(std::span<const std::string_view> parts);

  Statistics statistics() const;

 private:
  class Connection;

  Result<std::unique_ptr<Connection>> Borrow();
  void GiveBack(std::unique_ptr<Connection> connection);

  const RedisOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  // mutex_ guards the rest
  std::vector<std::unique_ptr<Connection>> idle_;  // null: a slot whose connection is not open
  Statistics statistics_;
};

/// Writing to a peer that has gone raises SIGPIPE with hiredis 0.14: every program that uses Redis
/// calls this once at start.
void IgnoreSigPipe();

}  // namespace sauda::storage
