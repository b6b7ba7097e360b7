#pragma once

#include <memory>
#include <string>

#include "simulator/src/core/replay_market.hpp"

namespace sauda::sim {

/// Reads recorded Feed messages: protobuf's JSON form with `instrumentKey` and `_insertion_time`
/// (IST) added by the recorder. Keeps its working memory from one to the next; one thread.
class FeedJsonParser {
 public:
  FeedJsonParser();
  FeedJsonParser(FeedJsonParser&&) noexcept;
  ~FeedJsonParser();

  /// Fails with kInvalidArgument / FEED_JSON_INVALID: not JSON, a field of a wrong kind, a field
  /// that the feed does not have (it would be lost), no key, no time, nothing in it.
  Result<Captured> Parse(const std::string& text);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace sauda::sim
