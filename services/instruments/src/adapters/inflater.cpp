#include "services/instruments/src/adapters/inflater.hpp"

#include <string>

#include <zlib.h>

#include "libs/base/check.hpp"

namespace sauda::instruments {
namespace {

constexpr std::size_t kBufferBytes = 65'536;
constexpr int kGzipOnly = 15 + 16;  // largest window, gzip header demanded
constexpr char kMagic0 = '\x1f';
constexpr char kMagic1 = '\x8b';

}  // namespace

Inflater::Inflater(Sink sink)
    : sink_{std::move(sink)}, stream_{std::make_unique<z_stream>()}, buffer_(kBufferBytes) {
  *stream_ = z_stream{};
  Check(inflateInit2(stream_.get(), kGzipOnly) == Z_OK, "zlib starts");
}

Inflater::~Inflater() { inflateEnd(stream_.get()); }

Result<void> Inflater::Feed(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (mode_ == Mode::kUnknown) {
    if (!has_first_ && bytes.size() == 1) {
      first_ = bytes.front();
      has_first_ = true;
      return {};
    }
    const std::string_view first{&first_, 1};
    const char byte0 = has_first_ ? first_ : bytes[0];
    const char byte1 = has_first_ ? bytes[0] : bytes[1];
    mode_ = byte0 == kMagic0 && byte1 == kMagic1 ? Mode::kGzip : Mode::kPlain;
    if (has_first_) {
      auto fed = mode_ == Mode::kGzip ? Inflate(first) : sink_(first);
      if (!fed) return fed;
    }
  }
  return mode_ == Mode::kPlain ? sink_(bytes) : Inflate(bytes);
}

Result<void> Inflater::Inflate(std::string_view bytes) {
  // zlib's interface is not const-correct; it does not write to its input.
  stream_->next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT(*-const-cast)
  stream_->avail_in = static_cast<uInt>(bytes.size());
  while (stream_->avail_in > 0 || mode_ == Mode::kGzip) {
    if (mode_ == Mode::kBetweenMembers) {
      inflateReset(stream_.get());
      mode_ = Mode::kGzip;
    }
    stream_->next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_->avail_out = static_cast<uInt>(buffer_.size());
    const int result = inflate(stream_.get(), Z_NO_FLUSH);
    if (result == Z_BUF_ERROR) return {};  // all taken, nothing made: more is needed
    if (result != Z_OK && result != Z_STREAM_END) {
      return Damaged(stream_->msg != nullptr ? stream_->msg : "damaged");
    }
    const std::size_t made = buffer_.size() - stream_->avail_out;
    if (made > 0) {
      if (auto taken = sink_({buffer_.data(), made}); !taken) return taken;
    }
    if (result == Z_STREAM_END) mode_ = Mode::kBetweenMembers;
    if (stream_->avail_in == 0 && stream_->avail_out > 0) return {};
  }
  return {};
}

Result<void> Inflater::Damaged(const char* what) const {
  return Error{Code::kInvalidArgument, "MASTER_MALFORMED",
               std::string{"the gzip file is damaged: "} + what};
}

Result<void> Inflater::Finish() {
  if (mode_ == Mode::kUnknown && has_first_) {
    mode_ = Mode::kPlain;
    return sink_({&first_, 1});
  }
  if (mode_ == Mode::kGzip) {
    return Error{Code::kFailedPrecondition, "MASTER_TRUNCATED", "the gzip file ends too early"};
  }
  return {};
}

}  // namespace sauda::instruments
