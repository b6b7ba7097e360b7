#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
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
#include "tests/support/memory_history.hpp"

namespace sauda::feed {

/// Beats when a test says so.
class ManualBeats final : public UpdateSource {
 public:
  void Join(std::shared_ptr<UpdateSink> sink, bool, std::vector<InstrumentId>) override {
    sink_ = std::move(sink);
  }
  void Follow(std::shared_ptr<UpdateSink>, std::vector<InstrumentId>) override {}
  void Unfollow(std::shared_ptr<UpdateSink>, std::vector<InstrumentId>) override {}
  void Leave(std::shared_ptr<UpdateSink>, std::vector<InstrumentId>) override {}
  void Beat() { sink_->OnBeat(); }

 private:
  std::shared_ptr<UpdateSink> sink_;
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
  }
  HistoryServer(const HistoryServer&) = delete;
  HistoryServer& operator=(const HistoryServer&) = delete;

  v1alpha1::HistoryService::Stub& stub() { return *stub_; }
  HistoryService& service() { return service_; }
  MemoryHistory& history() { return history_; }
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
  ManualBeats beats_;
  HistoryService service_{{.stream = {.history = history_,
                                      .directory = directory_,
                                      .workers = workers_,
                                      .clock = clock_,
                                      .metrics = metrics_,
                                      .calls = calls_},
                           .beats = beats_,
                           .account = "main"}};
  rpc::Server server_;
  std::unique_ptr<v1alpha1::HistoryService::Stub> stub_;
};

}  // namespace sauda::feed
