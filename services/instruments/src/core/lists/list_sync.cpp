#include "services/instruments/src/core/lists/list_sync.hpp"

#include <array>

namespace sauda::instruments {
namespace {

/// Whether what was read can be the list.
Result<void> CheckList(ListReader& reader, const KeptList& kept, int most_bad_percent) {
  if (reader.bad() * 100 > reader.records() * most_bad_percent) {
    return Error{Code::kFailedPrecondition, "TOO_MANY_BAD_RECORDS",
                 std::to_string(reader.bad()) + " of " + std::to_string(reader.records()) +
                     " records are unusable; the first: " + reader.first_bad()};
  }
  if (reader.rows().empty() && kept.rows > 0) {
    return Error{Code::kFailedPrecondition, "LIST_EMPTY",
                 "it has no row, and the one that is kept has " + std::to_string(kept.rows)};
  }
  return {};
}

}  // namespace

std::vector<ListOutcome> ListSync::Run(const Job& job) const {
  std::vector<ListOutcome> outcomes;
  if (!parts_.source.has_lists()) return outcomes;
  const auto all = parts_.store.KeptLists();
  std::array<KeptList, kLists.size()> kept;
  for (const ListKind list : kLists) kept[IndexOf(list)].list = list;
  if (all) {
    for (const KeptList& head : *all) kept[IndexOf(head.list)] = head;
  }
  for (const ListKind list : kLists) {
    auto outcome = all ? ReadOne(job, kept[IndexOf(list)]) : Result<ListOutcome>{all.error()};
    if (!outcome) {
      outcome = ListOutcome{.list = list,
                            .state = ListOutcome::State::kFailed,
                            .failure = outcome.error().reason + ": " + outcome.error().message};
    }
    outcomes.push_back(std::move(*outcome));
  }
  return outcomes;
}

Result<ListOutcome> ListSync::ReadOne(const Job& job, const KeptList& kept) const {
  const auto parser = parts_.make_parser();
  ListReader reader{kept.list, *parser};
  bool simulated = false;
  const auto origin =
      parts_.source.ReadList(kept.list, kept.tag, [&](const MasterChunk& chunk) -> Result<void> {
        if (auto may = job.may_go_on(); !may) return may;
        simulated = chunk.simulated;
        return reader.Feed(chunk.bytes);
      });
  if (!origin) return origin.error();
  if (origin->not_modified) {
    return ListOutcome{
        .list = kept.list, .state = ListOutcome::State::kNotModified, .rows = kept.rows};
  }
  if (auto finished = reader.Finish(); !finished) return finished.error();
  if (auto checked = CheckList(reader, kept, job.most_bad_percent); !checked) {
    return checked.error();
  }
  if (auto may = job.may_go_on(); !may) return may.error();
  const auto rows = static_cast<std::int64_t>(reader.rows().size());
  const auto replaced = parts_.store.ReplaceList({.list = kept.list,
                                                  .sync_id = job.sync_id,
                                                  .market_ms = job.market_ms,
                                                  .rows = rows,
                                                  .tag = origin->tag,
                                                  .simulated = simulated},
                                                 reader.rows());
  if (!replaced) return replaced.error();
  return ListOutcome{
      .list = kept.list, .state = ListOutcome::State::kReplaced, .rows = rows, .bad = reader.bad()};
}

}  // namespace sauda::instruments
