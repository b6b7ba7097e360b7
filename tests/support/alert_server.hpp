#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/feed/v1alpha1/alerts.grpc.pb.h"
#include "services/feed/src/alert_caller.hpp"
#include "services/feed/src/alert_desk.hpp"
#include "services/feed/src/rpc/alert_service.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {

/// A desk that subscribes names K0 to K9, or symbols S0 to S9 of the same, and writes down how.
class SubscribingDesk final : public FeedDesk {
 public:
  Result<std::vector<std::string>> KeysOf(const std::vector<std::string>& names,
                                          const std::string& /*request_id*/) override {
    std::vector<std::string> keys;
    for (const std::string& name : names) {
      if (name.size() != 2 || (name[0] != 'K' && name[0] != 'S')) {
        return Error{Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument goes by " + name};
      }
      keys.push_back("K" + name.substr(1));
    }
    return keys;
  }
  Result<Subscribed> Subscribe(const WantedNames& wanted, const std::string& request_id) override {
    if (const auto keys = KeysOf(wanted.names, request_id); !keys) return keys.error();
    Subscribed done;
    for (const std::string& name : wanted.names) {
      done.ids.push_back(static_cast<InstrumentId>(name[1] - '0'));
      subscribed.push_back("K" + name.substr(1) + ":" +
                           std::to_string(static_cast<int>(wanted.mode.value_or(Mode::kFull))) +
                           (wanted.only_raise ? "+" : ""));
    }
    return done;
  }
  std::vector<InstrumentId> Unsubscribe(const std::vector<std::string>&) override { return {}; }
  std::vector<InstrumentId> Known(const std::vector<std::string>&) const override { return {}; }
  std::string KeyOf(InstrumentId id) const override { return "K" + std::to_string(id); }
  std::vector<SubscriptionRow> List() const override { return {}; }
  Result<FollowFilter> FilterOf(const WantedFollow&, const std::string&) override {
    return FollowFilter{};
  }
  FeedState State() const override { return {}; }
  void Listen(std::function<void(const std::vector<FreshKey>&)>) override {}
  void Connect() override {}
  void Disconnect() override {}

  std::vector<std::string> subscribed;  // of calls that have ended
};

/// Takes every call and writes down `<webhook>:<rule> `. Thread-safe.
class TakingReceivers final : public WebhookClient {
 public:
  WebhookResult Call(const Webhook& webhook, const Alert& alert) override {
    const std::lock_guard lock{mutex_};
    taken_ += webhook.id + ":" + alert.firing.rule->id + " ";
    return {};
  }
  std::string taken() const {
    const std::lock_guard lock{mutex_};
    return taken_;
  }

 private:
  mutable std::mutex mutex_;
  std::string taken_;  // guarded by mutex_
};

/// AlertService on a port of its own, judging ticks that a test pushes. `loaded`: what earlier runs
/// had is there, which is nothing.
class AlertServer {
 public:
  explicit AlertServer(AlertDesk::Options options = {}, bool loaded = true)
      : alerts_{clock_, [] { return std::int64_t{0}; }, std::move(options), Events()},
        service_{{.desk = desk_,
                  .alerts = alerts_,
                  .webhooks = caller_,
                  .metrics = metrics_,
                  .calls = calls_,
                  .instance = "run1",
                  .account = "main"}} {
    if (loaded) alerts_.SetLoaded();
    const auto started = server_.Start({.listen = "127.0.0.1:0"}, {&service_});
    EXPECT_TRUE(started) << started.error().message;
    stub_ = v1alpha1::AlertService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
  }
  ~AlertServer() {
    service_.EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "the test is over"});
    server_.Stop();
    alerts_.Stop();
  }
  AlertServer(const AlertServer&) = delete;
  AlertServer& operator=(const AlertServer&) = delete;

  v1alpha1::AlertService::Stub& stub() { return *stub_; }
  AlertService& service() { return service_; }
  AlertDesk& alerts() { return alerts_; }
  SubscribingDesk& desk() { return desk_; }
  TakingReceivers& receivers() { return receivers_; }
  Metrics& metrics() { return metrics_; }

  void Tick(InstrumentId id, double price) {
    feed::Tick tick = TickOf(++seq_);
    tick.simulated = true;
    tick.last = LastTrade{.price = price};
    alerts_.Take(id, tick);
    alerts_.EndFrame();
  }

 private:
  AlertDesk::Events Events() {
    return {.on_fired = [this](std::span<const Alert> alerts) { caller_.Add(alerts); },
            .on_unseen = [](std::uint64_t) {},
            .on_added = [](const AlertRule&) {},
            .on_removed = [](const std::string&) {},
            .on_count = [](std::size_t) {}};
  }

  SystemClock clock_;
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  rpc::Calls calls_{registry_, "feed"};
  SubscribingDesk desk_;
  TakingReceivers receivers_;
  AlertCaller caller_{receivers_,
                      clock_,
                      {},
                      {.on_fate = [](auto, const auto&, const auto*) {},
                       .on_added = [](const Webhook&) {},
                       .on_removed = [](const std::string&) {}}};
  AlertDesk alerts_;
  AlertService service_;
  rpc::Server server_;
  std::unique_ptr<v1alpha1::AlertService::Stub> stub_;
  std::uint64_t seq_ = 0;
};

/// One WatchAlerts call of a test.
class AlertReader {
 public:
  AlertReader(v1alpha1::AlertService::Stub& stub, const v1alpha1::WatchAlertsRequest& request) {
    // what never comes ends the call, so that a test fails instead of hanging
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes{1});
    call_ = stub.WatchAlerts(&context_, request);
  }
  ~AlertReader() {
    if (!finished_) {
      context_.TryCancel();
      (void)call_->Finish();
    }
  }
  AlertReader(const AlertReader&) = delete;
  AlertReader& operator=(const AlertReader&) = delete;

  /// The next batch; absent at the end.
  std::optional<v1alpha1::AlertBatch> Read() {
    v1alpha1::AlertBatch batch;
    if (!call_->Read(&batch)) return std::nullopt;
    return batch;
  }
  /// Ids of the next `count` alerts, each followed by a blank.
  std::string ReadIds(int count) {
    std::string ids;
    while (count > 0) {
      const auto batch = Read();
      if (!batch) return ids + "end";
      for (const auto& alert : batch->alerts()) {
        ids += alert.rule().alert_id() + " ";
        --count;
      }
    }
    return ids;
  }
  /// Why it ended.
  Error Finish() {
    finished_ = true;
    return rpc::FromStatus(call_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1alpha1::AlertBatch>> call_;
  bool finished_ = false;
};

}  // namespace sauda::feed
