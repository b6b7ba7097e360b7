#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/feed/src/connector.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/listings.hpp"
#include "services/feed/src/publisher.hpp"
#include "services/feed/src/state_keeper.hpp"

namespace sauda::feed {

/// Where callers' wishes meet the parts that fulfil them. Subscribing resolves names, opens their
/// lines on the board, wants the keys at the broker and has them kept, in this order, so that no
/// tick finds its line closed and nothing is kept that was refused. Thread-safe; mutex_ puts
/// changes of the same keys in one order for all parts.
class Desk final : public FeedDesk {
 public:
  /// Fills in the figures of other parts.
  using Report = std::function<void(FeedState&)>;

  struct Options {
    KindLimits limits;
    std::vector<std::string> universe_exclude;  ///< symbols or keys that are never of the universe
  };

  Desk(InstrumentDirectory& directory, Listings& listings, Connector& connector,
       Publisher& publisher, StateKeeper& keeper, Options options, Report report);

  Result<std::vector<std::string>> KeysOf(const std::vector<std::string>& names,
                                          const std::string& request_id) override;
  Result<Subscribed> Subscribe(const WantedNames& wanted, const std::string& request_id) override;
  std::vector<InstrumentId> Unsubscribe(const std::vector<std::string>& names) override;
  std::vector<InstrumentId> Known(const std::vector<std::string>& names) const override;
  std::string KeyOf(InstrumentId id) const override { return listings_.At(id)->key; }
  std::vector<SubscriptionRow> List() const override;
  Result<FollowFilter> FilterOf(const WantedFollow& wanted, const std::string& request_id) override;
  FeedState State() const override;
  void Listen(std::function<void(const std::vector<FreshKey>&)> on_fresh) override;
  void Connect() override;
  void Disconnect() override;

  /// Wants again what an earlier run was asked for. Keys over the broker's limit are left out;
  /// gives their number.
  std::size_t Restore(const std::vector<KeptSubscription>& kept);

 private:
  /// Listings of the names; those that nothing goes by are added to `unknown`, or fail it all.
  Result<std::vector<Listing>> ListingsOf(const WantedNames& wanted, const std::string& request_id,
                                          std::vector<std::string>& unknown);
  /// Adds the listings of a selection to `listings`.
  Result<std::vector<Taken>> Select(Selection selection, const std::string& request_id,
                                    std::vector<Listing>& listings);
  /// Keys of what the contracts of the F&O universe are written on.
  Result<std::set<std::string>> UniverseKeys(const std::string& request_id);
  /// Asks what subscribed contracts are written on that do not say it.
  Result<void> LearnUnderlyings(const std::string& request_id);
  /// Takes note of a listing. What was kept without its underlying is kept anew. With mutex_ held.
  InstrumentId Learn(const Listing& listing);
  void Tell(const std::vector<InstrumentId>& fresh) const;
  /// Opens the lines of keys that are to be subscribed, and tells of them.
  void Open(const std::vector<InstrumentId>& fresh);
  Result<void> WantAll(const std::vector<InstrumentId>& ids, const WantedNames& wanted);
  /// What each symbol stands for among the keys that are subscribed.
  std::unordered_map<std::string, InstrumentId> SubscribedBySymbol() const;

  InstrumentDirectory& directory_;
  Listings& listings_;
  Connector& connector_;
  Publisher& publisher_;
  StateKeeper& keeper_;
  const Options options_;
  const Report report_;
  std::mutex mutex_;  // orders changes; guards on_fresh_
  std::function<void(const std::vector<FreshKey>&)> on_fresh_;
};

}  // namespace sauda::feed
