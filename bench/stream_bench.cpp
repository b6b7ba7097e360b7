// From the broker's socket to many subscribers, against Redis pub/sub: latency, and the most that
// gets through.

#include "bench/bench.hpp"
#include "bench/feed_process.hpp"
#include "bench/raw_streams.hpp"
#include "bench/reader_process.hpp"
#include "bench/redis_floor.hpp"
#include "bench/ticks.hpp"
#include "libs/base/check.hpp"
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
  RemoteReaders readers{feed.address(), broker.keys(), load, parse_every};
  readers.Measure(NowUs() + std::chrono::microseconds{load.warm_up}.count());
  Window window{load, RemoteReaders::taken};
  const auto send = [&](std::int64_t) {
    window.Await();
    broker.Send(load.ticks_per_frame);
  };
  (void)Pace(load, load.warm_up, send);
  const auto frames = static_cast<double>(Pace(load, load.measured, send));
  return readers.Finish(frames * load.ticks_per_frame);
}

/// The same readers and the same load, but for the stalled one, with a server that only writes.
Delivery ThroughBareGrpc(const std::vector<std::string>& keys, Load load, int parse_every) {
  load.one_stalled = false;
  RawStreams raw;
  feed::ProtoTickEncoder encoder;
  std::uint64_t seq = 0;
  RemoteReaders readers{raw.address(), keys, load, parse_every};
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
  std::vector<Delivery> values;
  std::vector<Delivery> floors;
  std::vector<Delivery> grpc;  // empty where nothing is compared with it
};

Pairs RunPairs(const Load& load, int parse_every, bool with_grpc) {
  const test::TempFolder folder;
  const test::PrivateRedis redis{folder.path()};
  BrokerPeer broker{kInstruments};
  const FeedProcess feed{broker};
  Pairs pairs;
  for (int run = 0; run < kRuns; ++run) {
    pairs.floors.push_back(
        RedisPubSub(redis.port(), redis.password(), load, broker.FrameBytes(load.ticks_per_frame)));
    pairs.values.push_back(Through(broker, feed, load, parse_every));
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
                pairs.values, peer, figure));
  };
  add("feed.latency_100.p50", pairs.floors, &Delivery::p50_us, 1.0);
  add("feed.latency_100.p99", pairs.floors, &Delivery::p99_us, 1.0);
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

/// Frames of a hundred ticks, as fast as they are taken: the sender waits while the subscribers are
/// a tenth of their buffers behind, on average, so that none of them need miss a tick.
std::vector<Row> MostDeliveries() {
  const Load load{
      .frames_per_second = 0, .ticks_per_frame = 100, .one_stalled = false, .window_ticks = 6'400};
  const Pairs pairs = RunPairs(load, kParseForRate, false);
  for (const Delivery& seen : pairs.values) {
    Check(seen.dropped == 0, "a subscriber that reads missed ticks");
  }
  return {RatioOf({.name = "feed.deliveries_100", .unit = "ticks/s", .budget = 0.5}, pairs.values,
                  pairs.floors, &Delivery::ticks_per_second)};
}

/// The p99 of 499 subscribers, beside a 500th that has stalled and without it, at 2,000 ticks/s.
/// A frame is for every fifth of them: 10,000 messages a second, which two cores carry. Which run
/// of a pair comes first alternates. The stalled one is there to the end: it is not ended for its
/// silence.
std::vector<Row> OneStalledOfFiveHundred() {
  Load load{.subscribers = 499,
            .frames_per_second = 100,
            .ticks_per_frame = 20,
            .watch_lists = 5,
            .warm_up = std::chrono::milliseconds{2'000},
            .measured = std::chrono::milliseconds{10'000}};
  constexpr double kMissed = 10'000;  // half of what is sent in the measured time
  BrokerPeer broker{kInstruments};
  const FeedProcess feed{broker, {"--stall-limit", "60000"}};
  Pairs pairs;
  const auto run = [&](bool one_stalled) {
    load.one_stalled = one_stalled;
    const Delivery seen = Through(broker, feed, load, kParseForLatency);
    Check(seen.dropped == 0, "a subscriber that reads missed ticks");
    Check(!one_stalled || seen.stalled_dropped > kMissed, "the stalled one did not stall");
    (one_stalled ? pairs.values : pairs.floors).push_back(seen);
  };
  for (int pair = 0; pair < kRuns; ++pair) {
    run(pair % 2 == 1);
    run(pair % 2 == 0);
  }
  return {
      RatioOf({.name = "feed.stalled_500", .unit = "us", .budget = 1.1, .larger_is_better = false},
              pairs.values, pairs.floors, &Delivery::p99_us)};
}

}  // namespace

std::vector<Benchmark> StreamBenchmarks() {
  return {{"feed.latency_100", LatencyToAHundred},
          {"feed.latency_10", LatencyToTen},
          {"feed.stalled_500", OneStalledOfFiveHundred},
          {"feed.deliveries_100", MostDeliveries}};
}

}  // namespace sauda::bench
