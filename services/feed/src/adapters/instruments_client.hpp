#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/feed/src/core/instrument_directory.hpp"

namespace grpc {
class Channel;
}  // namespace grpc

namespace sauda::feed {

/// Names resolved by the instruments service. What was found is kept, so that the feed goes on
/// while that service is away; bounded by kMostKept names. Thread-safe.
class InstrumentsClient final : public InstrumentDirectory {
 public:
  static constexpr std::size_t kMostKept = 100'000;

  /// `on_answer` is told of each call: no error when it was answered.
  using OnAnswer = std::function<void(const Error* failure)>;

  InstrumentsClient(std::shared_ptr<grpc::Channel> channel, std::chrono::milliseconds limit,
                    OnAnswer on_answer);
  ~InstrumentsClient() override;

  Result<std::vector<std::optional<Listing>>> Find(const std::vector<std::string>& names,
                                                   const std::string& request_id) override;
  Result<FoundListings> List(const InstrumentQuery& query, const std::string& request_id) override;

  /// Puts a listing in hand that was learnt elsewhere: from subscriptions of an earlier run. Not a
  /// contract that does not say what it is written on, as earlier versions kept it: that is asked
  /// for.
  void Remember(const Listing& listing);

 private:
  struct Stub;

  /// Asks for `names`; those that nothing goes by are left out.
  Result<std::unordered_map<std::string, Listing>> Ask(const std::vector<std::string>& names,
                                                       const std::string& request_id);
  /// Tells how a call went. Gives its failure as a caller is told of it, if it has one.
  std::optional<Error> Judge(const Error* failure);

  const std::unique_ptr<Stub> stub_;
  const std::chrono::milliseconds limit_;
  const OnAnswer on_answer_;
  std::mutex mutex_;
  std::unordered_map<std::string, Listing> kept_;  // guarded by mutex_, by name
};

}  // namespace sauda::feed
