#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/storage/binary_row.hpp"
#include "services/feed/src/core/history.hpp"

namespace sauda::feed {

/// Reads rows of PgHistory's kSelectTicks; its vectors are used again for each. Used by one thread.
class TickReader {
 public:
  /// Fails with kInternal / DATABASE_ERROR when the row is not this version's.
  Result<StoredTick> Read(storage::BinaryRow& row) {
    StoredTick stored;
    Tick& tick = stored.tick;
    stored.instance = row.Text();
    if (auto head = ReadHead(row, tick); !head) return head.error();
    ReadLast(row, tick.last);
    if (auto depth = ReadDepth(row, tick.depth); !depth) return depth.error();
    ReadGreeks(row, tick.greeks);
    if (auto bars = ReadBars(row, tick.bars); !bars) return bars.error();
    ReadTotals(row, tick.totals);
    ReadAuction(row, tick.auction);
    return stored;
  }

 private:
  using BinaryRow = storage::BinaryRow;

  static Error Unreadable(const char* what) {
    return {Code::kInternal, "DATABASE_ERROR", std::string{"feed.ticks holds an unknown "} + what};
  }

  Result<void> ReadHead(BinaryRow& row, Tick& tick) {
    tick.seq = static_cast<std::uint64_t>(row.Int8());
    const std::string_view key = row.Text();
    const std::int64_t instrument_id = row.Int8();
    auto& listing = listings_[std::string{key}];
    if (!listing || listing->instrument_id != instrument_id) {
      listing = std::make_shared<const Listing>(
          Listing{.key = std::string{key}, .instrument_id = instrument_id});
    }
    tick.listing = listing;
    tick.received_ns = row.Int8();
    tick.broker_ms = row.Int8();
    const std::int16_t mode = row.Int2();
    if (row.good() && (mode < 1 || mode > 4)) return Unreadable("mode");
    tick.mode = static_cast<Mode>(mode);
    tick.broker_snapshot = row.Bool();
    tick.simulated = row.Bool();
    return {};
  }

  static void ReadLast(BinaryRow& row, std::optional<LastTrade>& last) {
    if (row.is_null()) return row.Skip(5);
    last.emplace();
    last->price = row.Float8();
    last->time_ms = row.Int8();
    last->quantity = row.Int8();
    last->previous_close = row.Float8();
    last->indicative_price = row.Maybe(&BinaryRow::Float8);
  }

  Result<void> ReadDepth(BinaryRow& row, std::vector<DepthLevel>& depth) {
    row.Int8Array(integers_[0]);
    row.Float8Array(reals_[0]);
    row.Int8Array(integers_[1]);
    row.Float8Array(reals_[1]);
    const std::size_t levels = integers_[0].size();
    if (reals_[0].size() != levels || integers_[1].size() != levels || reals_[1].size() != levels) {
      return Unreadable("depth");
    }
    for (std::size_t i = 0; i < levels; ++i) {
      depth.push_back({integers_[0][i], reals_[0][i], integers_[1][i], reals_[1][i]});
    }
    return {};
  }

  static void ReadGreeks(BinaryRow& row, std::optional<Greeks>& greeks) {
    if (row.is_null()) return row.Skip(5);
    greeks.emplace();
    for (const auto field :
         {&Greeks::delta, &Greeks::theta, &Greeks::gamma, &Greeks::vega, &Greeks::rho}) {
      (*greeks).*field = row.Float8();
    }
  }

  Result<void> ReadBars(BinaryRow& row, std::vector<Bar>& bars) {
    row.TextArray(texts_);
    for (auto& column : reals_) row.Float8Array(column);
    for (auto& column : integers_) row.Int8Array(column);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      for (const auto& column : reals_) {
        if (column.size() != texts_.size()) return Unreadable("bar");
      }
      for (const auto& column : integers_) {
        if (column.size() != texts_.size()) return Unreadable("bar");
      }
      bars.push_back({texts_[i], reals_[0][i], reals_[1][i], reals_[2][i], reals_[3][i],
                      integers_[0][i], integers_[1][i]});
    }
    return {};
  }

  static void ReadTotals(BinaryRow& row, Totals& totals) {
    totals.average_price = row.Float8();
    totals.volume = row.Int8();
    totals.open_interest = row.Float8();
    totals.implied_volatility = row.Float8();
    totals.total_buy_quantity = row.Float8();
    totals.total_sell_quantity = row.Float8();
  }

  static void ReadAuction(BinaryRow& row, std::optional<Auction>& auction) {
    if (row.is_null()) return row.Skip(6);
    auction.emplace();
    auction->equilibrium_price = row.Float8();
    auction->reference_price = row.Float8();
    auction->equilibrium_quantity = row.Int8();
    auction->imbalance_quantity = row.Int8();
    auction->market_imbalance_quantity = row.Int8();
    auction->closing_auction_eligible = row.Bool();
  }

  std::unordered_map<std::string, std::shared_ptr<const Listing>> listings_;
  std::vector<std::int64_t> integers_[2];
  std::vector<double> reals_[4];
  std::vector<std::string> texts_;
};

}  // namespace sauda::feed
