#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// The number that a rule looks at. Each is absent until there is what it is made of; an absent
/// number neither fires nor re-arms. The numbers are the proto's.
enum class Measure : std::uint8_t {
  // of a tick
  kPrice = 1,          ///< last trade, rupees
  kChange = 2,         ///< from the previous day's close, rupees
  kChangePercent = 3,  ///< the same in percent of that close
  // of completed minutes; a minute without a trade is none
  kPriceToAverage = 4,    ///< last trade over the average close of the last `period`, percent above
  kAverageToAverage = 5,  ///< the average of `period` over that of `slow_period`, percent above
  kVolumeRatio = 6,       ///< the last minute's volume over the mean of the 20 before it
  // against the same day, `minutes` ago
  kMomentum = 7,            ///< last trade over the close of then, percent
  kOpenInterest = 8,        ///< of a tick, units
  kOpenInterestChange = 9,  ///< open interest over that of then, percent
  kImpliedVolatility = 10,  ///< a fraction: 0.1032 is 10.32 %
  kDelta = 11,
  kTheta = 12,
  kGamma = 13,
  kVega = 14,
  kRho = 15,
  // of the feed itself
  kInstrumentSilence = 16,  ///< seconds without a tick, while its segment is open
  kFeedSilence = 17,        ///< seconds without any tick, while something is due
  kGap = 18,                ///< seconds of a gap, when it ends
  kReconnects = 19,         ///< connections made within `window_s`
};

/// Which way the number goes when a rule fires.
enum class Direction : std::uint8_t {
  kAbove = 1,  ///< it was below `level` and is at it or above
  kBelow = 2,  ///< it was above `level` and is at it or below
};

/// What somebody wants to be told of. Plain data; CheckAlertRule says whether it makes sense.
///
/// It fires once per crossing: when the number reaches `level` from the other side. Then it rests
/// until the number has been on the other side by more than `hysteresis`. The first number it sees
/// only tells it on which side it is, and so never fires.
struct AlertRule {
  std::string id;              ///< the caller's, unique in the account
  std::string instrument_key;  ///< empty for the measures of the feed as a whole
  Measure measure = Measure::kPrice;
  Direction direction = Direction::kAbove;
  double level = 0;               ///< in the measure's unit
  double hysteresis = 0;          ///< in the measure's unit, at least 0
  std::uint32_t period = 0;       ///< minutes: 20, 50 or 200; of kPriceToAverage, kAverageToAverage
  std::uint32_t slow_period = 0;  ///< minutes: 50 or 200, more than `period`; of kAverageToAverage
  std::uint32_t minutes = 0;      ///< 1 to 375; of kMomentum, kOpenInterestChange
  std::uint32_t window_s = 0;     ///< 1 to 86 400; of kReconnects
  std::string note;               ///< for people, up to 200 bytes of UTF-8 in one line
  std::string webhook_id;         ///< whom to call; empty: nobody

  friend bool operator==(const AlertRule&, const AlertRule&) = default;
};

using AlertRulePtr = std::shared_ptr<const AlertRule>;

inline constexpr std::size_t kMaxAlertId = 64;
inline constexpr std::size_t kMaxAlertNote = 200;
/// Minutes in the mean that kVolumeRatio compares with.
inline constexpr std::size_t kVolumePeriod = 20;

/// Fails with kInvalidArgument and
///   ALERT_ID_INVALID    not 1 to 64 of A-Z a-z 0-9 . _ -
///   MEASURE_UNKNOWN, DIRECTION_UNKNOWN
///   INSTRUMENT_MISSING, INSTRUMENT_UNWANTED   the measure has one, or has none
///   DIRECTION_UNFIT     silence, gaps and reconnects only go ABOVE
///   LEVEL_INVALID       not a finite number, or none that the measure can reach
///   HYSTERESIS_INVALID  negative, not finite, or given where nothing swings: silence and gaps
///   PERIOD_INVALID, MINUTES_INVALID, WINDOW_INVALID   out of range, or given to another measure
///   NOTE_INVALID        too long, not UTF-8, or with control characters
///   WEBHOOK_ID_INVALID  given, and not as an id
Result<void> CheckAlertRule(const AlertRule& rule);

/// Whether the text is 1 to 64 of A-Z a-z 0-9 . _ -
bool IsAlertId(std::string_view text);

/// `PRICE`, `CHANGE_PERCENT`, …: as in the proto, without its prefix. `UNKNOWN` for a number that
/// is no measure.
std::string_view NameOf(Measure measure);
/// `ABOVE` or `BELOW`; `UNKNOWN` for a number that is no direction.
std::string_view NameOf(Direction direction);

/// Whether the measure is one instrument's.
bool HasInstrument(Measure measure);

/// The least that must be subscribed of the instrument for the measure to be there.
Mode ModeFor(Measure measure);

/// Completed minutes that must be kept for it; 0: none.
std::size_t MinutesNeeded(const AlertRule& rule);

}  // namespace sauda::feed
