// From the broker's socket to many subscribers, against Redis pub/sub: latency, and the most that
// gets through.

#include "bench/bench.hpp"
#include "bench/feed_process.hpp"
#include "bench/redis_floor.hpp"
#include "bench/tick_readers.hpp"
#include "libs/base/check.hpp"

namespace sauda::bench {
namespace {

constexpr int kInstruments = 500;
constexpr int kRuns = 5;
constexpr int kParseForLatency = 20;
constexpr int kParseForRate = 100;

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

/// Runs of what is judged and of its floor, one of each made after the other.
struct Pairs {
  std::vector<Delivery> values;
  std::vector<Delivery> floors;
};

Pairs RunPairs(const Load& load, int parse_every) {
  const test::TempFolder folder;
  const test::PrivateRedis redis{folder.path()};
  BrokerPeer broker{kInstruments};
  const FeedProcess feed{broker};
  Pairs pairs;
  for (int run = 0; run < kRuns; ++run) {
    pairs.floors.push_back(
        RedisPubSub(redis.port(), redis.password(), load, broker.FrameBytes(load.ticks_per_frame)));
    pairs.values.push_back(Through(broker, feed, load, parse_every));
  }
  return pairs;
}

Row RatioOf(const Against& row, const Pairs& pairs, double Delivery::*figure) {
  std::vector<double> values;
  std::vector<double> floors;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < pairs.values.size(); ++i) {
    values.push_back(pairs.values[i].*figure);
    floors.push_back(pairs.floors[i].*figure);
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

std::vector<Row> LatencyToAHundred() {
  const Pairs pairs = RunPairs({}, kParseForLatency);
  return {
      RatioOf(
          {.name = "feed.latency_100.p50", .unit = "us", .budget = 1.0, .larger_is_better = false},
          pairs, &Delivery::p50_us),
      RatioOf(
          {.name = "feed.latency_100.p99", .unit = "us", .budget = 1.0, .larger_is_better = false},
          pairs, &Delivery::p99_us)};
}

std::vector<Row> LatencyToTen() {
  BrokerPeer broker{kInstruments};
  const FeedProcess feed{broker};
  std::vector<Delivery> runs;
  runs.reserve(kRuns);
  const Load load{.subscribers = 10};
  for (int run = 0; run < kRuns; ++run) {
    runs.push_back(Through(broker, feed, load, kParseForLatency));
  }
  const auto median = [&](double Delivery::*figure) {
    std::vector<double> numbers;
    numbers.reserve(runs.size());
    for (const auto& run : runs) numbers.push_back(run.*figure);
    return Median(numbers);
  };
  return {{.name = "feed.latency_10.p50",
           .value = median(&Delivery::p50_us),
           .unit = "us",
           .budget = 200,
           .larger_is_better = false},
          {.name = "feed.latency_10.p99",
           .value = median(&Delivery::p99_us),
           .unit = "us",
           .budget = 500,
           .larger_is_better = false}};
}

/// Frames of a hundred ticks, as fast as the feed reads them: its ring holds the socket back when
/// it is full, so the rate found is the one at which all subscribers get everything.
std::vector<Row> MostDeliveries() {
  const Load load{.frames_per_second = 0, .ticks_per_frame = 100, .one_stalled = false};
  const Pairs pairs = RunPairs(load, kParseForRate);
  Row row = RatioOf({.name = "feed.deliveries_100", .unit = "ticks/s", .budget = 0.5}, pairs,
                    &Delivery::ticks_per_second);
  return {row};
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
              pairs, &Delivery::p99_us)};
}

}  // namespace

std::vector<Benchmark> StreamBenchmarks() {
  return {{"feed.latency_100", LatencyToAHundred},
          {"feed.latency_10", LatencyToTen},
          {"feed.stalled_500", OneStalledOfFiveHundred},
          {"feed.deliveries_100", MostDeliveries}};
}

}  // namespace sauda::bench
