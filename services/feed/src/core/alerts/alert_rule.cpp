#include "services/feed/src/core/alerts/alert_rule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "libs/base/text.hpp"

namespace sauda::feed {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::max();
constexpr std::uint32_t kMaxMinutes = 375;  // an equity session
constexpr std::uint32_t kMaxWindow = 86'400;

/// What a measure takes. Levels are inclusive.
struct Traits {
  Measure measure;
  std::string_view name;
  bool instrument = true;
  bool swings = true;  ///< goes both ways: any direction, and a hysteresis
  double lowest = -kUnbounded;
  double highest = kUnbounded;
  bool period = false;
  bool slow_period = false;
  bool minutes = false;
  bool window = false;
};

constexpr double kDay = 86'400;

constexpr std::array kTraits{
    Traits{.measure = Measure::kPrice, .name = "PRICE"},
    Traits{.measure = Measure::kChange, .name = "CHANGE"},
    Traits{.measure = Measure::kChangePercent, .name = "CHANGE_PERCENT"},
    Traits{.measure = Measure::kPriceToAverage, .name = "PRICE_TO_AVERAGE", .period = true},
    Traits{.measure = Measure::kAverageToAverage,
           .name = "AVERAGE_TO_AVERAGE",
           .period = true,
           .slow_period = true},
    Traits{.measure = Measure::kVolumeRatio, .name = "VOLUME_RATIO", .lowest = 0},
    Traits{.measure = Measure::kMomentum, .name = "MOMENTUM", .minutes = true},
    Traits{.measure = Measure::kOpenInterest, .name = "OPEN_INTEREST", .lowest = 0},
    Traits{
        .measure = Measure::kOpenInterestChange, .name = "OPEN_INTEREST_CHANGE", .minutes = true},
    Traits{.measure = Measure::kImpliedVolatility, .name = "IMPLIED_VOLATILITY", .lowest = 0},
    Traits{.measure = Measure::kDelta, .name = "DELTA"},
    Traits{.measure = Measure::kTheta, .name = "THETA"},
    Traits{.measure = Measure::kGamma, .name = "GAMMA"},
    Traits{.measure = Measure::kVega, .name = "VEGA"},
    Traits{.measure = Measure::kRho, .name = "RHO"},
    Traits{.measure = Measure::kInstrumentSilence,
           .name = "INSTRUMENT_SILENCE",
           .swings = false,
           .lowest = 1,
           .highest = kDay},
    Traits{.measure = Measure::kFeedSilence,
           .name = "FEED_SILENCE",
           .instrument = false,
           .swings = false,
           .lowest = 1,
           .highest = kDay},
    Traits{
        .measure = Measure::kGap, .name = "GAP", .instrument = false, .swings = false, .lowest = 0},
    Traits{.measure = Measure::kReconnects,
           .name = "RECONNECTS",
           .instrument = false,
           .lowest = 2,
           .highest = 1'000,
           .window = true},
};

const Traits* Find(Measure measure) {
  const auto* const found =
      std::find_if(kTraits.begin(), kTraits.end(),
                   [measure](const Traits& each) { return each.measure == measure; });
  return found == kTraits.end() ? nullptr : found;
}

bool IsPeriod(std::uint32_t period) { return period == 20 || period == 50 || period == 200; }

/// Whether a number is in its range where the measure takes it, and not given where it does not.
bool Fits(bool taken, std::uint32_t number, std::uint32_t most) {
  return taken ? number >= 1 && number <= most : number == 0;
}

bool IsNote(std::string_view note) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  return note.size() <= kMaxAlertNote && IsUtf8(note) &&
         std::none_of(note.begin(), note.end(), is_control);
}

