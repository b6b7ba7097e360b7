#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "services/instruments/src/core/lists/list_sync.hpp"
#include "services/instruments/src/core/master_source.hpp"

namespace sauda::http {
class Client;
class Headers;
}  // namespace sauda::http

namespace sauda::instruments {

/// One master at the broker: one file, or several that make it up together.
using MasterFiles = std::vector<std::string>;  // addresses

/// `a,b+c` as addresses: first a, and when that cannot be had, b with c. Fails with
/// kInvalidArgument / SETTINGS_INVALID.
Result<std::vector<MasterFiles>> ReadMasterUrls(const std::string& text);

/// The broker's files, fetched as a stream (upstox-api 3.1). Asks for the head first: it sets the
/// market clock and says whether the master is simulated, and how long it is. What cannot be had at
/// all (refused, not found, not answered) makes room for the next choice; what breaks off does not.
/// Asks for a file only if it differs from the one that is kept, where the server says which that
/// is. Thread-safe.
class HttpMasterSource final : public MasterSource, public ListSource {
 public:
  struct Options {
    std::vector<MasterFiles> choices;  // the best first, none empty
    bool simulated = false;            // known beforehand; the answer may only add to it
    std::vector<std::string> lists;    // addresses, in the order of kLists; empty: there are none
    std::chrono::milliseconds head_deadline{10'000};
    std::chrono::milliseconds deadline{300'000};  // of one file
    std::chrono::milliseconds list_deadline{60'000};
    std::size_t max_bytes = std::size_t{256} * 1'048'576;      // of a compressed file
    std::size_t list_max_bytes = std::size_t{32} * 1'048'576;  // of a compressed list
  };

  /// Makes the client; asked again as long as it fails, since the simulator writes the certificate
  /// it is to trust when it starts.
  using Connect = std::function<Result<std::unique_ptr<http::Client>>()>;

  HttpMasterSource(Connect connect, MarketClock& market_clock, Options options);
  ~HttpMasterSource() override;

  /// Of the broker's: `file` is empty.
  Result<MasterOrigin> Read(const MasterRequest& request, const Sink& sink) override;

  bool has_lists() const override { return !options_.lists.empty(); }
  Result<MasterOrigin> ReadList(ListKind list, const std::string& kept_tag,
                                const Sink& sink) override;

  /// Asks for the head alone: sets the market clock. Fails with kUnavailable / SOURCE_DOWN.
  Result<void> Probe();

 private:
  /// What the head of a file says.
  struct Head {
    bool simulated = false;
    std::int64_t size = 0;  // 0: not said
    std::string tag;        // empty: none
  };
  /// How far a master is that comes in several files.
  struct Way;

  Result<http::Client*> Connected();
  Result<Head> AskHead(const std::string& url);
  /// Sets the market clock; true when the answer says that it is simulated.
  bool Observe(const http::Headers& headers);
  Result<MasterOrigin> ReadChoice(const MasterFiles& files, const std::string& kept_tag, Way& way);
  Result<void> ReadFile(const std::string& url, Way& way);

  const Connect connect_;
  MarketClock& market_clock_;
  const Options options_;
  std::mutex mutex_;
  std::unique_ptr<http::Client> client_;  // guarded by mutex_ until it is made; then it stays
};

}  // namespace sauda::instruments
