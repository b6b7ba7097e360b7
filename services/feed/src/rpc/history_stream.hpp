#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "services/feed/src/core/history_pager.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"
#include "services/feed/src/rpc/pulled_stream.hpp"

namespace sauda::feed {

/// The keys of names: one with a `|` is a key and is taken as it is, others are symbols. Without
/// repeats, in no order. May block; fails as InstrumentDirectory.
Result<std::vector<std::string>> KeysOf(InstrumentDirectory& directory,
                                        const std::vector<std::string>& names,
                                        const std::string& request_id);

/// One StreamHistory call: reads the gaps and then the ticks, a page at a time.
class HistoryStream final : public PulledStream {
 public:
  struct Sources {
    History& history;
    InstrumentDirectory& directory;
  };

  /// The keys of `range` may be symbols.
  HistoryStream(grpc::CallbackServerContext& context, Parts parts, Sources sources,
                TickRange range);

 private:
  static constexpr std::size_t kGapsAtOnce = 200;

  Result<Pulled> Pull() override;
  Result<void> Begin();
  Result<Pulled> PullGaps();

  const Sources sources_;

  // The worker's, of which there is one at a time:
  TickRange range_;               // until it has begun
  std::optional<GapRange> gaps_;  // absent: all of them were read
  std::optional<HistoryPager> pager_;
  ProtoTickEncoder encoder_;
};

}  // namespace sauda::feed
