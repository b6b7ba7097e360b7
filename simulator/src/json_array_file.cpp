#include "simulator/src/json_array_file.hpp"

#include <zlib.h>

namespace sauda::sim {
namespace {

constexpr std::size_t kBufferBytes = 1U << 16U;

gzFile AsGz(void* file) { return static_cast<gzFile>(file); }

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Follows one object's nesting character by character, outside strings.
class Nesting {
 public:
  /// True once the object is complete with this character.
  bool EndsWith(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      return false;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    return depth_ == 0;
  }

 private:
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace

void JsonArrayFile::Close::operator()(void* file) const { gzclose_r(AsGz(file)); }

Error JsonArrayFile::Broken(const std::string& what) const {
  return {Code::kDataLoss, "FILE_BROKEN",
          path_ + ": " + what + " after object " + std::to_string(objects_)};
}

Result<JsonArrayFile> JsonArrayFile::Open(std::string path) {
  JsonArrayFile opened{std::move(path)};
  if (auto rewound = opened.Rewind(); !rewound) return rewound.error();
  return opened;
}

Result<void> JsonArrayFile::Rewind() {
  file_.reset(gzopen(path_.c_str(), "rb"));
  if (!file_) {
    return Error{Code::kNotFound, "FILE_UNREADABLE", path_ + ": cannot be opened for reading"};
  }
  buffer_.resize(kBufferBytes);
  at_ = end_ = 0;
  objects_ = 0;
  inside_ = done_ = false;
  return {};
}

/// Reads more; false at the end of the file.
Result<bool> JsonArrayFile::Fill() {
  const int got = gzread(AsGz(file_.get()), buffer_.data(), static_cast<unsigned>(buffer_.size()));
  int code = Z_OK;
  const char* const text = gzerror(AsGz(file_.get()), &code);
  if (got < 0 || code != Z_OK) return Broken(std::string{"cannot be read: "} + text);
  at_ = 0;
  end_ = static_cast<std::size_t>(got);
  return got > 0;
}

Result<bool> JsonArrayFile::Next(std::string& object) {
  object.clear();
  Nesting nesting;
  while (!done_) {
    if (at_ == end_) {
      const auto more = Fill();
      if (!more) return more.error();
      if (!*more) return Broken("cut off");
    }
    if (!object.empty()) {  // inside an object: take characters until it is complete
      const std::size_t from = at_;
      bool complete = false;
      while (at_ < end_ && !complete) complete = nesting.EndsWith(buffer_[at_++]);
      object.append(buffer_.data() + from, at_ - from);
      if (object.size() > kMostBytes) return Broken("an object of more than a megabyte");
      if (!complete) continue;
      ++objects_;
      return true;
    }
    const char c = buffer_[at_++];
    if (IsBlank(c)) continue;
    if (!inside_) {
      if (c != '[') return Broken("not a JSON array");
      inside_ = true;
    } else if (c == '{') {
      object += c;
      nesting.EndsWith(c);
    } else if (c == ']') {
      done_ = true;
    } else if (c != ',') {
      return Broken("something that is no object");
    }
  }
  return false;
}

}  // namespace sauda::sim
