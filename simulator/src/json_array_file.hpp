#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/result.hpp"

namespace sauda::sim {

/// Reads the objects of one top-level JSON array from a file, gzip or plain (decided by content),
/// without holding more than one object and a buffer. One thread.
class JsonArrayFile {
 public:
  /// Fails with kNotFound / FILE_UNREADABLE.
  static Result<JsonArrayFile> Open(std::string path);

  /// Puts the text of the next object into `object`; false at the end of the array. The text is
  /// balanced, not yet checked otherwise. Fails with kDataLoss / FILE_BROKEN: not an array of
  /// objects, cut off, bad gzip, an object over kMostBytes.
  Result<bool> Next(std::string& object);

  /// Starts again from the first object. Fails as Open does.
  Result<void> Rewind();

  const std::string& path() const { return path_; }
  std::uint64_t objects() const { return objects_; }  ///< given so far

  static constexpr std::size_t kMostBytes = 1U << 20U;

 private:
  struct Close {
    void operator()(void* file) const;
  };

  explicit JsonArrayFile(std::string path) : path_{std::move(path)} {}
  Result<bool> Fill();
  Error Broken(const std::string& what) const;

  std::string path_;
  std::unique_ptr<void, Close> file_;  ///< zlib's gzFile
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::uint64_t objects_ = 0;
  bool inside_ = false;  ///< after the opening bracket
  bool done_ = false;
};

}  // namespace sauda::sim
