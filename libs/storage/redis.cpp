#include "libs/storage/redis.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <utility>

#include <hiredis/hiredis.h>
#include <openssl/sha.h>
#include <poll.h>

#include "libs/storage/connection_url.hpp"

namespace sauda::storage {
namespace {

/// `redis://...` in its parts.
struct Address {
  std::string host;
  int port = 6379;
  std::string user;
  std::string password;
  std::string database;
};

Result<Address> ParseAddress(std::string_view url) {
  const Error malformed{
      Code::kInvalidArgument, "REDIS_URL_MALFORMED",
      MaskPassword(url) + " is not redis://[user][:password]@host[:port][/database]"};
  constexpr std::string_view kScheme = "redis://";
  if (!url.starts_with(kScheme)) return malformed;
  url.remove_prefix(kScheme.size());
  Address address;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const auto login = url.substr(0, at);
    const auto colon = login.find(':');
    address.user = login.substr(0, colon);
    if (colon != std::string_view::npos) address.password = login.substr(colon + 1);
    url.remove_prefix(at + 1);
  }
  if (const auto slash = url.find('/'); slash != std::string_view::npos) {
    address.database = url.substr(slash + 1);
    url = url.substr(0, slash);
  }
  if (const auto colon = url.rfind(':'); colon != std::string_view::npos) {
    const auto port = url.substr(colon + 1);
    const auto [end, problem] =
        std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (problem != std::errc{} || end != port.data() + port.size() || address.port < 1 ||
        address.port > 65'535) {
      return malformed;
    }
    url = url.substr(0, colon);
  }
  address.host = url;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (address.host.empty() ||
      !std::all_of(address.database.begin(), address.database.end(), is_digit)) {
    return malformed;
  }
  return address;
}

timeval ToTimeval(std::chrono::milliseconds duration) {
  return {.tv_sec = duration.count() / 1'000, .tv_usec = duration.count() % 1'000 * 1'000};
}

RedisReply FromRaw(const redisReply& raw) {
  RedisReply reply;
  switch (raw.type) {
    case REDIS_REPLY_INTEGER:
      reply.type = RedisReply::Type::kInteger;
      reply.integer = raw.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:  // inside an array only; a whole answer that is one fails before
      reply.type = RedisReply::Type::kString;
      reply.text.assign(raw.str, static_cast<std::size_t>(raw.len));
      break;
    case REDIS_REPLY_ARRAY:
      reply.type = RedisReply::Type::kArray;
      for (std::size_t i = 0; i < raw.elements; ++i) {
        reply.elements.push_back(FromRaw(*raw.element[i]));
      }
      break;
    default:
      break;  // nil
  }
  return reply;
}

Error Unexpected(std::string_view command) {
  return {Code::kInternal, "REDIS_ERROR", "unexpected answer to " + std::string{command}};
}

}  // namespace

RedisScript::RedisScript(std::string text) : text_{std::move(text)} {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text_.data()), text_.size(), digest.data());
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned char byte : digest) {
    sha1_ += kDigits[byte >> 4U];
    sha1_ += kDigits[byte & 0xFU];
  }
}

/// One connection; broken once a call on it failed for any reason but Redis refusing a command.
class Redis::Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const RedisOptions& options) {
    const auto address = ParseAddress(options.url.Reveal());
    if (!address) return address.error();
    std::unique_ptr<Connection> connection{new Connection{redisConnectWithTimeout(
        address->host.c_str(), address->port, ToTimeval(options.connect_timeout))}};
    redisContext* const context = connection->context_.get();
    if (context == nullptr || context->err != 0) return connection->Failure();
    if (redisSetTimeout(context, ToTimeval(options.command_timeout)) != REDIS_OK ||
        redisEnableKeepAlive(context) != REDIS_OK) {
      return connection->Failure();
    }
    if (!address->password.empty()) {
      std::vector<std::string_view> login{"AUTH"};
      if (!address->user.empty()) login.emplace_back(address->user);
      login.emplace_back(address->password);
      if (const auto done = connection->Call(login); !done) return Refused(done.error(), options);
    }
    if (!address->database.empty() && address->database != "0") {
      const std::array<std::string_view, 2> select{"SELECT", address->database};
      if (const auto done = connection->Call(select); !done) return Refused(done.error(), options);
    }
    return connection;
  }

  Result<RedisReply> Call(std::span<const std::string_view> parts) {
    std::vector<const char*> values;
    std::vector<std::size_t> lengths;
    for (const auto part : parts) {
      values.push_back(part.data());
      lengths.push_back(part.size());
    }
    const std::unique_ptr<void, decltype(&freeReplyObject)> answer{
        redisCommandArgv(context_.get(), static_cast<int>(parts.size()), values.data(),
                         lengths.data()),
        freeReplyObject};
    if (!answer) return Failure();
    const auto& raw = *static_cast<const redisReply*>(answer.get());
    if (raw.type == REDIS_REPLY_ERROR) {
      const std::string text{raw.str, static_cast<std::size_t>(raw.len)};
      // Starting up or without its master: not there yet, rather than wrong.
      if (text.starts_with("LOADING") || text.starts_with("MASTERDOWN") ||
          text.starts_with("READONLY")) {
        broken_ = true;
        return Error{Code::kUnavailable, "REDIS_DOWN", text};
      }
      return Error{Code::kInternal, "REDIS_ERROR", text};
    }
    return FromRaw(raw);
  }

  bool broken() const { return broken_; }

  /// Idle, the server has nothing to say: bytes, or an end, mean that it gave the connection up.
  bool Stale() const {
    pollfd idle{.fd = context_->fd, .events = POLLIN, .revents = 0};
    return ::poll(&idle, 1, 0) != 0;
  }

 private:
  explicit Connection(redisContext* context) : context_{context, redisFree} {}

  Error Failure() {
    broken_ = true;
    if (context_ == nullptr) return {Code::kUnavailable, "REDIS_DOWN", "out of memory"};
    // A read that timed out is REDIS_ERR_IO with EAGAIN; one that could not connect says so.
    const bool timed_out =
        context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
    return {Code::kUnavailable, timed_out ? "REDIS_TIMEOUT" : "REDIS_DOWN",
            timed_out ? "Redis did not answer in time" : std::string{context_->errstr}};
  }

  /// A login that Redis refuses keeps it out of reach, whatever the cause.
  static Error Refused(const Error& error, const RedisOptions& options) {
    return {Code::kUnavailable, "REDIS_DOWN",
            "login refused: " + ScrubUrl(error.message, options.url.Reveal())};
  }

  const std::unique_ptr<redisContext, decltype(&redisFree)> context_;
  bool broken_ = false;
};

