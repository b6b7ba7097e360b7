#include "services/feed/src/core/alerts/minute_figures.hpp"

#include <algorithm>
#include <iterator>

namespace sauda::feed {

void MinuteFigures::Need(std::size_t minutes) {
  capacity_ = std::max(capacity_, minutes);
  minutes_.reserve(capacity_ + 1);
}

void MinuteFigures::Put(const Candle& bar) {
  const auto place = std::lower_bound(
      minutes_.begin(), minutes_.end(), bar.start_ms,
      [](const Minute& each, std::int64_t start) { return each.start_ms < start; });
  const Minute minute{.start_ms = bar.start_ms,
                      .close = bar.close,
                      .open_interest = bar.open_interest,
                      .volume = static_cast<double>(bar.volume),
                      .volume_known = KnowsVolume(bar, place)};
  if (place != minutes_.end() && place->start_ms == minute.start_ms) {
    *place = minute;
  } else {
    minutes_.insert(place, minute);
    if (minutes_.size() > capacity_) minutes_.erase(minutes_.begin());
  }
  Refresh();
}

// What was traded in a gap is in the volume of the next trade, however late that comes.
bool MinuteFigures::KnowsVolume(const Candle& bar,
                                std::vector<Minute>::const_iterator place) const {
  if (bar.gap) return false;
  if (bar.edge_volume == 0 || !gap_ || gap_->start_ms > bar.start_ms) return true;
  return place != minutes_.begin() &&
         gap_->end_ms < std::prev(place)->start_ms + calendar::kMsPerMinute;
}

void MinuteFigures::Forget() {
  minutes_.clear();
  gap_.reset();
  Refresh();
}

// A minute is short of work, and sums that are made anew cannot drift.
void MinuteFigures::Refresh() {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kPeriods.size(); ++i) {
    averages_[i] = kAbsent;
    if (kPeriods[i] > minutes_.size()) continue;
    for (; count < kPeriods[i]; ++count) sum += minutes_[minutes_.size() - 1 - count].close;
    averages_[i] = sum / kPeriods[i];
  }
  volume_ratio_ = RatioOfVolumes();
}

double MinuteFigures::RatioOfVolumes() const {
  if (minutes_.size() <= kVolumePeriod) return kAbsent;
  double before = 0;
  for (auto each = minutes_.end() - kVolumePeriod - 1; each != minutes_.end(); ++each) {
    if (!each->volume_known) return kAbsent;
    before += each->volume;
  }
  before -= minutes_.back().volume;
  return before > 0 ? minutes_.back().volume * kVolumePeriod / before : kAbsent;
}

double MinuteFigures::Average(std::uint32_t period) const {
  const auto* const found = std::find(kPeriods.begin(), kPeriods.end(), period);
  if (found == kPeriods.end()) return kAbsent;
  return averages_[static_cast<std::size_t>(found - kPeriods.begin())];
}

const MinuteFigures::Minute* MinuteFigures::Before(std::int64_t at_ms,
                                                   std::uint32_t minutes) const {
  const std::int64_t latest_start_ms = at_ms - (minutes + std::int64_t{1}) * calendar::kMsPerMinute;
  const auto after = std::upper_bound(
      minutes_.begin(), minutes_.end(), latest_start_ms,
      [](std::int64_t start, const Minute& each) { return start < each.start_ms; });
  if (after == minutes_.begin()) return nullptr;
  const Minute& found = *(after - 1);
  return DayOf(found.start_ms) == DayOf(at_ms) ? &found : nullptr;
}

double MinuteFigures::CloseBefore(std::int64_t at_ms, std::uint32_t minutes) const {
  const Minute* const found = Before(at_ms, minutes);
  return found == nullptr ? kAbsent : found->close;
}

double MinuteFigures::OpenInterestBefore(std::int64_t at_ms, std::uint32_t minutes) const {
  const Minute* const found = Before(at_ms, minutes);
  return found == nullptr || found->open_interest <= 0 ? kAbsent : found->open_interest;
}

}  // namespace sauda::feed
