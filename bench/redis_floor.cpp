#include "bench/redis_floor.hpp"

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>

#include <hiredis/hiredis.h>
#include <poll.h>

#include "libs/base/check.hpp"

namespace sauda::bench {
namespace {

constexpr int kSampleEvery = 20;
constexpr const char* kChannel = "ticks";

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
using Connection = std::unique_ptr<redisContext, FreeContext>;
struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

Connection Open(int port, const std::string& password) {
  Connection connection{redisConnect("127.0.0.1", port)};
  Check(connection != nullptr && connection->err == 0, "no Redis for the floor");
  const Reply reply{
      static_cast<redisReply*>(redisCommand(connection.get(), "AUTH %s", password.c_str()))};
  Check(reply != nullptr && reply->type != REDIS_REPLY_ERROR, "Redis refuses the password");
  return connection;
}

Connection Subscribe(int port, const std::string& password) {
  Connection connection = Open(port, password);
  const Reply reply{
      static_cast<redisReply*>(redisCommand(connection.get(), "SUBSCRIBE %s", kChannel))};
  Check(reply != nullptr && reply->type == REDIS_REPLY_ARRAY, "Redis refuses a subscription");
  return connection;
}

/// Takes every message that has come on a connection.
void Drain(redisContext* connection, int ticks_per_frame, std::atomic<std::uint64_t>& seen,
           Samples& samples) {
  if (redisBufferRead(connection) != REDIS_OK) return;
  for (;;) {
    void* raw = nullptr;
    if (redisGetReplyFromReader(connection, &raw) != REDIS_OK || raw == nullptr) return;
    const Reply reply{static_cast<redisReply*>(raw)};
    if (reply->elements != 3) continue;
    const std::int64_t now = NowUs();
    samples.Ticks(now, static_cast<std::uint64_t>(ticks_per_frame));
    if (++seen % kSampleEvery != 0) continue;
    std::int64_t sent = 0;
    std::memcpy(&sent, reply->element[2]->str, sizeof(sent));
    samples.Latency(sent, now);
  }
}

void ReadAll(const std::vector<Connection>& connections, const Load& load,
             const std::atomic<bool>& stop, std::atomic<std::uint64_t>& seen, Samples& samples) {
  std::vector<pollfd> watched;
  watched.reserve(connections.size());
  for (const auto& connection : connections) watched.push_back({connection->fd, POLLIN, 0});
  while (!stop) {
    if (poll(watched.data(), watched.size(), 50) <= 0) continue;
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if ((watched[i].revents & POLLIN) == 0) continue;
      Drain(connections[i].get(), load.ticks_per_frame, seen, samples);
    }
  }
}

}  // namespace

Delivery RedisPubSub(int port, const std::string& password, const Load& load,
                     std::size_t frame_bytes) {
  std::vector<Connection> connections;
  connections.reserve(static_cast<std::size_t>(load.subscribers));
  for (int i = 0; i < load.subscribers; ++i) connections.push_back(Subscribe(port, password));
  const Connection stalled = load.one_stalled ? Subscribe(port, password) : nullptr;
  const Connection publisher = Open(port, password);
  Samples samples{NowUs() + std::chrono::microseconds{load.warm_up}.count()};
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> seen{0};
  std::thread reader{[&] { ReadAll(connections, load, stop, seen, samples); }};
  Window window{load, [&] { return seen * static_cast<std::uint64_t>(load.ticks_per_frame); }};

  std::string frame(frame_bytes, 'x');
  const auto send = [&](std::int64_t) {
    window.Await();
    const std::int64_t now = NowUs();
    std::memcpy(frame.data(), &now, sizeof(now));
    const Reply reply{static_cast<redisReply*>(
        redisCommand(publisher.get(), "PUBLISH %s %b", kChannel, frame.data(), frame.size()))};
    Check(reply != nullptr, "Redis went away");
  };
  (void)Pace(load, load.warm_up, send);
  const auto sent = static_cast<double>(Pace(load, load.measured, send));
  stop = true;
  reader.join();
  return Summarise(load, {&samples}, sent * load.ticks_per_frame);
}

}  // namespace sauda::bench
