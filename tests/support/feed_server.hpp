#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "services/feed/src/connector.hpp"
#include "services/feed/src/desk.hpp"
#include "services/feed/src/publisher.hpp"
#include "services/feed/src/rpc/feed_service.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"
#include "services/feed/src/state_keeper.hpp"
#include "services/feed/src/workers.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {

/// The whole feed on a port of its own, but for the broker's socket, PostgreSQL and the instruments
/// service; a test pushes ticks where frames would.
class FeedServer {
 public:
  /// Knows the names K0 to K<keys - 1>.
  explicit FeedServer(int keys, std::chrono::milliseconds stall_limit = std::chrono::seconds{5})
      : FeedServer{Names(keys), nullptr, stall_limit} {}
  /// Asks that directory, which outlives it.
  explicit FeedServer(InstrumentDirectory& directory)
      : FeedServer{{}, &directory, std::chrono::seconds{5}} {}
  ~FeedServer() {
    service_.EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "the test is over"});
    server_.Stop();
    workers_.Stop();
    publisher_.Stop();
  }
  FeedServer(const FeedServer&) = delete;
  FeedServer& operator=(const FeedServer&) = delete;

  static std::string Key(int number) { return "K" + std::to_string(number); }

  std::unique_ptr<v1alpha1::FeedService::Stub> NewStub() const {
    return v1alpha1::FeedService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
  }
  v1alpha1::FeedService::Stub& stub() { return *stub_; }
  int port() const { return server_.port(); }
  FeedService& service() { return service_; }
  Publisher& publisher() { return publisher_; }
  Metrics& metrics() { return metrics_; }
  Connector& connector() { return connector_; }

  /// One tick of a key that is subscribed, with the next seq; false when it is not.
  bool Tick(int key, double price = 0, std::size_t depth = 0) {
    return Tick(Key(key), price, depth);
  }
  bool Tick(const std::string& key, double price, std::size_t depth = 0) {
    if (!Subscribed(key)) return false;
    feed::Tick tick;
    tick.seq = ++seq_;
    tick.received_ns = clock_.UtcNs();
    tick.received_at = clock_.Now();
    tick.mode = Mode::kFull;
    tick.simulated = true;
    tick.last = LastTrade{.price = price};
    tick.depth.resize(depth, {.bid_quantity = 1'000, .bid_price = 1.5, .ask_price = 2.5});
    return Push(key, std::move(tick));
  }
  /// A tick of the caller's own, with its seq; false when the key is not subscribed.
  bool Push(int key, feed::Tick tick) { return Push(Key(key), std::move(tick)); }
  bool Push(const std::string& key, feed::Tick tick) {
    const auto id = Subscribed(key);
    if (!id) return false;
    tick.listing = listings_.At(*id);
    const Update update[] = {encoder_.Encode(*id, tick)};
    return publisher_.Push(update);
  }
  std::uint64_t seq() const { return seq_; }

 private:
  FeedServer(std::set<std::string> names, InstrumentDirectory* directory,
             std::chrono::milliseconds stall_limit)
      : names_{std::move(names)},
        directory_{directory != nullptr ? *directory : names_},
        service_{{.desk = desk_,
                  .source = publisher_,
                  .latest = publisher_,
                  .workers = workers_,
                  .loop = loop_,
                  .clock = clock_,
                  .metrics = metrics_,
                  .calls = calls_,
                  .instance = "run1",
                  .account = "main",
                  .stall_limit = stall_limit}} {
    const auto started = server_.Start({.listen = "127.0.0.1:0"}, {&service_}, &service_);
    EXPECT_TRUE(started) << started.error().message;
    stub_ = NewStub();
  }
  static std::set<std::string> Names(int keys) {
    std::set<std::string> names;
    for (int i = 0; i < keys; ++i) names.insert(Key(i));
    return names;
  }
  /// The key's id once the broker would send it. It has one a moment earlier, when the board does
  /// not take its ticks yet.
  std::optional<InstrumentId> Subscribed(const std::string& key) const {
    const auto id = listings_.Find(key);
    return id && listings_.counts(*id).wanted ? id : std::nullopt;
  }
  static Connector::Events NoEvents() {
    return {.on_frame = [](const BrokerFrame&) {},
            .on_wanted = [](std::size_t) {},
            .on_open = [](bool) {},
            .on_state = [](ConnectionState) {},
            .on_gap = [](const Gap&) {},
            .on_attempt_failed = [](const Error&) {},
            .on_alert = [](bool) {},
            .on_token_refused = [](std::uint64_t) {},
            .on_lost = [](const std::string&) {}};
  }

  SystemClock clock_;
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  rpc::Calls calls_{registry_, "feed"};
  Listings listings_;
  ProtoTickEncoder encoder_;
  ScriptedBroker broker_;
  MemorySubscriptionStore store_;
  MemoryDirectory names_;
  InstrumentDirectory& directory_;
  StreamLoop loop_;
  Publisher publisher_{loop_, encoder_, {.beat = std::chrono::milliseconds{50}}, nullptr};
  HandOver hand_over_;
  Connector connector_{{broker_}, listings_, hand_over_, clock_, {}, NoEvents()};
  StateKeeper keeper_{store_, {}, {}};
  Desk desk_{directory_,
             listings_,
             connector_,
             publisher_,
             keeper_,
             {.limits = {.index = 2, .equity = 3, .futures = 2, .options = 4},
              .universe_exclude = {"NIFTY"}},
             [](FeedState&) {}};
  Workers workers_;
  FeedService service_;
  rpc::Server server_;
  std::unique_ptr<v1alpha1::FeedService::Stub> stub_;
  std::uint64_t seq_ = 0;
};

/// One StreamTicks call of a test.
class StreamReader {
 public:
  StreamReader(v1alpha1::FeedService::Stub& stub, const v1alpha1::StreamTicksRequest& first)
      : call_{Open(stub)} {
    (void)call_->Write(first);
  }
  ~StreamReader() {
    if (!finished_) {
      context_.TryCancel();
      (void)call_->Finish();
    }
  }
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  bool Write(const v1alpha1::StreamTicksRequest& request) { return call_->Write(request); }
  bool WritesDone() { return call_->WritesDone(); }

  /// The next batch; absent at the end.
  std::optional<v1alpha1::TickBatch> Read() {
    v1alpha1::TickBatch batch;
    if (!call_->Read(&batch)) return std::nullopt;
    return batch;
  }
  /// Reads until `count` ticks more have come, or the end.
  std::vector<v1alpha1::Tick> ReadTicks(std::size_t count) {
    std::vector<v1alpha1::Tick> ticks;
    while (ticks.size() < count) {
      const auto batch = Read();
      if (!batch) break;
      ticks.insert(ticks.end(), batch->ticks().begin(), batch->ticks().end());
    }
    return ticks;
  }
  /// Why it ended.
  Error Finish() {
    finished_ = true;
    return rpc::FromStatus(call_->Finish());
  }
  void Cancel() { context_.TryCancel(); }

 private:
  using Call = grpc::ClientReaderWriter<v1alpha1::StreamTicksRequest, v1alpha1::TickBatch>;

  /// What never comes ends the call, so that a test fails instead of hanging.
  std::unique_ptr<Call> Open(v1alpha1::FeedService::Stub& stub) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes{1});
    return stub.StreamTicks(&context_);
  }

  grpc::ClientContext context_;
  std::unique_ptr<Call> call_;
  bool finished_ = false;
};

}  // namespace sauda::feed
