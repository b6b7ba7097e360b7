#pragma once

#include <chrono>
#include <iosfwd>
#include <map>
#include <mutex>
#include <string>

#include "sauda/feed/v1alpha1/feed.pb.h"

namespace sauda::cli {

/// One line for people about one tick.
std::string TickLine(const feed::v1alpha1::Tick& tick);

/// `LIVE`, `STALE`, ... of a connection.
std::string ConnectionName(feed::v1alpha1::ConnectionState state);

/// Draws the newest tick of each key in place on a terminal, at most ten times a second, and at
/// once what the connection does. Somebody must call DrawIfDue now and then, so that what came too
/// soon after a drawing is drawn too. Thread-safe.
class TickTable {
 public:
  explicit TickTable(std::ostream& out) : out_{out} {}

  void Take(const feed::v1alpha1::TickBatch& batch);

  /// Draws when the connection changed, or something did and the last drawing is a tenth of a
  /// second ago.
  void DrawIfDue(std::chrono::steady_clock::time_point now);

  /// Draws what changed since the last drawing.
  void DrawRest();

 private:
  void Draw();

  std::mutex mutex_;  // guards everything below
  std::ostream& out_;
  std::map<std::string, feed::v1alpha1::Tick> newest_;
  std::string connection_ = "-";
  std::uint64_t ticks_ = 0;
  std::uint64_t missed_ = 0;  // dropped and conflated
  bool changed_ = false;
  bool at_once_ = false;
  std::size_t drawn_lines_ = 0;
  std::chrono::steady_clock::time_point drawn_at_;
};

}  // namespace sauda::cli
