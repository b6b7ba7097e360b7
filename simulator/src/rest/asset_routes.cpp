#include "simulator/src/rest/asset_routes.hpp"

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include <spdlog/spdlog.h>
#include <zlib.h>

#include "libs/base/check.hpp"
#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {
namespace {

constexpr int kLevel = 3;  // quick; a sixth of the text

}  // namespace

std::string Gzip(const std::string& text, int level) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;  // the widest window, with gzip's header
  Check(deflateInit2(&stream, level, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib starts");
  std::string packed(deflateBound(&stream, text.size()), '\0');
  std::string input = text;  // zlib's pointer is not const
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int ended = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  Check(ended == Z_STREAM_END, "the bound was enough");
  return packed;
}

Result<std::shared_ptr<const std::string>> Assets::File(const std::string& exchange) {
  const std::lock_guard lock{mutex_};  // held while packing: the others want the same bytes
  auto& made = made_[exchange];
  if (made) return made;
  if (exchange.empty() && !complete_file_.empty()) {
    std::ifstream file{complete_file_, std::ios::binary};
    std::ostringstream bytes;
    if (!file || !(bytes << file.rdbuf())) {
      return Error{Code::kNotFound, "MASTER_UNREADABLE", "cannot read " + complete_file_};
    }
    constexpr std::string_view kGzipMark = "\x1f\x8b";
    std::string given = bytes.str();
    const bool packed = given.compare(0, kGzipMark.size(), kGzipMark) == 0;
    made = std::make_shared<const std::string>(packed ? std::move(given) : Gzip(given, kLevel));
    return made;
  }
  std::string text = "[";
  for (const Listing& listing : master_.listings()) {
    if (!exchange.empty() && listing.exchange != exchange) continue;
    if (text.size() > 1) text += ",\n";
    AppendJson(listing, text);
  }
  text += "]";
  made = std::make_shared<const std::string>(Gzip(text, kLevel));
  spdlog::info("instrument file made exchange={} bytes={} packed={}",
               exchange.empty() ? "complete" : exchange, text.size(), made->size());
  return made;
}

std::shared_ptr<const std::string> Assets::List(ListFile file) {
  const std::lock_guard lock{mutex_};
  auto& made = made_lists_[file];
  if (!made) made = std::make_shared<const std::string>(Gzip(ListJson(master_, file), kLevel));
  return made;
}

void AddAssetRoutes(http::Server& server, Guard& guard, Assets& assets, http::WorkerPool& pool) {
  const auto add = [&](std::string_view name,
                       const std::function<Result<std::shared_ptr<const std::string>>()>& make) {
    const auto send = [make](const http::Request&) {
      const auto file = make();
      if (!file) return FailureOfStatus(404);
      http::Response response;
      response.headers.Set("Content-Type", "application/gzip");
      response.shared_body = *file;
      return response;
    };
    const std::string path = "/market-quote/instruments/exchange/" + std::string{name} + ".json.gz";
    // The guard looks first, on its thread; what it lets through is packed on the pool.
    server.Route("GET", path,
                 guard.WrapThen(
                     FaultTarget::kAssets, Guard::Access::kOpen,
                     [](const http::Request& request) {
                       const bool named = !request.headers.Get("User-Agent").empty();
                       return named ? std::nullopt : std::optional{FailureOfStatus(403)};
                     },
                     http::Blocking(pool, send)));
  };
  static constexpr std::array<std::pair<const char*, const char*>, 4> kFiles = {
      {{"complete", ""}, {"NSE", "NSE"}, {"BSE", "BSE"}, {"MCX", "MCX"}}};
  for (const auto& [name, exchange] : kFiles) {
    add(name, [&assets, of = std::string{exchange}] { return assets.File(of); });
  }
  for (const ListFileName& list : kListFiles) {
    add(list.name, [&assets, file = list.file]() -> Result<std::shared_ptr<const std::string>> {
      return assets.List(file);
    });
  }
}

}  // namespace sauda::sim
