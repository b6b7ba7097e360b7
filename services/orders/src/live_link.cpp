#include "services/orders/src/live_link.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "libs/base/backoff.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/log.hpp"
#include "libs/upstox/feed_socket.hpp"
#include "libs/upstox/rest_client.hpp"
#include "services/orders/src/adapters/token_watch.hpp"
#include "services/orders/src/adapters/upstox_venue.hpp"
#include "services/orders/src/adapters/upstox_words.hpp"

namespace sauda::orders {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kName = "broker";
/// Fills that come together are looked for together.
constexpr milliseconds kTradeLag{100};

}  // namespace

LiveLink::LiveLink(Parts parts, Pace pace)
    : parts_{std::move(parts)},
      pace_{pace},
      trades_backoff_{{.first = milliseconds{250}, .most = pace.trades_at_most_every}} {}

LiveLink::~LiveLink() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  parts_.socket.reset();  // no event follows; they use what dies below
  parts_.gate.Close("SHUTTING_DOWN", "the service is stopping");
}

void LiveLink::Start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

void LiveLink::CompareSoon() {
  const std::lock_guard lock{mutex_};
  compare_soon_ = true;
  changed_.notify_all();
}

void LiveLink::Push(std::string_view text) {
  const std::lock_guard lock{mutex_};
  if (updates_.size() < kMaxWaiting) {
    updates_.emplace_back(text);
  } else {
    broken_ = "more than " + std::to_string(kMaxWaiting) + " updates waited for the ledger";
  }
  changed_.notify_all();
}

void LiveLink::Run(const std::stop_token& stop) {
  if (!parts_.store.WaitUntilReady(stop)) return;
  Backoff backoff{{.first = milliseconds{500}, .most = milliseconds{15'000}}};
  while (!stop.stop_requested()) {
    if (const auto token = parts_.tokens.Token(); !token) {
      parts_.gate.Close("TOKEN_MISSING", token.error().message);
      parts_.dependencies.Down(kName, token.error().message);
      parts_.tokens.WaitForChange(milliseconds{500});
      continue;
    }
    {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, stop, backoff.Next(), [] { return false; });
    }
    if (stop.stop_requested()) break;
    Result<void> ended = Connect();
    if (ended && !recalled_) {
      ended = parts_.desk.RecallModifies();
      recalled_ = ended.has_value();
    }
    if (ended) ended = Compare();
    if (ended) {
      backoff.Reset();
      (void)backoff.Next();  // the next attempt is not the first any more
      parts_.dependencies.Up(kName);
      parts_.gate.Open();
      spdlog::info("orders let through: the ledger agrees with the broker's book");
      ended = Follow(stop);
    }
    if (stop.stop_requested()) break;
    const std::string why = ended.error().reason + ": " + ended.error().message;
    parts_.gate.Close("NOT_RECONCILED",
                      "the broker's order stream is away, and the ledger must be "
                      "compared with the book after it: " +
                          why);
    parts_.metrics.stream_breaks.Increment();
    parts_.dependencies.Down(kName, why);
  }
}

Result<void> LiveLink::Connect() {
  const auto token = parts_.tokens.Token();
  if (!token) return token.error();
  const auto address = parts_.rest.AuthorizePortfolioStream(*token, "order");
  if (!address) return address.error();
  // Before anything of its book comes near the ledger.
  if (auto right = parts_.venue.CheckBroker(); !right) return right;
  {
    const std::lock_guard lock{mutex_};
    updates_.clear();
    broken_.clear();
  }
  return parts_.socket->Open(
      *address, {.on_frame = [this](std::string_view text, std::int64_t, Monotonic) { Push(text); },
                 .on_closed =
                     [this](const Error& why) {
                       const std::lock_guard lock{mutex_};
                       broken_ = why.message.empty() ? why.reason : why.message;
                       changed_.notify_all();
                     }});
}

Result<void> LiveLink::Compare() {
  {
    const std::lock_guard lock{mutex_};
    compare_soon_ = false;
  }
  const auto summary = parts_.reconciler.Run();
  if (!summary) {
    unsettled_ = true;  // for all that is known
    parts_.metrics.reconcile_failed.Increment();
    return summary.error();
  }
  parts_.metrics.reconciled.Increment();
  if (!trades_due_) trades_due_ = steady_clock::now();
  unsettled_ = summary->unknown > 0 || summary->unconfirmed > 0;
  return {};
}

Result<void> LiveLink::Follow(const std::stop_token& stop) {
  auto compared = steady_clock::now();
  while (!stop.stop_requested()) {
    std::string update;
    bool compare = false;
    {
      std::unique_lock lock{mutex_};
      const auto due = compared + (unsettled_ ? pace_.settle_every : pace_.compare_every);
      changed_.wait_until(lock, stop, std::min(due, trades_due_.value_or(due)),
                          [&] { return !updates_.empty() || !broken_.empty() || compare_soon_; });
      if (!updates_.empty()) {
        update = std::move(updates_.front());
        updates_.pop_front();
      } else if (!broken_.empty()) {
        return Error{Code::kUnavailable, "STREAM_BROKEN", broken_};
      }
      compare = compare_soon_ || steady_clock::now() >= due;
    }
    if (!update.empty()) {
      if (auto taken = TakeIn(update); !taken) return taken;
    }
    ReadTrades();
    if (!compare) continue;
    compared = steady_clock::now();
    if (auto done = Compare(); !done) {
      // The stream still tells what happens; only what is unknown stays so a while longer.
      spdlog::warn("ledger not compared with the broker's book reason={} message={}",
                   done.error().reason, telemetry::Quoted(done.error().message));
      if (done.error().reason == "DATABASE_DOWN") return done;
    }
  }
  return {};
}

Result<void> LiveLink::TakeIn(const std::string& text) {
  const auto update = upstox::ParsePortfolioUpdate(text);
  if (!update) {
    spdlog::error("portfolio update not understood reason={} message={}", update.error().reason,
                  telemetry::Quoted(update.error().message));
    return {};
  }
  const auto* const row = std::get_if<upstox::OrderRow>(&*update);
  if (row == nullptr) return {};
  if (row->filled_quantity > 0) {  // told apart from its trade: look soon, and then less often
    trades_backoff_.Reset();
    const auto soon = steady_clock::now() + kTradeLag;
    trades_due_ = std::min(trades_due_.value_or(soon), soon);
  }
  return parts_.desk.Learn(FromRow(*row));
}

void LiveLink::ReadTrades() {
  if (!trades_due_ || steady_clock::now() < *trades_due_) return;
  const auto read = parts_.trades.Run();
  if (!read) {
    spdlog::warn("trades not read reason={} message={}", read.error().reason,
                 telemetry::Quoted(read.error().message));
  }
  if (read) parts_.metrics.unconfirmed_orders.Set(static_cast<double>(read->unconfirmed));
  if (read && read->unconfirmed == 0) {
    trades_due_.reset();
    trades_backoff_.Reset();
  } else {
    trades_due_ = steady_clock::now() + kTradeLag + trades_backoff_.Next();
  }
}

}  // namespace sauda::orders
