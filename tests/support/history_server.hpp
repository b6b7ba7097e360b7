#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "services/feed/src/rpc/history_service.hpp"
#include "services/feed/src/workers.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_candles.hpp"
#include "tests/support/memory_history.hpp"

namespace sauda::feed {

/// Beats when a test says so.
class ManualBeats final : public UpdateSource {
 public:
  void Join(std::shared_ptr<UpdateSink> sink, bool, std::vector<InstrumentId>) override {
    sinks_.push_back(std::move(sink));
  }
  void Follow(std::shared_ptr<UpdateSink>, std::vector<InstrumentId>) override {}
  void Unfollow(std::shared_ptr<UpdateSink>, std::vector<InstrumentId>) override {}
  void Leave(std::shared_ptr<UpdateSink>, std::vector<InstrumentId>) override {}
  void Beat() {
    for (const auto& sink : sinks_) sink->OnBeat();
  }

 private:
  std::vector<std::shared_ptr<UpdateSink>> sinks_;
};

/// A CandleSource whose bars a test sets. Thread-safe.
class MemoryCandleSource final : public CandleSource {
 public:
  std::vector<Candle> Read(const std::string& key, Interval interval,
                           std::size_t limit) const override {
    const std::lock_guard lock{mutex_};
    const auto found = bars_.find({key, interval});
    if (found == bars_.end()) return {};
    auto bars = found->second;
    if (bars.size() > limit) {
      bars.erase(bars.begin(), bars.end() - static_cast<std::ptrdiff_t>(limit));
    }
    return bars;
  }
  std::uint64_t version() const override {
    const std::lock_guard lock{mutex_};
    return version_;
  }
  std::uint64_t VersionOf(const std::string& key) const override {
    const std::lock_guard lock{mutex_};
    const auto found = versions_.find(key);
    return found == versions_.end() ? 0 : found->second;
  }
  std::int64_t closed_to_ms() const override { return 0; }

  void Set(const std::string& key, const std::vector<Candle>& bars,
           Interval interval = Interval::k1m) {
    const std::lock_guard lock{mutex_};
    bars_[{key, interval}] = bars;
    versions_[key] = ++version_;
  }

 private:
  mutable std::mutex mutex_;  // guards the rest
  std::map<std::pair<std::string, Interval>, std::vector<Candle>> bars_;
  std::map<std::string, std::uint64_t> versions_;
  std::uint64_t version_ = 0;
};

/// HistoryService over a history in memory, on a port of its own. Knows the symbol S1 and S2.
class HistoryServer {
 public:
  HistoryServer() {
    const auto started = server_.Start({.listen = "127.0.0.1:0"}, {&service_});
    EXPECT_TRUE(started) << started.error().message;
    stub_ = v1alpha1::HistoryService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
  }
  ~HistoryServer() {
    service_.EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "the test is over"});
    server_.Stop();
    workers_.Stop();
    candle_workers_.Stop();
  }
  HistoryServer(const HistoryServer&) = delete;
  HistoryServer& operator=(const HistoryServer&) = delete;

  v1alpha1::HistoryService::Stub& stub() { return *stub_; }
  HistoryService& service() { return service_; }
  MemoryHistory& history() { return history_; }
  MemoryCandles& stored_candles() { return stored_candles_; }
  MemoryCandleSource& candles() { return candles_; }
  ManualClock& clock() { return clock_; }
  Metrics& metrics() { return metrics_; }
  void Beat() { beats_.Beat(); }

 private:
  ManualClock clock_;
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  rpc::Calls calls_{registry_, "feed"};
  MemoryHistory history_;
  MemoryDirectory directory_{{"S1", "S2"}};
  Workers workers_{2, 64};
  Workers candle_workers_{1, 64};
  ManualBeats beats_;
  MemoryCandles stored_candles_;
  MemoryCandleSource candles_;
  CandleDesk desk_{stored_candles_, candles_};
  HistoryService service_{
      {.stream = {.workers = workers_, .clock = clock_, .metrics = metrics_, .calls = calls_},
       .candle_workers = candle_workers_,
       .history = history_,
       .candles = desk_,
       .directory = directory_,
       .beats = beats_,
       .account = "main"}};
  rpc::Server server_;
  std::unique_ptr<v1alpha1::HistoryService::Stub> stub_;
};

}  // namespace sauda::feed
