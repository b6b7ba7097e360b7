#include "services/instruments/src/core/catalog/catalog_keeper.hpp"

namespace sauda::instruments {

Result<void> CatalogKeeper::Refresh() {
  const std::lock_guard refreshing{refreshing_};
  const auto newest = store_.Revision();
  if (!newest) return newest.error();
  const auto before = Current();
  if (before && before->revision == *newest) return {};
  CatalogBuilder builder{before ? before->catalog.size() : 0};
  // A sync that is committed meanwhile is read again by the next Refresh.
  auto read =
      store_.ForEachListed([&](const StoredInstrument& stored) { return builder.Add(stored); });
  if (!read) return read;
  auto made = std::make_shared<const CatalogView>(builder.Build(), *newest);
  const std::lock_guard lock{mutex_};
  current_ = std::move(made);
  return {};
}

std::shared_ptr<const CatalogView> CatalogKeeper::Current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

Result<std::shared_ptr<const CatalogView>> CatalogKeeper::Need() const {
  if (auto current = Current()) return current;
  return Error{Code::kUnavailable, "DATABASE_DOWN",
               "the instruments have not been read from the database yet"};
}

}  // namespace sauda::instruments
