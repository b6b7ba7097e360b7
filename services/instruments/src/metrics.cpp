#include "services/instruments/src/metrics.hpp"

namespace sauda::instruments {
namespace {

using prometheus::Registry;

auto& Syncs(Registry& registry, const char* result) {
  return prometheus::BuildCounter()
      .Name("sauda_instruments_syncs_total")
      .Help("Syncs that ended, by result.")
      .Register(registry)
      .Add({{"result", result}});
}

auto& Records(Registry& registry, const char* outcome) {
  return prometheus::BuildCounter()
      .Name("sauda_instruments_sync_records_total")
      .Help("Records and rows that syncs went through, by what became of them.")
      .Register(registry)
      .Add({{"outcome", outcome}});
}

auto& Gauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Metrics::Metrics(Registry& registry)
    : committed{Syncs(registry, "committed")},
      failed{Syncs(registry, "failed")},
      refused{Syncs(registry, "refused")},
      duration{prometheus::BuildHistogram()
                   .Name("sauda_instruments_sync_duration_seconds")
                   .Help("Duration of syncs that were committed or failed.")
                   .Register(registry)
                   .Add({}, prometheus::Histogram::BucketBoundaries{0.5, 1, 2, 5, 10, 30, 60, 300,
                                                                    600, 1'800})},
      inserted{Records(registry, "inserted")},
      updated{Records(registry, "updated")},
      unchanged{Records(registry, "unchanged")},
      deactivated{Records(registry, "deactivated")},
      bad{Records(registry, "bad")},
      last_success{Gauge(registry, "sauda_instruments_last_success_timestamp_seconds",
                         "End of the last committed sync, Unix time; 0 before the first.")},
      last_failed{Gauge(registry, "sauda_instruments_last_sync_failed",
                        "1 when the newest sync of this instance failed.")},
      last_duration{Gauge(registry, "sauda_instruments_last_sync_duration_seconds",
                          "Duration of the last committed sync.")},
      last_bad_ratio{Gauge(registry, "sauda_instruments_last_sync_bad_ratio",
                           "Share of unusable records in the newest master read, 0 to 1.")},
      running{Gauge(registry, "sauda_instruments_sync_running", "1 while this instance syncs.")},
      catalog_instruments{Gauge(registry, "sauda_instruments_catalog_instruments",
                                "Instruments in memory, from which questions are answered.")},
      catalog_load{
          prometheus::BuildHistogram()
              .Name("sauda_instruments_catalog_load_seconds")
              .Help("How long reading the master into memory took.")
              .Register(registry)
              .Add({}, prometheus::Histogram::BucketBoundaries{0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10})} {
  auto& by_segment = prometheus::BuildGauge()
                         .Name("sauda_instruments_active")
                         .Help("Instruments listed in the last master, by segment.")
                         .Register(registry);
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    active[i] = &by_segment.Add({{"segment", std::string{kSegments[i].name}}});
  }
  auto& by_code = prometheus::BuildGauge()
                      .Name("sauda_instruments_last_sync_warning")
                      .Help("1 when the last committed sync was so warned of, by code.")
                      .Register(registry);
  for (std::size_t i = 0; i < kWarningCodes.size(); ++i) {
    warning[i] = &by_code.Add({{"code", std::string{kWarningCodes[i]}}});
  }
  auto& by_list = prometheus::BuildGauge()
                      .Name("sauda_instruments_list_rows")
                      .Help("Rows of the broker's lists in memory, by list.")
                      .Register(registry);
  for (const ListKind list : kLists) {
    list_rows[IndexOf(list)] = &by_list.Add({{"list", std::string{NameOf(list)}}});
  }
}

}  // namespace sauda::instruments
