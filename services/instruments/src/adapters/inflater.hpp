#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"

struct z_stream_s;

namespace sauda::instruments {

/// Inflates gzip while it arrives and hands plain bytes on as they are, told apart by the first two
/// bytes. Members that follow each other are one file. Memory: one buffer of 64 KiB and zlib's
/// window. Not thread-safe.
class Inflater {
 public:
  using Sink = std::function<Result<void>(std::string_view bytes)>;

  explicit Inflater(Sink sink);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Fails with kInvalidArgument / MASTER_MALFORMED when the gzip is damaged, or as the sink did.
  Result<void> Feed(std::string_view bytes);

  /// Says that nothing follows. Fails with kFailedPrecondition / MASTER_TRUNCATED inside a gzip
  /// member, or as the sink did.
  Result<void> Finish();

 private:
  enum class Mode : std::uint8_t { kUnknown, kPlain, kGzip, kBetweenMembers };

  Result<void> Inflate(std::string_view bytes);
  Result<void> Damaged(const char* what) const;

  const Sink sink_;
  Mode mode_ = Mode::kUnknown;
  char first_ = 0;  // a first byte that came alone
  bool has_first_ = false;
  std::unique_ptr<z_stream_s> stream_;
  std::vector<char> buffer_;
};

}  // namespace sauda::instruments
