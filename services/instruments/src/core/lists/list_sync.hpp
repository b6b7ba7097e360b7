#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/instruments/src/core/lists/list_reader.hpp"
#include "services/instruments/src/core/lists/list_store.hpp"
#include "services/instruments/src/core/master_source.hpp"

namespace sauda::instruments {

/// Where the broker's lists come from. Thread-safe.
class ListSource {
 public:
  virtual ~ListSource() = default;

  /// Whether there are any to ask for.
  virtual bool has_lists() const = 0;

  /// Reads a list to its end, unless it is still the one of `kept_tag`. Fails as
  /// MasterSource::Read.
  virtual Result<MasterOrigin> ReadList(ListKind list, const std::string& kept_tag,
                                        const MasterSource::Sink& sink) = 0;
};

/// Brings the lists up to date after a master was committed, each for itself: one that cannot be
/// had, or cannot be believed, leaves what is kept. Thread-safe as far as its parts are.
class ListSync {
 public:
  struct Parts {
    ListSource& source;
    ListStore& store;
    std::function<std::unique_ptr<RecordParser>()> make_parser;
  };
  /// The sync that the lists belong to.
  struct Job {
    std::int64_t sync_id = 0;
    std::int64_t market_ms = 0;
    int most_bad_percent = 5;
    std::function<Result<void>()> may_go_on;  // asked before each piece, and before a list is kept
  };

  explicit ListSync(Parts parts) : parts_{std::move(parts)} {}

  /// One outcome a list; none when the source has no lists. A failure is one of the source, the
  /// store or `may_go_on`, or MASTER_MALFORMED, MASTER_TRUNCATED, LIST_TOO_LARGE,
  /// TOO_MANY_BAD_RECORDS, LIST_EMPTY: it has no row, and the one that is kept has.
  std::vector<ListOutcome> Run(const Job& job) const;

 private:
  Result<ListOutcome> ReadOne(const Job& job, const KeptList& kept) const;

  const Parts parts_;
};

}  // namespace sauda::instruments
