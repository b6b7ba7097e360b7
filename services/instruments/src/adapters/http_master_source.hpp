#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "libs/base/market_clock.hpp"
#include "services/instruments/src/core/master_source.hpp"

namespace sauda::http {
class Client;
class Headers;
}  // namespace sauda::http

namespace sauda::instruments {

/// The broker's complete file, fetched as a stream (upstox-api 3.1). Asks for the head first: it
/// sets the market clock and says whether the master is simulated. Thread-safe.
class HttpMasterSource final : public MasterSource {
 public:
  struct Options {
    std::string url;
    bool simulated = false;  // known beforehand; the answer may only add to it
    std::chrono::milliseconds head_deadline{10'000};
    std::chrono::milliseconds deadline{300'000};
    std::size_t max_bytes = std::size_t{256} * 1'048'576;  // of the compressed file
  };

  /// Makes the client; asked again as long as it fails, since the simulator writes the certificate
  /// it is to trust when it starts.
  using Connect = std::function<Result<std::unique_ptr<http::Client>>()>;

  HttpMasterSource(Connect connect, MarketClock& market_clock, Options options);
  ~HttpMasterSource() override;

  /// `file` is empty.
  Result<void> Read(const std::string& file, const Sink& sink) override;

  /// Asks for the head alone: sets the market clock. Fails with kUnavailable / SOURCE_DOWN.
  Result<void> Probe();

 private:
  Result<http::Client*> Connected();
  /// Gives whether the answer says that it is simulated.
  Result<bool> AskHead();
  /// Sets the market clock; true when the answer says that it is simulated.
  bool Observe(const http::Headers& headers);

  const Connect connect_;
  MarketClock& market_clock_;
  const Options options_;
  std::mutex mutex_;
  std::unique_ptr<http::Client> client_;  // guarded by mutex_ until it is made; then it stays
};

}  // namespace sauda::instruments
