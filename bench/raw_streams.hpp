#pragma once

#include <memory>
#include <string>
#include <vector>

namespace sauda::bench {

/// The floor of fan-out: a gRPC server whose every stream writes ready-made bytes, one message in
/// flight, and does nothing else. Answers any method.
class RawStreams {
 public:
  /// `messages[n]` stands for n + 1 frames.
  explicit RawStreams(const std::vector<std::string>& messages);
  /// For Send with bytes alone. Every stream begins with an empty message.
  RawStreams();
  ~RawStreams();
  RawStreams(const RawStreams&) = delete;
  RawStreams& operator=(const RawStreams&) = delete;

  std::string address() const;

  /// One frame more for every stream; what a stream cannot write yet waits as a number.
  void Send();
  /// The same with these bytes. What a stream cannot write yet goes out together.
  void Send(const std::string& frame);

 private:
  class Stream;
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace sauda::bench
