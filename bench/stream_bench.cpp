// From the broker's socket to many subscribers, against Redis pub/sub: latency, and the most that
// gets through.

#include "bench/bench.hpp"
#include "bench/feed_process.hpp"
#include "bench/raw_streams.hpp"
#include "bench/redis_floor.hpp"
#include "bench/tick_readers.hpp"
#include "bench/ticks.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"

namespace sauda::bench {
namespace {

constexpr int kRuns = 5;
constexpr int kParseForLatency = 20;
constexpr int kParseForRate = 100;
constexpr double kGrpcBudget = 1.25;

/// One run of the feed under a load.
Delivery Through(BrokerPeer& broker, const FeedProcess& feed, const Load& load, int parse_every) {
  broker.Send(kInstruments);  // so that every subscriber has something to begin with
  TickReaders readers{feed.address(), broker.keys(), load, parse_every};
  readers.Measure(NowUs() + std::chrono::microseconds{load.warm_up}.count());
  const auto send = [&](std::int64_t) { broker.Send(load.ticks_per_frame); };
  (void)Pace(load, load.warm_up, send);
  const auto frames = static_cast<double>(Pace(load, load.measured, send));
  return readers.Finish(frames * load.ticks_per_frame);
}

/// The same readers and the same load with a server that only writes.
Delivery ThroughBareGrpc(const std::vector<std::string>& keys, const Load& load, int parse_every) {
  RawStreams raw;
  feed::ProtoTickEncoder encoder;
  std::uint64_t seq = 0;
  TickReaders readers{raw.address(), keys, load, parse_every};
  readers.Measure(NowUs() + std::chrono::microseconds{load.warm_up}.count());
  const auto send = [&](std::int64_t) {
    const std::int64_t now_us = NowUs();
    std::string ticks;
    for (int i = 0; i < load.ticks_per_frame; ++i) {
      feed::Tick tick = FullTick(++seq);
      tick.last->time_ms = now_us;
      ticks += *encoder.Encode(0, tick).bytes;
    }
    const auto count = static_cast<std::uint32_t>(load.ticks_per_frame);
    raw.Send(feed::EncodeHeader({.last_seq = seq, .count = count}, "raw") + ticks);
  };
  (void)Pace(load, load.warm_up, send);
  const auto frames = static_cast<double>(Pace(load, load.measured, send));
  return readers.Finish(frames * load.ticks_per_frame);
}

/// Neighbours in time, so that the machine's mood hits them alike.
struct Pairs {
  std::vector<Delivery> feed;
  std::vector<Delivery> redis;
  std::vector<Delivery> grpc;  // empty where nothing is compared with it
};

Pairs RunPairs(const Load& load, int parse_every, bool with_grpc) {
  const test::TempFolder folder;
  const test::PrivateRedis redis{folder.path()};
  BrokerPeer broker{kInstruments};
  const FeedProcess feed{broker};
  Pairs pairs;
  for (int run = 0; run < kRuns; ++run) {
    pairs.redis.push_back(
        RedisPubSub(redis.port(), redis.password(), load, broker.FrameBytes(load.ticks_per_frame)));
    pairs.feed.push_back(Through(broker, feed, load, parse_every));
    if (with_grpc) pairs.grpc.push_back(ThroughBareGrpc(broker.keys(), load, parse_every));
  }
  return pairs;
}

Row RatioOf(const Against& row, const std::vector<Delivery>& feed,
            const std::vector<Delivery>& peer, double Delivery::*figure) {
  std::vector<double> values;
  std::vector<double> floors;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < feed.size(); ++i) {
    values.push_back(feed[i].*figure);
    floors.push_back(peer[i].*figure);
    ratios.push_back(values.back() / floors.back());
  }
  return {.name = row.name,
          .value = Median(values),
          .unit = row.unit,
          .floor = Median(floors),
          .ratio = Median(ratios),
          .budget = row.budget,
          .larger_is_better = row.larger_is_better};
}

/// Against Redis, as the budget is; and against bare gRPC streams, which says how much of that is
/// gRPC's own on this machine, its clients included.
std::vector<Row> LatencyToAHundred() {
  const Pairs pairs = RunPairs({}, kParseForLatency, true);
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const std::vector<Delivery>& peer,
                       double Delivery::*figure, double budget) {
    rows.push_back(
        RatioOf({.name = name, .unit = "us", .budget = budget, .larger_is_better = false},
                pairs.feed, peer, figure));
  };
  add("feed.latency_100.p50", pairs.redis, &Delivery::p50_us, 1.0);
  add("feed.latency_100.p99", pairs.redis, &Delivery::p99_us, 1.0);
  add("feed.latency_100_grpc.p50", pairs.grpc, &Delivery::p50_us, kGrpcBudget);
  add("feed.latency_100_grpc.p99", pairs.grpc, &Delivery::p99_us, kGrpcBudget);
  return rows;
}

std::vector<Row> LatencyToTen() {
  BrokerPeer broker{kInstruments};
  const FeedProcess feed{broker};
  const Load load{.subscribers = 10};
  std::vector<Delivery> runs;
  std::vector<Delivery> grpc;
  for (int run = 0; run < kRuns; ++run) {
    grpc.push_back(ThroughBareGrpc(broker.keys(), load, kParseForLatency));
    runs.push_back(Through(broker, feed, load, kParseForLatency));
  }
  std::vector<Row> rows;
  const auto add = [&](const std::string& quantile, double Delivery::*figure, double budget) {
    const Row against = RatioOf({.name = "feed.latency_10_grpc." + quantile,
                                 .unit = "us",
                                 .budget = kGrpcBudget,
                                 .larger_is_better = false},
                                runs, grpc, figure);
    rows.push_back({.name = "feed.latency_10." + quantile,
                    .value = against.value,
                    .unit = "us",
                    .budget = budget,
                    .larger_is_better = false});
    rows.push_back(against);
  };
  add("p50", &Delivery::p50_us, 200);
  add("p99", &Delivery::p99_us, 500);
  return rows;
}

/// Frames of a hundred ticks, as fast as the feed reads them: its ring holds the socket back when
/// it is full, so the rate found is the one at which all subscribers get everything.
std::vector<Row> MostDeliveries() {
  const Load load{.frames_per_second = 0, .ticks_per_frame = 100, .one_stalled = false};
  const Pairs pairs = RunPairs(load, kParseForRate, false);
  return {RatioOf({.name = "feed.deliveries_100", .unit = "ticks/s", .budget = 0.5}, pairs.feed,
                  pairs.redis, &Delivery::ticks_per_second)};
}

}  // namespace

std::vector<Benchmark> StreamBenchmarks() {
  return {{"feed.latency_100", LatencyToAHundred},
          {"feed.latency_10", LatencyToTen},
          {"feed.deliveries_100", MostDeliveries}};
}

}  // namespace sauda::bench
