#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/core/sse_mailbox.hpp"

namespace sauda::gateway {

using nlohmann::json;

inline constexpr std::int64_t kNow = 1'765'771'200'000'000'001;

/// A browser that takes so many events and no more, behind the mailbox of a real one.
class Browser final : public Listener {
 public:
  explicit Browser(std::size_t capacity = 1'000'000) : room{capacity} {}
  void OnTick(const std::string& key, const Event& event) override {
    mailbox.Tick(key, event, writer());
  }
  void OnStatus(const Event& event) override { mailbox.Status(event, writer()); }
  void OnLost(std::uint64_t count) override { mailbox.Lost(count, writer()); }
  void OnHeartbeat(const Event& event) override { mailbox.Heartbeat(event, writer()); }
  void Read(std::size_t more) {
    room = more;
    mailbox.Flush(writer());
  }

  /// The data of each event of a kind, in order.
  std::vector<json> Events(const std::string& kind) const {
    std::vector<json> events;
    for (std::size_t at = 0; (at = text.find("event: " + kind + "\n", at)) != std::string::npos;) {
      at = text.find("data: ", at) + 6;
      events.push_back(json::parse(text.substr(at, text.find('\n', at) - at)));
    }
    return events;
  }
  std::vector<int> Seqs() const {
    std::vector<int> seqs;
    for (const json& tick : Events("tick")) seqs.push_back(tick["seq"]);
    return seqs;
  }

  std::size_t room;
  std::string text;
  SseMailbox mailbox;

 private:
  SseMailbox::Write writer() {
    return [this](const Event& event) {
      if (room == 0) return SseMailbox::Offer::kFull;
      --room;
      text += *event;
      return SseMailbox::Offer::kTaken;
    };
  }
};

class HubTest : public testing::Test {
 protected:
  void SetUp() override { hub_.SetState({"f1", "LIVE", false}); }
  static Quote MakeQuote(const std::string& key, std::uint64_t seq, double price = 100) {
    return {.key = key,
            .seq = seq,
            .received_ns = kNow,
            .mode = "full",
            .last = Quote::Last{price, 5, 2, 90}};
  }
  void Send(std::initializer_list<std::pair<const char*, std::uint64_t>> ticks) {
    for (const auto& [key, seq] : ticks) (void)hub_.Publish(MakeQuote(key, seq));
  }
  std::shared_ptr<Browser> Follow(const std::vector<std::string>& keys,
                                  const std::optional<EventId>& last = std::nullopt) {
    auto browser = std::make_shared<Browser>();
    hub_.Follow(browser, keys, last);
    return browser;
  }
  json List(std::optional<Kind> kind = std::nullopt, const char* type = "all") {
    return json::parse(*hub_.PriceList(type, kind, now_ns_));
  }
  std::int64_t now_ns_ = kNow;
  Hub hub_;
};

}  // namespace sauda::gateway
