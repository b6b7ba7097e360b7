#include "services/feed/src/rpc/alert_codec.hpp"

#include <limits>

namespace sauda::feed {
namespace {

static_assert(static_cast<int>(Measure::kPrice) == v1alpha1::MEASURE_PRICE &&
              static_cast<int>(Measure::kVolumeRatio) == v1alpha1::MEASURE_VOLUME_RATIO &&
              static_cast<int>(Measure::kOpenInterest) == v1alpha1::MEASURE_OPEN_INTEREST &&
              static_cast<int>(Measure::kDelta) == v1alpha1::MEASURE_DELTA &&
              static_cast<int>(Measure::kInstrumentSilence) ==
                  v1alpha1::MEASURE_INSTRUMENT_SILENCE &&
              static_cast<int>(Measure::kReconnects) == v1alpha1::MEASURE_RECONNECTS);
static_assert(static_cast<int>(Direction::kAbove) == v1alpha1::DIRECTION_ABOVE &&
              static_cast<int>(Direction::kBelow) == v1alpha1::DIRECTION_BELOW);

/// A number that no enumerator has becomes 0, which none has either: it must not wrap round.
template <typename Enum>
Enum Narrowed(int number) {
  const bool fits = number >= 0 && number <= std::numeric_limits<std::uint8_t>::max();
  return static_cast<Enum>(fits ? number : 0);
}

}  // namespace

AlertRule FromProto(const v1alpha1::AlertRule& rule) {
  return {.id = rule.alert_id(),
          .instrument_key = rule.instrument(),
          .measure = Narrowed<Measure>(rule.measure()),
          .direction = Narrowed<Direction>(rule.direction()),
          .level = rule.level(),
          .hysteresis = rule.hysteresis(),
          .period = rule.period(),
          .slow_period = rule.slow_period(),
          .minutes = rule.minutes(),
          .window_s = rule.window_s(),
          .note = rule.note(),
          .webhook_id = rule.webhook_id()};
}

v1alpha1::AlertRule ToProto(const AlertRule& rule) {
  v1alpha1::AlertRule out;
  out.set_alert_id(rule.id);
  out.set_instrument(rule.instrument_key);
  out.set_measure(static_cast<v1alpha1::Measure>(rule.measure));
  out.set_direction(static_cast<v1alpha1::Direction>(rule.direction));
  out.set_level(rule.level);
  out.set_hysteresis(rule.hysteresis);
  out.set_period(rule.period);
  out.set_slow_period(rule.slow_period);
  out.set_minutes(rule.minutes);
  out.set_window_s(rule.window_s);
  out.set_note(rule.note);
  out.set_webhook_id(rule.webhook_id);
  return out;
}

v1alpha1::Alert ToProto(const Alert& alert) {
  v1alpha1::Alert out;
  out.set_number(alert.number);
  *out.mutable_rule() = ToProto(*alert.firing.rule);
  out.set_value(alert.firing.value);
  out.set_at_ns(alert.firing.at_ns);
  out.set_tick_seq(alert.firing.seq);
  out.set_simulated(alert.firing.simulated);
  return out;
}

v1alpha1::Webhook ToProto(const Webhook& webhook) {
  v1alpha1::Webhook out;
  out.set_webhook_id(webhook.id);
  out.set_url(webhook.url);
  return out;
}

}  // namespace sauda::feed
