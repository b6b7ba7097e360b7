#pragma once

#include <memory>
#include <string>

#include "tests/scenarios/scenario.hpp"
#include "tests/support/orders_fakes.hpp"
#include "tests/support/small_master.hpp"

namespace sauda::scenarios {

/// One of the two that a scenario runs on: an order desk, its venue, and the market behind it.
class Side : protected orders::DeskFixture {
 public:
  explicit Side(const std::vector<sim::Listing>& listings);
  virtual ~Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  /// The time, the market or the session moves; what that leads to is in the ledger afterwards.
  void MoveTo(std::int64_t market_ms);
  void Show(const Step& market);
  void SetSession(bool open);

  Result<orders::Order> Place(const orders::NewOrder& order);
  Result<orders::Order> Modify(const std::string& order, const orders::TermsChange& change);
  Result<orders::Order> Cancel(const std::string& order);

  /// Every committed change of every order, oldest first.
  const std::vector<orders::Order>& changes() { return listener.seen; }
  Result<orders::Order> Find(const std::string& order) { return used().Get({"", order}); }

  /// What this side says to what our own rules refuse; empty when they stand alone here.
  virtual std::string RefusalOf(const orders::NewOrder&) { return {}; }
  virtual std::string RefusalOf(const orders::Order&, const orders::TermsChange&) { return {}; }

 protected:
  /// The desk that is used; the fixture's own has a venue that answers as it is told.
  virtual orders::OrderDesk& used() = 0;
  virtual void OnTime() = 0;
  virtual void OnMarket(const Step& market) = 0;
  virtual void OnSession(bool open) = 0;
  /// Brings the ledger up to what the venue has told.
  virtual void Pump() = 0;
  std::int64_t now_ms() const { return clock.UtcNs() / 1'000'000; }
};

/// The simulator's order side: the brokerage that answers its REST calls, without the network.
std::unique_ptr<Side> MakeSimulatorSide(
    const std::vector<sim::Listing>& listings = sim::SmallMaster(),
    std::int64_t cash_rupees = 1'000'000);

/// The paper engine, fed as sauda-feed feeds it: five levels.
std::unique_ptr<Side> MakePaperSide(const std::vector<sim::Listing>& listings = sim::SmallMaster());

}  // namespace sauda::scenarios