/// The reason against what every measure has; null: none.
const char* ProblemOfNumbers(const AlertRule& rule, const Traits& traits) {
  const bool reachable = rule.level >= traits.lowest && rule.level <= traits.highest;
  if (!std::isfinite(rule.level) || !reachable) return "LEVEL_INVALID";
  const bool calm = std::isfinite(rule.hysteresis) && rule.hysteresis >= 0;
  if (!calm || (!traits.swings && rule.hysteresis > 0)) return "HYSTERESIS_INVALID";
  // connections within a window are whole numbers, and must be able to fall below the band
  if (traits.window && rule.hysteresis >= rule.level) return "HYSTERESIS_INVALID";
  if (traits.period ? !IsPeriod(rule.period) : rule.period != 0) return "PERIOD_INVALID";
  const bool slower = IsPeriod(rule.slow_period) && rule.slow_period > rule.period;
  if (traits.slow_period ? !slower : rule.slow_period != 0) return "PERIOD_INVALID";
  if (!Fits(traits.minutes, rule.minutes, kMaxMinutes)) return "MINUTES_INVALID";
  if (!Fits(traits.window, rule.window_s, kMaxWindow)) return "WINDOW_INVALID";
  return nullptr;
}

const char* ProblemOf(const AlertRule& rule) {
  if (!IsAlertId(rule.id)) return "ALERT_ID_INVALID";
  const Traits* const traits = Find(rule.measure);
  if (traits == nullptr) return "MEASURE_UNKNOWN";
  if (rule.direction != Direction::kAbove && rule.direction != Direction::kBelow) {
    return "DIRECTION_UNKNOWN";
  }
  if (traits->instrument && rule.instrument_key.empty()) return "INSTRUMENT_MISSING";
  if (!traits->instrument && !rule.instrument_key.empty()) return "INSTRUMENT_UNWANTED";
  const bool only_above = !traits->swings || traits->window;
  if (only_above && rule.direction != Direction::kAbove) return "DIRECTION_UNFIT";
  if (const char* const problem = ProblemOfNumbers(rule, *traits)) return problem;
  if (!IsNote(rule.note)) return "NOTE_INVALID";
  if (!rule.webhook_id.empty() && !IsAlertId(rule.webhook_id)) return "WEBHOOK_ID_INVALID";
  return nullptr;
}

}  // namespace

Result<void> CheckAlertRule(const AlertRule& rule) {
  const char* const problem = ProblemOf(rule);
  if (problem == nullptr) return {};
  const std::string who = IsAlertId(rule.id) ? "alert " + rule.id : std::string{"the alert"};
  return Error{Code::kInvalidArgument, problem, who + " refused: " + problem};
}

bool IsAlertId(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kMaxAlertId &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string_view NameOf(Measure measure) {
  const Traits* const traits = Find(measure);
  return traits == nullptr ? "UNKNOWN" : traits->name;
}

std::string_view NameOf(Direction direction) {
  if (direction == Direction::kAbove) return "ABOVE";
  return direction == Direction::kBelow ? "BELOW" : "UNKNOWN";
}

bool HasInstrument(Measure measure) {
  const Traits* const traits = Find(measure);
  return traits != nullptr && traits->instrument;
}

Mode ModeFor(Measure measure) {
  switch (measure) {
    case Measure::kVolumeRatio:
    case Measure::kOpenInterest:
    case Measure::kOpenInterestChange:
    case Measure::kImpliedVolatility:
    case Measure::kDelta:
    case Measure::kTheta:
    case Measure::kGamma:
    case Measure::kVega:
    case Measure::kRho:
      return Mode::kOptionGreeks;
    default:
      return Mode::kLtpc;
  }
}

std::size_t MinutesNeeded(const AlertRule& rule) {
  switch (rule.measure) {
    case Measure::kPriceToAverage:
    case Measure::kAverageToAverage:
      return std::max(rule.period, rule.slow_period);
    case Measure::kVolumeRatio:
      return kVolumePeriod + 1;
    case Measure::kMomentum:
    case Measure::kOpenInterestChange:
      return rule.minutes + 2;  // those within, the one under way, and the one of then
    default:
      return 0;
  }
}

}  // namespace sauda::feed
