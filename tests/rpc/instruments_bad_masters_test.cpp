// Masters that a broken, slow or hostile server sends: what is kept stays as it is, in bounded
// memory.
#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "libs/http/client.hpp"
#include "services/instruments/src/adapters/http_master_source.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/master_sync.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_instrument_store.hpp"
#include "tests/support/raw_listener.hpp"

namespace sauda::instruments {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMebibyte = 1'048'576;

/// Bytes as they leave the server: text, or a text again and again.
struct Piece {
  std::string text;
  int times = 1;
};

/// One piece of a deflate stream that stands for itself: it can be sent any number of times.
std::string Deflated(const std::string& text, int flush) {
  z_stream stream{};
  Check(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib starts");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  (void)deflate(&stream, flush);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// A gzip of `before`, then 10 GB of `filling`.
std::vector<Piece> TenGigabytes(const std::string& before, char filling) {
  const std::string header{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10};
  return {{header + Deflated(before, Z_FULL_FLUSH)},
          {Deflated(std::string(64 * kMebibyte, filling), Z_FULL_FLUSH), 160},
          {Deflated("", Z_FINISH) + std::string(8, '\0')}};
}

// A sanitizer keeps what was freed, to find who uses it: the bound is the plain build's.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::int64_t kMostGrown = 1'024 * kMebibyte;
#else
constexpr std::int64_t kMostGrown = 16 * kMebibyte;
#endif

std::int64_t PeakBytes() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1'024;
  }
  return 0;
}

/// The sync over memory, its master from a real socket that plays a script.
class BadMasterTest : public testing::Test {
 protected:
  /// What the server sends for a GET; a HEAD is answered by a head.
  void Serve(std::function<void(RawListener::Peer&)> get) {
    get_ = std::move(get);
    listener_ = std::make_unique<RawListener>([this](RawListener::Peer& peer) {
      const std::string asked = peer.HearUntil("\r\n\r\n");
      if (asked.starts_with("HEAD")) {
        (void)peer.Say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      } else if (!asked.empty()) {
        get_(peer);
      }
    });
  }
  void Serve(const std::vector<Piece>& pieces) {
    Serve([pieces](RawListener::Peer& peer) {
      std::size_t length = 0;
      for (const Piece& each : pieces)
        length += each.text.size() * static_cast<std::size_t>(each.times);
      if (!peer.Say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                    std::to_string(length) + "\r\n\r\n")) {
        return;
      }
      for (const Piece& each : pieces) {
        for (int i = 0; i < each.times; ++i) {
          if (!peer.Say(each.text)) return;
        }
      }
    });
  }

  /// Why a sync from the server failed.
  Error Sync(milliseconds deadline = milliseconds{60'000}) {
    const std::string host = "127.0.0.1:" + std::to_string(listener_->port());
    HttpMasterSource source{[&] { return http::Client::Make({.allowed = {host}}, clock_); },
                            market_,
                            {.choices = {{"http://" + host + "/master"}},
                             .head_deadline = deadline,
                             .deadline = deadline}};
    MasterSync sync{{source, lock_, store_, clock_, market_,
                     [] { return std::make_unique<SimdjsonRecordParser>(); }},
                    {}};
    const auto report = sync.Run({});
    return report ? Error{} : report.error();
  }

  void KeepTwenty() {
    TextSource good;
    good.text = Array(Shares(20));
    MasterSync sync{{good, lock_, store_, clock_, market_,
                     [] { return std::make_unique<SimdjsonRecordParser>(); }},
                    {}};
    ASSERT_TRUE(sync.Run({}));
    before_ = *store_.FindByKeys({"NSE_EQ|INE100007018"});
  }
  void ExpectUnchanged() {
    EXPECT_EQ(*store_.FindByKeys({"NSE_EQ|INE100007018"}), before_);
    EXPECT_EQ(store_.Status()->active, 20);
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  MemoryInstrumentStore store_;
  LocalLock lock_;
  std::vector<StoredInstrument> before_;
  std::function<void(RawListener::Peer&)> get_;
  std::binary_semaphore over_{0};
  std::unique_ptr<RawListener> listener_;  // last: its thread uses the rest
};

struct BombCase {
  std::string name;
  std::string before;  // the filling
  char filling = '\0';
  std::string reason;
};
class InflatingTest : public BadMasterTest, public testing::WithParamInterface<BombCase> {};

TEST_P(InflatingTest, EndsInBoundedMemory) {
  KeepTwenty();
  Serve(TenGigabytes(GetParam().before, GetParam().filling));
  const std::int64_t peak = PeakBytes();
  EXPECT_EQ(Sync().reason, GetParam().reason);
  EXPECT_LT(PeakBytes() - peak, kMostGrown);
  ExpectUnchanged();
}

// Each inflates to 10 GB. Zeros alone are told at the first of them.
INSTANTIATE_TEST_SUITE_P(
    TenGigabytes, InflatingTest,
    testing::Values(BombCase{"Zeros", "", '\0', "MASTER_MALFORMED"},
                    BombCase{"SpacesBeforeTheArray", " ", ' ', "MASTER_MALFORMED"},
                    BombCase{"ZerosInTheArray", "[", '\0', "MASTER_MALFORMED"},
                    BombCase{"ARecordWithoutEnd", "[{\"name\":\"", 'x', "MASTER_MALFORMED"},
                    BombCase{"NestedWithoutEnd", "[", '[', "MASTER_MALFORMED"},
                    BombCase{"ObjectsWithoutEnd", "[{\"a\":", '{', "MASTER_MALFORMED"},
                    BombCase{"AJsonLineWithoutEnd", "{\"name\":\"", 'x', "MASTER_MALFORMED"},
                    BombCase{"ACsvFieldWithoutEnd", "\"instrument_key\",\"", 'x',
                             "MASTER_MALFORMED"}),
    CaseName{});

TEST_F(BadMasterTest, ASlowDripEndsWithTheDeadline) {
  KeepTwenty();
  Serve([this](RawListener::Peer& peer) {
    const std::string text = Array(Shares(20, 500));
    (void)peer.Say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) +
                   "\r\n\r\n");
    // One byte every 10 ms, until the test is over: a peer that is slow, not one that is silent.
    for (std::size_t i = 0; i < text.size() && !over_.try_acquire_for(milliseconds{10}); ++i) {
      if (!peer.Say(text.substr(i, 1))) return;
    }
  });
  const Error error = Sync(milliseconds{500});
  over_.release();
  EXPECT_EQ(error.reason, "SOURCE_DOWN") << error.message;
  EXPECT_EQ(error.code, Code::kUnavailable) << "so that it is tried again";
  ExpectUnchanged();
}

TEST_F(BadMasterTest, AResetInTheMiddleChangesNothing) {
  KeepTwenty();
  const std::string text = Gzipped(Array(Shares(20'000, 500)));
  Serve([text](RawListener::Peer& peer) {
    (void)peer.Say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) +
                   "\r\n\r\n" + text.substr(0, text.size() / 2));
  });
  const Error error = Sync();
  EXPECT_EQ(error.reason, "SOURCE_DOWN") << error.message;
  ExpectUnchanged();
}

TEST_F(BadMasterTest, AnEndWithoutALengthIsSeenByTheFile) {
  KeepTwenty();
  const std::string text = Gzipped(Array(Shares(20'000, 500)));
  Serve([text](RawListener::Peer& peer) {
    (void)peer.Say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
                   text.substr(0, text.size() / 2));
  });
  EXPECT_EQ(Sync().reason, "MASTER_TRUNCATED");
  ExpectUnchanged();
}

}  // namespace
}  // namespace sauda::instruments
