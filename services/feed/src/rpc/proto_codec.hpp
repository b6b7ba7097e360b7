#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/result.hpp"
#include "sauda/feed/v1alpha1/feed.pb.h"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/mailbox.hpp"
#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// Makes the bytes of a TickBatch. A tick is encoded once, as a batch of one: encoded messages add
/// up, so pieces one after the other are one batch.
class ProtoTickEncoder final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override;
  Update AsSnapshot(const Update& update) const override;

 private:
  v1alpha1::Tick tick_;  // the ingesting thread's; used again for every tick, it keeps its memory
  std::string bytes_;    // as tick_
};

/// The fields of a batch that come before its ticks.
std::string EncodeHeader(const Mailbox::Batch& batch, const std::string& instance);

v1alpha1::Mode ToProto(Mode mode);
v1alpha1::ConnectionState ToProto(ConnectionState state);
v1alpha1::Subscription ToProto(const SubscriptionRow& row);
v1alpha1::FeedStatus ToProto(const FeedState& state);

/// Absent when the caller left it open. Fails with kInvalidArgument / MODE_UNKNOWN.
Result<std::optional<Mode>> ModeFromProto(v1alpha1::Mode mode);
/// How a stream's ticks wait. Fails with kInvalidArgument / POLICY_UNKNOWN or BUFFER_INVALID.
Result<Mailbox::Options> MailboxFromProto(const v1alpha1::StreamTicksRequest& request,
                                          std::chrono::milliseconds stall_limit);

}  // namespace sauda::feed
