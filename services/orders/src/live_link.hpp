#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "libs/base/backoff.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/accept_gate.hpp"
#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/core/reconciler.hpp"
#include "services/orders/src/core/trade_reader.hpp"
#include "services/orders/src/metrics.hpp"
#include "services/orders/src/store_keeper.hpp"

namespace sauda::upstox {
class FeedSocket;
class RestClient;
}  // namespace sauda::upstox
namespace sauda::telemetry {
class Dependencies;
}  // namespace sauda::telemetry

namespace sauda::orders {

class TokenWatch;
class UpstoxVenue;

/// Keeps the ledger and the broker together: follows the portfolio stream, and after every break of
/// it compares the ledger with the order book before the gate opens for new orders again. While
/// orders of unknown fate exist it looks for them every few seconds. Owns a thread from Start until
/// it dies.
class LiveLink {
 public:
  struct Parts {
    OrderDesk& desk;
    Reconciler& reconciler;
    AcceptGate& gate;
    const UpstoxVenue& venue;
    StoreKeeper& store;
    const TokenWatch& tokens;
    upstox::RestClient& rest;
    std::unique_ptr<upstox::FeedSocket> socket;  ///< the link's own: its events end with the link
    telemetry::Dependencies& dependencies;       ///< hears under the name `broker`
    Metrics& metrics;
    TradeReader& trades;
  };
  struct Pace {
    std::chrono::milliseconds settle_every{5'000};    ///< while something is not settled
    std::chrono::milliseconds compare_every{60'000};  ///< else
    /// Between two looks for trades that the broker has not told yet: grows up to this.
    std::chrono::milliseconds trades_at_most_every{15'000};
  };

  LiveLink(Parts parts, Pace pace);
  ~LiveLink();
  LiveLink(const LiveLink&) = delete;
  LiveLink& operator=(const LiveLink&) = delete;

  void Start();

  /// An answer was lost: look at the broker's book soon. Thread-safe, does not block.
  void CompareSoon();

 private:
  /// Updates that wait for the ledger; more than this and the stream is given up and read anew.
  static constexpr std::size_t kMaxWaiting = 4'096;

  void Run(const std::stop_token& stop);
  Result<void> Connect();
  Result<void> Follow(const std::stop_token& stop);
  Result<void> Compare();
  Result<void> TakeIn(const std::string& text);
  /// Looks for trades of new fills, when one is due.
  void ReadTrades();
  void Push(std::string_view text);

  Parts parts_;
  const Pace pace_;
  // The thread's own:
  bool recalled_ = false;   // what an earlier run asked for
  bool unsettled_ = false;  // something is to be looked for
  Backoff trades_backoff_;
  std::optional<std::chrono::steady_clock::time_point> trades_due_;  // absent: nothing is missing

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::deque<std::string> updates_;
  std::string broken_;  // why the stream is of no use any more; empty: it is
  bool compare_soon_ = false;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::orders
