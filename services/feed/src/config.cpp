#include "services/feed/src/config.hpp"

#include "libs/http/client.hpp"

namespace sauda::feed {
namespace {

std::optional<std::string> ObjectToCaFile(const std::string& file) {
  if (file.empty() || http::CheckTrustedCa({.file = file})) return std::nullopt;
  return "a file of PEM certificates that can be read";
}

}  // namespace

void Config::Declare(Settings& settings) {
  server.Declare(settings);
  log.Declare(settings);
  broker.Declare(settings);
  settings.Address("metrics-listen", metrics_listen, "host:port of /metrics");
  settings.Address(SettingName::Shared("auth-address"), auth_address,
                   "host:port of the auth service");
  settings.Address(SettingName::Shared("instruments-address"), instruments_address,
                   "host:port of the instruments service");
  settings.Hidden(SettingName::Shared("postgres-url"), postgres_url,
                  "PostgreSQL: postgresql://user:password@host:port/database");

  settings.Choice("plan", plan, {{"basic", Plan::kBasic}, {"plus", Plan::kPlus}},
                  "the broker's plan: 2 connections, or 5 and the mode full_d30");
  settings.Number("connections", connections, {.low = 0, .high = 5},
                  "most connections to the broker at a time; 0: what the plan gives. One is kept "
                  "free for hand-over as long as the keys allow");
  settings.Number("batch-keys", batch_keys, {.low = 1, .high = 1'000},
                  "keys asked for at the broker in one go");
  settings.Millis("batch-pause", batch_pause, {.low = 0, .high = 60'000},
                  "between two such batches, ms");
  settings.Millis("answer-limit", answer_limit, {.low = 1'000, .high = 3'600'000},
                  "a key without a tick for so long counts as failed and is asked for again, ms");
  const Settings::Range of_a_kind{.low = 1, .high = 5'000};
  settings.Number("limit-index", limit_index, of_a_kind,
                  "most indices that one subscription by type, underlying or universe takes");
  settings.Number("limit-equity", limit_equity, of_a_kind, "the same of equities");
  settings.Number("limit-futures", limit_futures, of_a_kind, "the same of futures");
  settings.Number("limit-options", limit_options, of_a_kind, "the same of options");
  settings.List(
      "universe-exclude", universe_exclude,
      "underlyings that do not count as of the F&O universe, keys or symbols; none: all count");
  settings.Millis("stale-after", stale_after, {.low = 100, .high = 3'600'000},
                  "silence of an open market that makes the connection STALE, ms");
  settings.Millis("ping-every", ping_every, {.low = 1'000, .high = 600'000},
                  "how often the broker is pinged on each connection, ms");
  settings.Millis("pong-limit", pong_limit, {.low = 500, .high = 600'000},
                  "silence after a ping that ends a connection as dead, ms");
  settings.Number("attempts-before-alert", attempts_before_alert, {.low = 1, .high = 1'000},
                  "failed attempts to connect in a row before the alert and the slow pace");
  settings.Millis("slow-pace", slow_pace, {.low = 1'000, .high = 3'600'000},
                  "least time between attempts after the alert, ms");
  settings.Millis("state-wait", state_wait, {.low = 0, .high = 600'000},
                  "how long a start waits for PostgreSQL to say whether to connect, ms");

  settings.Millis("stall-limit", stall_limit, {.low = 100, .high = 600'000},
                  "a StreamTicks reader that takes nothing for so long is ended, ms");
  settings.Text("webhook-ca-file", webhook_ca_file,
                "PEM file of who may vouch for webhooks; empty: the system's", ObjectToCaFile);
  settings.Number("publish-queue", publish_queue, {.low = 1, .high = 1'048'576},
                  "ticks between the socket and the subscribers; a full queue stops the reading");
  settings.Text(
      "journal-dir", journal_dir,
      "folder of the journal: every frame that the broker sent, until it is stored and old");
  settings.Number("journal-segment-mib", journal_segment_mib, {.low = 1, .high = 1'024},
                  "size at which the journal begins a new file, MiB");
  settings.Number("journal-keep-days", journal_keep_days, {.low = 0, .high = 3'650},
                  "age at which a journal file goes once it is stored, days");
  settings.Number("journal-max-mib", journal_max_mib, {.low = 16, .high = 16'777'216},
                  "room for the journal, MiB; beyond it the oldest file goes, stored or not");
  settings.Number(
      "journal-ring-mib", journal_ring_mib, {.low = 1, .high = 4'096},
      "memory for frames that wait for the journal's disk, MiB; what does not fit is a gap");
  settings.Millis(
      "journal-sync", journal_sync, {.low = 0, .high = 60'000},
      "how often the journal waits for the disk itself, ms; 0: never. What the kernel has "
      "outlives the process, not the machine");
  settings.Number("store-batch", store_batch, {.low = 1, .high = 100'000},
                  "most ticks in one transaction");
  settings.Millis("store-linger", store_linger, {.low = 0, .high = 10'000},
                  "how long a tick waits for others of its transaction, ms");
  settings.Millis("store-flush-limit", store_flush_limit, {.low = 0, .high = 600'000},
                  "how long a stop may take to write what waits, ms");
  settings.Number("store-keep-days", store_keep_days, {.low = 0, .high = 36'500},
                  "whole days (IST) of stored ticks before today that stay; 0: all of them");
}

}  // namespace sauda::feed
