// The feed's parts by themselves: decoding against a bare parse, fan-out against bare gRPC streams,
// ticks into PostgreSQL against a plain COPY, and what a tick waits for its commit.

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

#include <google/protobuf/arena.h>

#include "bench/bench.hpp"
#include "bench/feed_process.hpp"
#include "bench/raw_streams.hpp"
#include "bench/tick_readers.hpp"
#include "libs/base/check.hpp"
#include "libs/journal/names.hpp"
#include "libs/storage/pg_copy.hpp"
#include "services/feed/src/adapters/file_journal.hpp"
#include "services/feed/src/adapters/file_journal_reader.hpp"
#include "services/feed/src/adapters/pg_history.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_encoder.hpp"
#include "services/feed/src/core/history_pager.hpp"
#include "services/feed/src/migrations.hpp"
#include "services/feed/src/store_follower.hpp"
#include "tests/support/feed_server.hpp"
#include "tests/support/private_stores.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr int kInstruments = 500;
constexpr int kTicksPerFrame = 10;

double SecondsSince(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

std::string KeyOf(int number) { return "NSE_FO|" + std::to_string(40'000 + number); }

/// A tick with every part that the full mode has.
feed::Tick FullTick(std::uint64_t seq) {
  feed::Tick tick;
  tick.listing = feed::ListingOf(KeyOf(static_cast<int>(seq % kInstruments)));
  tick.seq = seq;
  tick.received_ns = 1'765'771'200'000'000'000 + static_cast<std::int64_t>(seq);
  tick.broker_ms = 1'765'771'372'400;
  tick.mode = feed::Mode::kFull;
  tick.simulated = true;
  tick.last = feed::LastTrade{775.95, 1'765'771'369'106, 35, 622.85, {}};
  for (std::int64_t level = 1; level <= 5; ++level) {
    const auto steps = static_cast<double>(level);
    tick.depth.push_back({35 * level, 773.7 - steps, 70 * level, 777.15 + steps});
  }
  tick.greeks = feed::Greeks{-0.6416, -15.358, 0.0003, 45.3725, -16.2522};
  tick.bars = {{"1d", 682.05, 798.1, 673.2, 775.95, 27'475, 1'765'737'000'000},
               {"I1", 783.7, 788.95, 776.0, 780.0, 1'575, 1'765'771'260'000}};
  tick.totals = {731.11, 27'475, 71'365, 0.1032257080078125, 9'835, 11'690};
  return tick;
}

/// A frame of full-mode ticks as the broker sends it.
std::string FrameOf(int ticks) {
  wire::FeedResponse frame;
  frame.set_type(wire::live_feed);
  frame.set_currentts(1'765'771'372'400);
  for (int i = 0; i < ticks; ++i) {
    wire::Feed& entry = (*frame.mutable_feeds())[KeyOf(i)];
    wire::MarketFullFeed& market = *entry.mutable_fullfeed()->mutable_marketff();
    const feed::Tick tick = FullTick(static_cast<std::uint64_t>(i));
    market.mutable_ltpc()->set_ltp(tick.last->price);
    market.mutable_ltpc()->set_ltt(tick.last->time_ms);
    market.mutable_ltpc()->set_ltq(tick.last->quantity);
    market.mutable_ltpc()->set_cp(tick.last->previous_close);
    for (const auto& level : tick.depth) {
      wire::Quote& quote = *market.mutable_marketlevel()->add_bidaskquote();
      quote.set_bidq(level.bid_quantity);
      quote.set_bidp(level.bid_price);
      quote.set_askq(level.ask_quantity);
      quote.set_askp(level.ask_price);
    }
    market.mutable_optiongreeks()->set_delta(tick.greeks->delta);
    market.mutable_optiongreeks()->set_theta(tick.greeks->theta);
    market.mutable_optiongreeks()->set_gamma(tick.greeks->gamma);
    market.mutable_optiongreeks()->set_vega(tick.greeks->vega);
    market.mutable_optiongreeks()->set_rho(tick.greeks->rho);
    for (const auto& bar : tick.bars) {
      wire::OHLC& ohlc = *market.mutable_marketohlc()->add_ohlc();
      ohlc.set_interval(bar.interval);
      ohlc.set_open(bar.open);
      ohlc.set_high(bar.high);
      ohlc.set_low(bar.low);
      ohlc.set_close(bar.close);
      ohlc.set_vol(bar.volume);
      ohlc.set_ts(bar.start_ms);
    }
    market.set_atp(tick.totals.average_price);
    market.set_vtt(tick.totals.volume);
    market.set_oi(tick.totals.open_interest);
    market.set_iv(tick.totals.implied_volatility);
    market.set_tbq(tick.totals.total_buy_quantity);
    market.set_tsq(tick.totals.total_sell_quantity);
    entry.set_requestmode(wire::full_d5);
  }
  return frame.SerializeAsString();
}

/// The latest-value table alone: no encoding, no outlets.
class Table final : public feed::DeltaSink {
 public:
  Table() {
    for (int i = 0; i < kInstruments; ++i) (void)listings_.Add({.key = KeyOf(i)});
    latest_.resize(kInstruments);
  }
  void OnHead(const feed::FrameHead&) override {}
  void OnDelta(const feed::Delta& delta) override {
    const auto id = listings_.Find(delta.key);
    Check(id.has_value(), "a key that was added");
    Merge(latest_[*id], delta);
  }

 private:
  feed::Listings listings_;
  std::vector<feed::Tick> latest_;
};

/// Frames a second, in half a second.
template <typename Body>
double RateOf(const Body& body) {
  constexpr int kRound = 1'000;
  const auto began = Clock::now();
  int done = 0;
  for (; SecondsSince(began) < 0.5; done += kRound) {
    for (int i = 0; i < kRound; ++i) body();
  }
  return done / SecondsSince(began);
}

std::vector<Row> Decode() {
  const std::string frame = FrameOf(kTicksPerFrame);
  feed::UpstoxDecoder decoder;
  Table table;
  std::vector<char> block(256UL * 1'024);
  return {Interleave(
      {.name = "feed.decode", .unit = "frames/s", .budget = 0.6},
      [&] {
        return RateOf([&] { Check(decoder.Decode(frame, table).has_value(), "it decodes"); });
      },
      [&] {
        return RateOf([&] {
          google::protobuf::ArenaOptions options;
          options.initial_block = block.data();
          options.initial_block_size = block.size();
          google::protobuf::Arena arena{options};
          auto* const message = google::protobuf::Arena::CreateMessage<wire::FeedResponse>(&arena);
          Check(message->ParseFromString(frame), "it parses");
        });
      })};
}

/// Messages of one frame's ticks, of two, of three, … up to about `bytes`.
std::vector<std::string> MessagesOf(std::size_t bytes) {
  feed::ProtoTickEncoder encoder;
  std::string frame;
  for (std::uint64_t i = 0; i < kTicksPerFrame; ++i) {
    frame += *encoder.Encode(0, FullTick(i)).bytes;
  }
  std::vector<std::string> messages;
  std::string ticks;
  do {
    ticks += frame;
    const auto count = static_cast<std::uint32_t>((messages.size() + 1) * kTicksPerFrame);
    messages.push_back(feed::EncodeHeader({.last_seq = 1, .count = count}, "raw") + ticks);
  } while (messages.back().size() + frame.size() <= bytes);
  return messages;
}

/// Ticks a second that 100 readers get when 10 000 a second come in.
std::vector<Row> FanOut() {
  const Load load{.one_stalled = false};
  constexpr int kUnparsed = 1'000'000;
  feed::FeedServer server{kInstruments};
  std::vector<std::string> keys;
  keys.reserve(kInstruments);
  for (int i = 0; i < kInstruments; ++i) keys.push_back(feed::FeedServer::Key(i));
  const auto through = [&](const std::string& address, const auto& send) {
    TickReaders readers{address, keys, load, kUnparsed};
    readers.Measure(NowUs() + std::chrono::microseconds{load.warm_up}.count());
    (void)Pace(load, load.warm_up, [&](std::int64_t) { send(); });
    const auto frames =
        static_cast<double>(Pace(load, load.measured, [&](std::int64_t) { send(); }));
    return readers.Finish(frames * load.ticks_per_frame).ticks_per_second;
  };
  RawStreams raw{MessagesOf(65'536)};
  std::uint64_t next = 0;
  return {Interleave(
      {.name = "feed.fan_out_100", .unit = "ticks/s", .budget = 0.6},
      [&] {
        return through("127.0.0.1:" + std::to_string(server.port()), [&] {
          for (int i = 0; i < kTicksPerFrame; ++i) {
            const auto key = static_cast<int>(next % kInstruments);
            (void)server.Push(key, FullTick(++next));
          }
        });
      },
      [&] { return through(raw.address(), [&] { raw.Send(); }); })};
}

/// A PostgreSQL with the feed's schema.
class Database {
 public:
  Database() { (void)postgres_.Sql("postgres", "CREATE DATABASE sauda"); }
  storage::PgOptions options() const { return {.url = postgres_.Url("sauda")}; }
  feed::PgSchema& schema() { return schema_; }
  const test::PrivatePostgres& postgres() const { return postgres_; }
  const std::string& folder() const { return folder_.path(); }

 private:
  const test::TempFolder folder_;
  const test::PrivatePostgres postgres_{folder_.path()};
  feed::PgSchema schema_{options(), feed::kMigrations};
};

std::vector<Row> Store() {
  constexpr std::size_t kTicks = 40'960;
  constexpr std::size_t kBatch = 4'096;
  Database database;
  std::vector<feed::Tick> ticks;
  for (std::uint64_t seq = 1; seq <= kTicks; ++seq) ticks.push_back(FullTick(seq));
  int run = 0;
  const auto append = [&] {
    feed::PgTickStore store{database.options(), database.schema(), "main"};
    const std::string instance = "run" + std::to_string(++run);
    const auto began = Clock::now();
    for (std::size_t at = 0; at < kTicks; at += kBatch) {
      const auto done =
          store.Append({.instance = instance, .ticks = std::span{ticks}.subspan(at, kBatch)});
      Check(done.has_value(), "the batch is stored");
    }
    return kTicks / SecondsSince(began);
  };
  (void)append();  // makes the partitions, and the rows to copy
  const std::string file = database.folder() + "/rows";
  (void)database.postgres().Sql(
      "sauda", "\\copy (SELECT * FROM feed.ticks) TO '" + file + "' (FORMAT binary)");
  (void)database.postgres().Sql(
      "sauda",
      "CREATE TABLE feed.floor (LIKE feed.ticks INCLUDING ALL) PARTITION BY RANGE (received_ns);"
      "CREATE TABLE feed.floor_all PARTITION OF feed.floor DEFAULT");
  std::size_t copies = 0;
  const auto copy = [&] {
    const auto began = Clock::now();
    (void)database.postgres().Sql("sauda",
                                  "\\copy feed.floor FROM '" + file + "' WITH (FORMAT binary)");
    const double rate = kTicks / SecondsSince(began);
    const auto rows = database.postgres().Sql("sauda", "SELECT count(*) FROM feed.floor");
    Check(std::stoull("0" + rows) == ++copies * kTicks, "the copy holds the rows");
    return rate;
  };
  return {Interleave({.name = "feed.store", .unit = "ticks/s", .budget = 0.8}, append, copy)};
}

/// A day of a liquid option among other instruments, 80 ticks a second, stored as they come.
constexpr std::size_t kDayTicks = 200'000;
constexpr std::size_t kLiquidTicks = 45'000;                      // 9 of 40
constexpr std::int64_t kDayBeginsNs = 1'765'770'300'000'000'000;  // 2025-12-15 09:15 IST
constexpr std::int64_t kTickEveryNs = 12'500'000;

void StoreDay(Database& database) {
  constexpr std::size_t kBatch = 4'000;
  feed::PgTickStore store{database.options(), database.schema(), "main"};
  std::vector<feed::Tick> ticks;
  for (std::uint64_t seq = 1; seq <= kDayTicks; ++seq) {
    ticks.push_back(FullTick(seq));
    if (seq % 40 < 9) ticks.back().listing = feed::ListingOf("NSE_FO|51510");
    ticks.back().received_ns = kDayBeginsNs + static_cast<std::int64_t>(seq) * kTickEveryNs;
    if (ticks.size() < kBatch) continue;
    Check(store.Append({.instance = "day", .ticks = ticks}).has_value(), "the batch is stored");
    ticks.clear();
  }
  (void)database.postgres().Sql("sauda", "VACUUM ANALYZE feed.ticks");  // as autovacuum does
}

/// The trades of one instrument's day, from SQL to numbers; and every tick of a minute, as
/// StreamHistory reads it.
std::vector<Row> History() {
  Database database;
  StoreDay(database);
  storage::CopyConnection connection{database.options()};
  const auto day = [&] {
    std::size_t rows = 0;
    const auto began = Clock::now();
    const auto read = connection.Transact([&](storage::CopyTransaction& transaction) {
      return transaction.QueryBinary(
          "SELECT received_ns, last_price, last_quantity, volume FROM feed.ticks"
          " WHERE instrument_key = 'NSE_FO|51510' AND received_ns >= 1765770300000000000"
          " AND received_ns < 1765792800000000000 ORDER BY received_ns",
          {}, [&](storage::BinaryRow& row) -> Result<void> {
            (void)row.Int8();
            (void)row.Float8();
            (void)row.Int8();
            (void)row.Int8();
            ++rows;
            return {};
          });
    });
    const double ms = SecondsSince(began) * 1e3;
    Check(read.has_value() && rows == kLiquidTicks, "every trade is read");
    return ms;
  };
  feed::PgHistory history{database.options(), database.schema(), "main"};
  const auto minute = [&] {
    const std::int64_t from_ns = kDayBeginsNs + 20 * 60'000'000'000;
    feed::HistoryPager pager{{.from_ns = from_ns, .to_ns = from_ns + 60'000'000'000}};
    std::size_t rows = 0;
    const auto began = Clock::now();
    while (!pager.done()) {
      const auto page = pager.Read(history);
      Check(page.has_value(), "the page is read");
      rows += page->size();
    }
    const double ms = SecondsSince(began) * 1e3;
    Check(rows == 60'000'000'000 / kTickEveryNs, "every tick is read");
    return ms;
  };
  return {
      Absolute({.name = "feed.history_day", .unit = "ms", .budget = 50, .larger_is_better = false},
               day),
      Absolute(
          {.name = "feed.history_minute", .unit = "ms", .budget = 200, .larger_is_better = false},
          minute)};
}

/// From the read of a tick to its commit, through the journal, at 1 000 ticks a second.
std::vector<Row> Commit() {
  constexpr int kTicks = 3'000;
  Database database;
  const SystemClock clock;
  feed::PgTickStore store{database.options(), database.schema(), "main"};
  const feed::Tick tick = FullTick(1);
  const feed::Tick* const entries[] = {&tick};
  const std::string frame = feed::EncodeSnapshot(entries);
  const std::int64_t instruments[] = {tick.listing->instrument_id};
  int run = 0;
  return {Absolute(
      {.name = "feed.commit.p99", .unit = "ms", .budget = 20, .larger_is_better = false}, [&] {
        std::vector<double> waits;
        const std::string root = database.folder() + "/journal" + std::to_string(++run);
        auto journal = feed::FileJournal::Start(
            {.root = root, .instance = "run" + std::to_string(run), .account = "main"}, clock, {});
        Check(journal.has_value(), "the journal starts");
        feed::FileJournalReader reader{{.directory = journal::AccountDirectory(root, "main")},
                                       clock};
        feed::UpstoxDecoder decoder;
        feed::StoreFollower follower{
            store,
            reader,
            decoder,
            {.instance = "run" + std::to_string(run)},
            {.on_written =
                 [&](std::span<const feed::Tick> written) {
                   const auto now = Clock::now();
                   for (const auto& each : written) {
                     waits.push_back(
                         std::chrono::duration<double, std::milli>(now - each.received_at).count());
                   }
                 },
             .on_failure = [](const Error& why) { std::cerr << why.message << "\n"; },
             .on_gap = [](const std::string&, const feed::Gap& gap) { std::cerr << gap.cause; },
             .on_journal_failure = [](const Error& why) { std::cerr << why.message << "\n"; }}};
        const auto began = Clock::now();
        for (int i = 0; i < kTicks; ++i) {
          std::this_thread::sleep_until(began + i * 1ms);
          const std::int64_t now_ns = clock.UtcNs();
          if ((*journal)->WantsState(now_ns)) (*journal)->PushState({.received_ns = now_ns});
          (*journal)->PushFrame({.bytes = frame,
                                 .received_ns = now_ns,
                                 .received_at = Clock::now(),
                                 .first_seq = static_cast<std::uint64_t>(i) + 1,
                                 .instruments = instruments});
        }
        (*journal)->Stop();
        Check(follower.Stop(30s) && waits.size() == kTicks, "everything is stored");
        waits.erase(waits.begin(), waits.begin() + kTicks / 10);  // the first one makes partitions
        return Percentile(waits, 0.99);
      })};
}

/// Resident memory at the most keys that one connection takes in full mode, each ticking.
std::vector<Row> Memory() {
  constexpr int kKeys = 2'000;
  BrokerPeer broker{kKeys};
  const FeedProcess process{broker};
  return {Absolute(
      {.name = "feed.memory_2000_keys", .unit = "MiB", .budget = 64, .larger_is_better = false},
      [&] {
        const Load load{.subscribers = 1, .one_stalled = false};
        TickReaders readers{process.address(), broker.keys(), load, 1'000};
        readers.Measure(NowUs());
        (void)Pace(load, 2s, [&](std::int64_t) { broker.Send(kTicksPerFrame); });
        (void)readers.Finish(1);
        return process.ResidentMib();
      })};
}

}  // namespace

std::vector<Benchmark> FeedBenchmarks() {
  return {{"feed.decode", Decode}, {"feed.fan_out_100", FanOut},
          {"feed.store", Store},   {"feed.history", History},
          {"feed.commit", Commit}, {"feed.memory_2000_keys", Memory}};
}

}  // namespace sauda::bench
