#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "services/instruments/src/core/catalog/catalog.hpp"
#include "services/instruments/src/core/search/name_index.hpp"

namespace sauda::instruments {

/// A catalogue with its names, and of which sync it is.
struct CatalogView {
  CatalogView(Catalog made, std::int64_t of)
      : catalog{std::move(made)}, names{catalog}, revision{of} {}
  CatalogView(const CatalogView&) = delete;  // the names are of this very catalogue
  CatalogView& operator=(const CatalogView&) = delete;

  const Catalog catalog;
  const NameIndex names;
  const std::int64_t revision;
};

/// Keeps the listed instruments in memory, as of the last sync that changed any, whichever instance
/// ran it; so that questions cost no query and are answered while the database is away. Readers go
/// on with the catalogue they took. Thread-safe.
class CatalogKeeper {
 public:
  /// The store outlives it.
  explicit CatalogKeeper(InstrumentStore& store) : store_{store} {}

  /// Reads the master anew if a sync has changed it since; called every second or so. Fails as the
  /// store does, and with CATALOG_FULL; the old catalogue stays then.
  Result<void> Refresh();

  /// Null before the first Refresh that succeeded.
  std::shared_ptr<const CatalogView> Current() const;

  /// The same, or kUnavailable / DATABASE_DOWN.
  Result<std::shared_ptr<const CatalogView>> Need() const;

 private:
  InstrumentStore& store_;
  std::mutex refreshing_;  // one at a time
  mutable std::mutex mutex_;
  std::shared_ptr<const CatalogView> current_;  // guarded by mutex_
};

}  // namespace sauda::instruments
