#pragma once

#include "libs/base/result.hpp"
#include "sauda/feed/v1alpha1/history.pb.h"
#include "services/feed/src/core/candle.hpp"

namespace sauda::feed {

v1alpha1::Candle ToProto(const Candle& candle);

/// Fails with kInvalidArgument / INTERVAL_UNKNOWN.
Result<Interval> IntervalFromProto(v1alpha1::CandleInterval interval);

}  // namespace sauda::feed