Redis::Redis(RedisOptions options)
    : options_{std::move(options)}, idle_(std::max<std::size_t>(options_.size, 1)) {}
Redis::~Redis() = default;

Redis::Statistics Redis::statistics() const {
  const std::lock_guard lock{mutex_};
  return statistics_;
}

Result<std::unique_ptr<Redis::Connection>> Redis::Borrow() {
  std::unique_lock lock{mutex_};
  ++statistics_.commands;
  if (!freed_.wait_for(lock, options_.command_timeout, [this] { return !idle_.empty(); })) {
    ++statistics_.failures;
    return Error{Code::kUnavailable, "REDIS_TIMEOUT", "no connection to Redis was free in time"};
  }
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  lock.unlock();
  if (connection && !connection->Stale()) return connection;
  connection.reset();
  auto opened = Connection::Open(options_);
  lock.lock();
  if (opened) {
    ++statistics_.opened;
    return std::move(*opened);
  }
  ++statistics_.failures;
  idle_.push_back(nullptr);
  freed_.notify_one();
  return opened.error();
}

void Redis::GiveBack(std::unique_ptr<Connection> connection) {
  const bool failed = connection->broken();
  if (failed) connection.reset();
  const std::lock_guard lock{mutex_};
  if (failed) ++statistics_.failures;
  idle_.push_back(std::move(connection));
  freed_.notify_one();
}

Result<RedisReply> Redis::Command(std::span<const std::string_view> parts) {
  auto connection = Borrow();
  if (!connection) return connection.error();
  auto reply = (*connection)->Call(parts);
  GiveBack(std::move(*connection));
  return reply;
}

Result<void> Redis::Ping() {
  const std::array<std::string_view, 1> parts{"PING"};
  if (const auto reply = Command(parts); !reply) return reply.error();
  return {};
}

Result<std::optional<std::string>> Redis::Get(std::string_view key) {
  const std::array<std::string_view, 2> parts{"GET", key};
  auto reply = Command(parts);
  if (!reply) return reply.error();
  if (reply->type == RedisReply::Type::kNil) return std::optional<std::string>{};
  return std::optional{std::move(reply->text)};
}

Result<bool> Redis::Set(std::string_view key, std::string_view value, SetOptions options) {
  std::vector<std::string_view> parts{"SET", key, value};
  const std::string life = options.life ? std::to_string(options.life->count()) : "";
  if (options.only_if_absent) parts.emplace_back("NX");
  if (options.life) parts.insert(parts.end(), {"PX", life});
  const auto reply = Command(parts);
  if (!reply) return reply.error();
  return reply->type != RedisReply::Type::kNil;
}

Result<bool> Redis::Delete(std::string_view key) {
  const std::array<std::string_view, 2> parts{"DEL", key};
  const auto reply = Command(parts);
  if (!reply) return reply.error();
  if (reply->type != RedisReply::Type::kInteger) return Unexpected("DEL");
  return reply->integer == 1;
}

Result<std::optional<std::string>> Redis::GetDelete(std::string_view key) {
  const std::array<std::string_view, 2> parts{"GETDEL", key};
  auto reply = Command(parts);
  if (!reply) return reply.error();
  if (reply->type == RedisReply::Type::kNil) return std::optional<std::string>{};
  return std::optional{std::move(reply->text)};
}

Result<bool> Redis::Expire(std::string_view key, std::chrono::milliseconds life) {
  const std::string ms = std::to_string(life.count());
  const std::array<std::string_view, 3> parts{"PEXPIRE", key, ms};
  const auto reply = Command(parts);
  if (!reply) return reply.error();
  if (reply->type != RedisReply::Type::kInteger) return Unexpected("PEXPIRE");
  return reply->integer == 1;
}

Result<RedisReply> Redis::Eval(const RedisScript& script, std::span<const std::string> keys,
                               std::span<const std::string> arguments) {
  const std::string key_count = std::to_string(keys.size());
  std::vector<std::string_view> parts{"EVALSHA", script.sha1(), key_count};
  parts.insert(parts.end(), keys.begin(), keys.end());
  parts.insert(parts.end(), arguments.begin(), arguments.end());
  auto reply = Command(parts);
  if (reply || !reply.error().message.starts_with("NOSCRIPT")) return reply;
  parts[0] = "EVAL";
  parts[1] = script.text();
  return Command(parts);
}

void IgnoreSigPipe() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace sauda::storage
