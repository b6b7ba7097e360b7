#include "bench/reader_process.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/tick_readers.hpp"
#include "libs/base/check.hpp"

namespace sauda::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

/// This side's end of the pair. One at a time speaks: an order, then its answer, a line each.
int the_end = -1;  // NOLINT: one process, one end

/// In memory that both share: the one with the readers counts, the other looks on.
std::atomic<std::uint64_t>* taken_ticks = nullptr;  // NOLINT: one process, one count

std::atomic<std::uint64_t>* SharedCount() {
  using Count = std::atomic<std::uint64_t>;
  static_assert(Count::is_always_lock_free);
  void* const memory =
      mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Check(memory != MAP_FAILED, "no memory to share");
  return new (memory) Count{0};  // NOLINT: as long as the process
}

void Say(const json& line) {
  const std::string text = line.dump() + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t took = write(the_end, text.data() + sent, text.size() - sent);
    Check(took > 0, "the readers' process is away");
    sent += static_cast<std::size_t>(took);
  }
}

/// Absent: the other side is over.
std::optional<json> Hear() {
  static std::string heard;
  char some[65'536];
  for (std::size_t end = heard.find('\n');; end = heard.find('\n')) {
    if (end != std::string::npos) {
      json line = json::parse(heard.substr(0, end));
      heard.erase(0, end + 1);
      return line;
    }
    const ssize_t got = read(the_end, &some[0], sizeof(some));
    if (got <= 0) return std::nullopt;
    heard.append(&some[0], static_cast<std::size_t>(got));
  }
}

json AnswerTo(const json& order) {
  Say(order);
  auto answer = Hear();
  Check(answer.has_value(), "the readers' process is away");
  return *std::move(answer);
}

json ToJson(const Load& load) {
  return {{"subscribers", load.subscribers},
          {"ticks_per_frame", load.ticks_per_frame},
          {"one_stalled", load.one_stalled},
          {"watch_lists", load.watch_lists},
          {"measured_ms", load.measured.count()}};
}

/// What the readers need of it.
Load LoadFrom(const json& line) {
  return {.subscribers = line["subscribers"],
          .ticks_per_frame = line["ticks_per_frame"],
          .one_stalled = line["one_stalled"],
          .watch_lists = line["watch_lists"],
          .measured = milliseconds{line["measured_ms"].get<std::int64_t>()}};
}

json ToJson(const Delivery& seen) {
  return {{"p50_us", seen.p50_us},   {"p99_us", seen.p99_us},
          {"share", seen.share},     {"ticks_per_second", seen.ticks_per_second},
          {"dropped", seen.dropped}, {"stalled_dropped", seen.stalled_dropped}};
}

Delivery DeliveryFrom(const json& line) {
  return {.p50_us = line["p50_us"],
          .p99_us = line["p99_us"],
          .ticks_per_second = line["ticks_per_second"],
          .share = line["share"],
          .dropped = line["dropped"],
          .stalled_dropped = line["stalled_dropped"]};
}

/// The readers' process: does what it hears until there is nobody left.
void Serve() {
  std::unique_ptr<TickReaders> readers;
  while (const auto order = Hear()) {
    if (order->contains("open")) {
      const json& open = (*order)["open"];
      readers = std::make_unique<TickReaders>(open["address"], open["keys"], LoadFrom(open["load"]),
                                              open["parse_every"], *taken_ticks);
      Say({});
    } else if (order->contains("measure")) {
      readers->Measure((*order)["measure"]);
      Say({});
    } else {
      Say(ToJson(readers->Finish((*order)["finish"])));
      readers.reset();
    }
  }
}

}  // namespace

void StartReaderProcess() {
  int ends[2] = {};
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, &ends[0]) == 0, "no socket pair");
  taken_ticks = SharedCount();
  const pid_t child = fork();
  Check(child >= 0, "cannot start the readers' process");
  the_end = ends[child == 0 ? 1 : 0];
  (void)close(ends[child == 0 ? 0 : 1]);
  if (child != 0) return;  // it ends with this process, whose end of the pair it hears close
  Serve();
  _exit(EXIT_SUCCESS);
}

RemoteReaders::RemoteReaders(const std::string& feed_address, const std::vector<std::string>& keys,
                             const Load& load, int parse_every) {
  (void)AnswerTo({{"open",
                   {{"address", feed_address},
                    {"keys", keys},
                    {"load", ToJson(load)},
                    {"parse_every", parse_every}}}});
}

void RemoteReaders::Measure(std::int64_t measure_from_us) {
  (void)AnswerTo({{"measure", measure_from_us}});
}

std::uint64_t RemoteReaders::taken() { return taken_ticks->load(std::memory_order_relaxed); }

Delivery RemoteReaders::Finish(double sent_ticks) {
  return DeliveryFrom(AnswerTo({{"finish", sent_ticks}}));
}

}  // namespace sauda::bench
