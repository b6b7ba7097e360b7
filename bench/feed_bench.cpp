// The feed's parts by themselves: decoding against a bare parse, fan-out against bare gRPC streams,
// and its memory.

#include <chrono>
#include <vector>

#include <google/protobuf/arena.h>

#include "bench/bench.hpp"
#include "bench/feed_process.hpp"
#include "bench/raw_streams.hpp"
#include "bench/reader_process.hpp"
#include "bench/ticks.hpp"
#include "libs/base/check.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "tests/support/feed_server.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr int kTicksPerFrame = 10;

/// The latest-value table alone: no encoding, no outlets.
class Table final : public feed::DeltaSink {
 public:
  Table() {
    for (int i = 0; i < kInstruments; ++i) (void)listings_.Add({.key = KeyOf(i)});
    latest_.resize(kInstruments);
  }
  void OnHead(const feed::FrameHead&) override {}
  void OnDelta(const feed::Delta& delta) override {
    const auto id = listings_.Find(delta.key);
    Check(id.has_value(), "a key that was added");
    Merge(latest_[*id], delta);
  }

 private:
  feed::Listings listings_;
  std::vector<feed::Tick> latest_;
};

/// Frames a second, in half a second.
template <typename Body>
double RateOf(const Body& body) {
  constexpr int kRound = 1'000;
  const auto began = Clock::now();
  int done = 0;
  for (; SecondsSince(began) < 0.5; done += kRound) {
    for (int i = 0; i < kRound; ++i) body();
  }
  return done / SecondsSince(began);
}

std::vector<Row> Decode() {
  const std::string frame = FrameOf(kTicksPerFrame);
  feed::UpstoxDecoder decoder;
  Table table;
  std::vector<char> block(256UL * 1'024);
  return {Interleave(
      {.name = "feed.decode", .unit = "frames/s", .budget = 0.6},
      [&] {
        return RateOf([&] { Check(decoder.Decode(frame, table).has_value(), "it decodes"); });
      },
      [&] {
        return RateOf([&] {
          google::protobuf::ArenaOptions options;
          options.initial_block = block.data();
          options.initial_block_size = block.size();
          google::protobuf::Arena arena{options};
          auto* const message = google::protobuf::Arena::CreateMessage<wire::FeedResponse>(&arena);
          Check(message->ParseFromString(frame), "it parses");
        });
      })};
}

/// Messages of one frame's ticks, of two, of three, … up to about `bytes`.
std::vector<std::string> MessagesOf(std::size_t bytes) {
  feed::ProtoTickEncoder encoder;
  std::string frame;
  for (std::uint64_t i = 0; i < kTicksPerFrame; ++i) {
    frame += *encoder.Encode(0, FullTick(i)).bytes;
  }
  std::vector<std::string> messages;
  std::string ticks;
  do {
    ticks += frame;
    const auto count = static_cast<std::uint32_t>((messages.size() + 1) * kTicksPerFrame);
    messages.push_back(feed::EncodeHeader({.last_seq = 1, .count = count}, "raw") + ticks);
  } while (messages.back().size() + frame.size() <= bytes);
  return messages;
}

/// Ticks a second that 100 readers get when 10 000 a second come in.
std::vector<Row> FanOut() {
  const Load load{.one_stalled = false};
  constexpr int kUnparsed = 1'000'000;
  feed::FeedServer server{kInstruments};
  std::vector<std::string> keys;
  keys.reserve(kInstruments);
  for (int i = 0; i < kInstruments; ++i) keys.push_back(feed::FeedServer::Key(i));
  const auto through = [&](const std::string& address, const auto& send) {
    RemoteReaders readers{address, keys, load, kUnparsed};
    readers.Measure(NowUs() + std::chrono::microseconds{load.warm_up}.count());
    (void)Pace(load, load.warm_up, [&](std::int64_t) { send(); });
    const auto frames =
        static_cast<double>(Pace(load, load.measured, [&](std::int64_t) { send(); }));
    return readers.Finish(frames * load.ticks_per_frame).ticks_per_second;
  };
  RawStreams raw{MessagesOf(65'536)};
  std::uint64_t next = 0;
  return {Interleave(
      {.name = "feed.fan_out_100", .unit = "ticks/s", .budget = 0.6},
      [&] {
        return through("127.0.0.1:" + std::to_string(server.port()), [&] {
          for (int i = 0; i < kTicksPerFrame; ++i) {
            const auto key = static_cast<int>(next % kInstruments);
            (void)server.Push(key, FullTick(++next));
          }
        });
      },
      [&] { return through(raw.address(), [&] { raw.Send(); }); })};
}

/// Resident memory at the most keys that a Plus account streams in full mode, over three sockets,
/// each key ticking and a subscriber reading them all.
std::vector<Row> Memory() {
  constexpr int kKeys = 5'000;
  constexpr int kFrames = 4 * kKeys / kTicksPerFrame;  // in a run: each key four times, at least
  BrokerPeer broker{kKeys};
  const FeedProcess process{broker, {"--plan", "plus"}};
  Check(broker.sockets() == 3, "the keys are on three sockets");
  return {Absolute(
      {.name = "feed.memory_5000_keys", .unit = "MiB", .budget = 64, .larger_is_better = false},
      [&] {
        const Load load{.subscribers = 1, .one_stalled = false};
        RemoteReaders readers{process.address(), broker.keys(), load, 1'000};
        readers.Measure(NowUs());
        const auto send = [&](std::int64_t) { broker.Send(kTicksPerFrame); };
        auto frames = Pace(load, 2s, send);
        for (; frames < kFrames; ++frames) send(frames);
        const double resident = process.ResidentMib();
        const auto sent = static_cast<double>(frames * kTicksPerFrame);
        Check(readers.Finish(sent).share * sent >= 2 * kKeys, "each key was read twice");
        return resident;
      })};
}

}  // namespace

std::vector<Benchmark> FeedBenchmarks() {
  return {{"feed.decode", Decode}, {"feed.fan_out_100", FanOut}, {"feed.memory_5000_keys", Memory}};
}

}  // namespace sauda::bench
