#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "libs/calendar/calendar.hpp"
#include "services/orders/src/core/account_view.hpp"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/live_prices.hpp"
#include "services/orders/src/core/openings.hpp"
#include "services/orders/src/core/portfolio/deal_book.hpp"
#include "services/orders/src/core/portfolio/mark_to_market.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// What the account holds, as the ledger's trades and the live prices say.
struct Portfolio {
  portfolio::IstDate day;  ///< of the market
  Route route = Route::kUnknown;
  bool simulated = false;
  std::vector<portfolio::Position> positions;
  std::vector<portfolio::Holding> holdings;
  portfolio::PnlTotals totals;        ///< of the positions
  std::int64_t trades = 0;            ///< of the day
  std::int64_t uncharged_trades = 0;  ///< of those, without charges
  /// Whether the broker has said what was owned before; false: holdings may lack something.
  bool openings_known = false;
  Openings openings;                   ///< see ReadOpenings
  std::int64_t unbookable_trades = 0;  ///< of all days; they are in none of the figures
};

/// Keeps positions, holdings and profits of one account where orders go now, from the trades of the
/// ledger: reads all of them in pages at first, follows what is written, begins market days. Trades
/// of days after the market's own (of another recording, say) do not count. Thread-safe. Owned by
/// the app; somebody has to call Refresh every second or so.
class PortfolioDesk final : public AccountView, public DealListener {
 public:
  struct Parts {
    std::string account_id;
    Ledger& ledger;
    Venue& venue;
    LivePrices& prices;
    const MarketClock& market_clock;
    MarketClock::Source clock_source = MarketClock::Source::kWall;
    const calendar::CalendarKeeper& calendar;
    /// Hears of trades that cannot be booked. Must not block.
    std::function<void(const KeptDeal&, const Error&)> on_unbookable;
    /// Where shares may be owned that the ledger has not seen; null: there is none (paper).
    BrokerBook* broker = nullptr;
    InstrumentDirectory* instruments = nullptr;  ///< needed with `broker`
  };

  explicit PortfolioDesk(Parts parts) : parts_{std::move(parts)} {}

  /// Reads the trades where that is needed, begins the day, follows prices. May block for the
  /// database and the broker. Fails with what the ledger fails with, or as Look; to be called
  /// again. While the broker cannot be asked what is owned all is read again every so often.
  Result<void> Refresh();

  /// Fails with kUnavailable / PORTFOLIO_NOT_READY: the trades have not been read, or nobody has
  /// said what day it is at the market.
  Result<Portfolio> Look();

  // AccountView
  /// For delivery also absent while the broker has not said what is owned.
  std::optional<std::int64_t> Position(std::int64_t instrument_id, Product product) override;
  /// Realised is less the day's charges. Positions that were carried count from what they cost.
  DayProfit Profit() override;

  // DealListener
  void OnDeals(const std::vector<KeptDeal>& deals) override;
  void OnDoubt() override;

 private:
  static constexpr std::size_t kMaxWaiting = 16'384;  // then everything is read again
  static constexpr std::int32_t kPageSize = 1'000;
  static constexpr int kLooksBetween = 15;  // before the broker is asked again what is owned
  using Key = std::pair<std::int64_t, Product>;

  /// A book with the calendar that it looks at.
  struct Made {
    explicit Made(std::shared_ptr<const calendar::Calendar> with)
        : calendar{std::move(with)}, book{*calendar} {}
    std::shared_ptr<const calendar::Calendar> calendar;
    portfolio::DealBook book;
    std::int64_t unbookable = 0;
    bool openings_known = false;
    Openings openings;
  };

  std::optional<portfolio::IstDate> Today() const;
  bool IsHere(const KeptDeal& kept) const;
  Result<void> Rebuild(portfolio::IstDate today);
  /// Whether more can be learnt now of what was owned before; looks now and then only.
  bool CanLearnMore();
  /// Books what was owned before; without it when the broker cannot be asked.
  void TakeOpenings(Made& made, const Ledger::DealQuery& query);
  Result<void> TakeAll(Made& made, Ledger::DealQuery query);
  /// False: the book has to be made anew.
  bool Take(Made& made, const KeptDeal& kept);
  void FollowPrices();
  /// Sums up what is open, for Position. Under mutex_.
  void Count();
  std::vector<std::string> OpenKeys() const;
  portfolio::Quotes QuotesNow() const;
  static Error NotReady();

  const Parts parts_;
  std::mutex refreshing_;      // one Refresh at a time; guards:
  int looks_ = kLooksBetween;  // since the broker was asked in vain

  mutable std::mutex mutex_;     // guards what follows
  std::unique_ptr<Made> made_;   // null: not read yet, or not to be trusted any more
  bool simulated_ = false;       // whose trades made_ has
  portfolio::IstDate read_for_;  // up to which day
  bool reading_ = false;
  bool read_again_ = false;
  std::vector<KeptDeal> waiting_;  // came while reading
  std::map<Key, std::int64_t> net_;
};

}  // namespace sauda::orders
