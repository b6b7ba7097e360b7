#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>

#include "libs/http/any_stream.hpp"
#include "libs/http/server_core.hpp"

namespace sauda::http {

/// A streamed response: a bounded queue in front of one connection. Writers offer from any thread;
/// the connection's strand moves what waits, all of it in one write. Internal to libs/http.
class StreamLink final : public StreamWriter,
                         public Peer,
                         public std::enable_shared_from_this<StreamLink> {
 public:
  using StreamWriter::Write;

  StreamLink(std::shared_ptr<ServerCore> core, AnyStream::executor_type strand,
             StreamOptions options, bool chunked, std::string head);
  ~StreamLink() override;

  /// Takes the connection and writes the head. On the strand.
  void Start(AnyStream stream);

  Offer Write(std::shared_ptr<const std::string> bytes) override;
  bool CanWrite() const override;
  std::size_t buffered_bytes() const override;
  void Close() override;
  void Abort() override;
  void Finish() override { Close(); }
  void Cut() override { Abort(); }

 private:
  void Wake();
  void WriteNext();
  void WriteSome();
  void OnWritten();
  void Watch();
  void End();

  const std::shared_ptr<ServerCore> core_;
  const AnyStream::executor_type strand_;
  StreamOptions options_;
  const bool chunked_;

  // On the strand only.
  std::optional<AnyStream> stream_;
  std::string frame_;  // the head, or the size of a chunk
  std::vector<std::shared_ptr<const std::string>> in_flight_;
  std::vector<net::const_buffer> unwritten_;
  std::size_t in_flight_bytes_ = 0;
  std::string ignored_;  // what the client sends
  bool last_ = false;    // the end of the response is in flight
  bool ended_ = false;

  mutable std::mutex mutex_;  // guards what follows
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t buffered_ = 0;  // bytes queued and in flight
  bool writing_ = true;       // the head is the first write
  bool was_full_ = false;
  bool closing_ = false;
  bool gone_ = false;
};

}  // namespace sauda::http
