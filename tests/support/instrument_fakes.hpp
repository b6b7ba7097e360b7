#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <zlib.h>

#include "services/instruments/src/adapters/inflater.hpp"
#include "services/instruments/src/core/instrument.hpp"
#include "services/instruments/src/core/lists/list_sync.hpp"
#include "services/instruments/src/core/master_source.hpp"
#include "services/instruments/src/core/sync_lock.hpp"

namespace sauda::instruments {

/// Gives the text a test put into it, in pieces, inflated as the real sources do.
class TextSource final : public MasterSource {
 public:
  Result<MasterOrigin> Read(const MasterRequest& request, const Sink& sink) override {
    if (failure) return *failure;
    asked = request;
    if (!tag.empty() && tag == request.kept_tag) {
      return MasterOrigin{.source = "test", .tag = tag, .not_modified = true};
    }
    bool begins_file = true;
    Inflater inflater{[&](std::string_view bytes) {
      return sink({bytes, simulated, std::exchange(begins_file, false)});
    }};
    for (std::size_t i = 0; i < text.size(); i += piece) {
      auto fed = inflater.Feed(std::string_view{text}.substr(i, piece));
      if (!fed) return fed.error();
      if (between) between();
    }
    if (auto finished = inflater.Finish(); !finished) return finished.error();
    return MasterOrigin{.source = "test", .tag = tag};
  }

  std::string tag;  // what it calls its text; empty: nothing
  MasterRequest asked;
  std::string text;
  std::size_t piece = 4'096;
  bool simulated = false;
  std::optional<Error> failure;
  std::function<void()> between;  // runs after each piece
};

/// Gives the lists a test put into it, inflated as the real source does; one that is not there
/// cannot be had. None is asked for while there are none.
class TextLists final : public ListSource {
 public:
  bool has_lists() const override { return !texts.empty(); }

  Result<MasterOrigin> ReadList(ListKind list, const std::string& kept_tag,
                                const MasterSource::Sink& sink) override {
    if (before) before();
    const auto text = texts.find(list);
    if (text == texts.end()) return Error{Code::kUnavailable, "SOURCE_DOWN", "answered 403"};
    TextSource source;
    source.text = text->second;
    source.simulated = simulated;
    source.piece = 100;
    if (tagged) source.tag = text->second;
    return source.Read({.kept_tag = kept_tag}, sink);
  }

  std::map<ListKind, std::string> texts;
  bool simulated = false;
  bool tagged = false;           // a list is called by its text
  std::function<void()> before;  // runs before each list
};

/// One sync at a time within the test; `lost` makes the holder lose it.
class LocalLock final : public SyncLock {
 public:
  Result<std::unique_ptr<HeldLock>> Acquire() override {
    if (down) return Error{Code::kUnavailable, "LOCK_DOWN", "redis is away"};
    if (held_.exchange(true)) return Error{Code::kAborted, "SYNC_RUNNING", "another sync runs"};
    return std::unique_ptr<HeldLock>{std::make_unique<Lease>(*this)};
  }

  std::atomic<bool> down = false;
  std::atomic<bool> lost = false;

 private:
  class Lease final : public HeldLock {
   public:
    explicit Lease(LocalLock& lock) : lock_{lock} {}
    ~Lease() override { lock_.held_ = false; }
    bool Held() const override { return !lock_.lost; }

   private:
    LocalLock& lock_;
  };
  std::atomic<bool> held_ = false;
};

/// `text` as a gzip file.
inline std::string Gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// A share of NSE as the JSON master has it; `number` makes key, symbol and token.
inline std::string ShareJson(int number, int lot = 1) {
  const std::string n = std::to_string(100'000 + number);
  return R"({"segment":"NSE_EQ","name":"COMPANY )" + n + R"( LTD","exchange":"NSE","isin":"INE)" +
         n + R"(018","instrument_type":"EQ",)" + R"("instrument_key":"NSE_EQ|INE)" + n +
         R"(018","lot_size":)" + std::to_string(lot) +
         R"(,"freeze_quantity":100000.0,"exchange_token":")" + n +
         R"(","tick_size":10.0,"trading_symbol":"SHARE)" + n + R"(","qty_multiplier":1.0})";
}

/// A NIFTY call of NSE_FO with that token and expiry.
inline std::string CallJson(int token, std::int64_t expiry_ms,
                            const std::string& strike = "22200") {
  const std::string n = std::to_string(token);
  return R"({"weekly":true,"segment":"NSE_FO","name":"NIFTY","exchange":"NSE","expiry":)" +
         std::to_string(expiry_ms) +
         R"(,"instrument_type":"CE","underlying_symbol":"NIFTY","instrument_key":"NSE_FO|)" + n +
         R"(","lot_size":65,"freeze_quantity":1755.0,"exchange_token":")" + n +
         R"(","underlying_key":"NSE_INDEX|Nifty 50","tick_size":5.0,"trading_symbol":"NIFTY )" +
         strike + " CE " + n + R"(","strike_price":)" + strike + R"(.0,"qty_multiplier":1.0})";
}

/// Records as one JSON array.
inline std::string Array(const std::vector<std::string>& records) {
  std::string text = "[";
  for (const auto& record : records) text += (text.size() == 1 ? "" : ",") + record;
  return text + "]";
}

/// `count` shares, the first with number `from`.
inline std::vector<std::string> Shares(int count, int from = 0) {
  std::vector<std::string> records;
  records.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) records.push_back(ShareJson(from + i));
  return records;
}

}  // namespace sauda::instruments
