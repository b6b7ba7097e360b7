#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>

#include "libs/base/result.hpp"
#include "sauda/feed/v1alpha1/history.pb.h"
#include "services/feed/src/core/history.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"

namespace sauda::feed {

v1alpha1::Gap ToProto(const StoredGap& stored);

/// Ticks as the bytes of HistoryBatches: of one run each, and about 64 KiB at most.
std::deque<std::string> EncodeHistory(std::span<const StoredTick> ticks, ProtoTickEncoder& encoder);

/// The place after which a reader goes on, as it is told to callers.
std::string TokenOf(const TickPlace& place);
/// Absent for an empty token. Fails with kInvalidArgument / RESUME_TOKEN_INVALID.
Result<std::optional<TickPlace>> ResumeFrom(const std::string& token);

std::string TokenOf(const GapRange::Place& place);
/// Absent for an empty token. Fails with kInvalidArgument / PAGE_TOKEN_INVALID.
Result<std::optional<GapRange::Place>> PageFrom(const std::string& token);

}  // namespace sauda::feed
