#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sauda::http {

/// What became of bytes offered to a client.
enum class Offer : std::uint8_t {
  kTaken,  // will be written
  kFull,   // not taken: the client is slow; keep the newest and wait for on_drained
  kGone,   // not taken: the connection is over
};

struct StreamOptions {
  /// Most bytes that wait for the client, beside what the kernel holds. An offer is taken while
  /// less than this waits, so one offer may go over it.
  std::size_t max_buffered_bytes = 262'144;
  /// How long a client may take nothing while bytes wait, before it is cut off.
  std::chrono::milliseconds stall_limit{30'000};
  /// The kernel's own send buffer; 0 leaves it. Small, it makes slowness show early.
  int send_buffer_bytes = 0;
  /// Called on an I/O thread, without locks held, when at most half the buffer waits after an offer
  /// that was full. Set at the start, so that none is missed.
  std::function<void()> on_drained;
  /// Called once on an I/O thread when the connection is over, whoever ended it. No callback
  /// follows it.
  std::function<void()> on_gone;
};

/// Writes one streamed response (Server-Sent Events). Never blocks; all methods are thread-safe.
/// Dropping the last pointer does not close the stream.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;

  virtual Offer Write(std::shared_ptr<const std::string> bytes) = 0;
  Offer Write(std::string bytes) {
    return Write(std::make_shared<const std::string>(std::move(bytes)));
  }
  /// True while an offer would be taken.
  virtual bool CanWrite() const = 0;
  virtual std::size_t buffered_bytes() const = 0;
  /// Writes what waits, ends the response and closes.
  virtual void Close() = 0;
  /// Cuts the connection at once.
  virtual void Abort() = 0;
};

}  // namespace sauda::http
