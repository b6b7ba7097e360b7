#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sauda/feed/v1alpha1/feed.pb.h"

namespace sauda::test {

/// One recorded full-mode message in plain values, whatever it was read from: a capture's JSON, a
/// gRPC tick, an SSE event, a database row. Absent scalars are zero, as on the broker's wire.
struct Message {
  double ltp = 0;
  std::int64_t ltt = 0;
  std::int64_t ltq = 0;
  double cp = 0;
  struct Level {
    std::int64_t bid_quantity = 0;
    double bid_price = 0;
    std::int64_t ask_quantity = 0;
    double ask_price = 0;
    friend bool operator==(const Level&, const Level&) = default;
  };
  std::vector<Level> depth;
  bool has_greeks = false;
  std::array<double, 5> greeks{};  ///< delta, theta, gamma, vega, rho
  struct Bar {
    std::string interval;
    std::array<double, 4> ohlc{};
    std::int64_t volume = 0;
    std::int64_t start = 0;
    friend bool operator==(const Bar&, const Bar&) = default;
  };
  std::vector<Bar> bars;
  double atp = 0;
  std::int64_t vtt = 0;
  double oi = 0;
  double iv = 0;
  double tbq = 0;
  double tsq = 0;

  friend bool operator==(const Message&, const Message&) = default;
};
std::ostream& operator<<(std::ostream& out, const Message& message);

/// Messages of each key in the order in which they were recorded.
using Recording = std::map<std::string, std::vector<Message>>;

/// Reads capture files (gzip JSON arrays as in the real recordings).
Recording ReadCaptures(const std::vector<std::string>& files);

/// Writes one key's messages as such a file, `spacing_ms` apart.
void WriteCapture(const std::string& file, const std::string& key,
                  const std::vector<Message>& messages, int spacing_ms);

/// Deterministic messages in which every field moves and some are zero or missing.
std::vector<Message> MadeMessages(int count, bool option);

Message FromTick(const feed::v1alpha1::Tick& tick);

/// From a row of feed.ticks as PostgreSQL writes it in JSON.
Message FromRow(const nlohmann::json& row);

/// From the JSON of a tick event of the gateway; also its key and its marks.
struct SseTick {
  std::string key;
  bool snapshot = false;
  bool simulated = false;
  Message message;
};
SseTick FromSse(const std::string& json);

/// Sum of all messages of a recording.
std::size_t CountOf(const Recording& recording);

}  // namespace sauda::test
