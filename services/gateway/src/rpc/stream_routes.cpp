#include <algorithm>
#include <sstream>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/gate.hpp"
#include "services/gateway/src/rpc/routes.hpp"
#include "services/gateway/src/rpc/sse_stream.hpp"

namespace sauda::gateway {
namespace {

using feed::v1alpha1::FeedService;

constexpr std::string_view kEverything = "all";
constexpr std::size_t kMaxSymbols = 500;
constexpr std::size_t kBufferBytes = 262'144;
constexpr std::chrono::milliseconds kStallLimit{30'000};

Result<std::vector<std::string>> SymbolsOf(const http::Request& request) {
  std::vector<std::string> symbols;
  std::istringstream list{std::string{request.Query("symbols")}};
  for (std::string each; std::getline(list, each, ',');) {
    if (!each.empty()) symbols.push_back(each);
  }
  if (symbols.empty()) {
    return Error{Code::kInvalidArgument, "NO_INSTRUMENTS",
                 "symbols: name at least one, as in ?symbols=NSE_INDEX%7CNifty%2050"};
  }
  if (symbols.size() > kMaxSymbols) {
    return Error{Code::kInvalidArgument, "TOO_MANY_INSTRUMENTS", "symbols: at most 500"};
  }
  return symbols;
}

std::vector<std::string> Unique(std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

/// Subscribes what is not subscribed yet; the keys of the names. Without a mode: a browser that
/// looks on must not change what others have asked for.
Result<std::vector<std::string>> Subscribe(const Peers& peers,
                                           const std::vector<std::string>& names,
                                           const std::string& request_id) {
  feed::v1alpha1::SubscribeRequest subscribe;
  for (const auto& each : names) subscribe.add_names(each);
  const auto subscribed = Call<feed::v1alpha1::SubscribeResponse>(
      *peers.feed, &FeedService::Stub::Subscribe, subscribe, peers.call_limit, request_id);
  if (!subscribed) return subscribed.error();
  return Unique({subscribed->instrument_keys().begin(), subscribed->instrument_keys().end()});
}

/// What the stream follows; none: everything. The feed is asked even for keys that have a value
/// here: only it knows whether they still tick. A stream of such keys opens while the feed is away,
/// with values marked stale.
Result<std::vector<std::string>> KeysOf(const Context& context,
                                        const std::vector<std::string>& names,
                                        const std::string& request_id) {
  if (names.size() == 1 && names.front() == kEverything) return std::vector<std::string>{};
  auto keys = Subscribe(context.peers, names, request_id);
  if (!keys && IsAway(keys.error()) && context.hub.HasAll(names)) return Unique(names);
  return keys;
}

http::Response Head() {
  http::Response head;
  head.headers.Set("Content-Type", "text/event-stream; charset=utf-8");
  head.headers.Set("Cache-Control", "no-store");
  head.headers.Set("X-Accel-Buffering", "no");  // proxies: pass on at once
  return head;
}

void Open(const Context& context, const Asked& request, http::StreamStart& start) {
  if (FromAnotherSite(request)) {
    return start.Refuse(Refusal({Code::kPermissionDenied, "ORIGIN_REFUSED",
                                 "a page of another site may not subscribe anything here"},
                                request.request_id));
  }
  const auto names = SymbolsOf(request);
  if (!names) return start.Refuse(Refusal(names.error(), request.request_id));
  const auto keys = KeysOf(context, *names, request.request_id);
  if (!keys) return start.Refuse(Refusal(keys.error(), request.request_id));

  const auto stream = std::make_shared<SseStream>(context.metrics.conflated);
  http::StreamOptions options;
  options.max_buffered_bytes = kBufferBytes;
  options.stall_limit = kStallLimit;
  options.on_drained = [weak = std::weak_ptr{stream}] {
    if (const auto alive = weak.lock()) alive->OnDrained();
  };
  // A key that is revoked ends what was opened with it.
  const auto hold = context.ring.Hold(request.caller.key_id, [weak = std::weak_ptr{stream}] {
    if (const auto alive = weak.lock()) alive->Close();
  });
  options.on_gone = [&hub = context.hub, &ring = context.ring, stream, hold] {
    stream->MarkGone();
    ring.Release(hold);
    hub.Unfollow(stream.get());
  };
  stream->Attach(start.Accept(Head(), options));
  context.hub.Follow(stream, *keys, EventId::Parse(request.headers.Get("Last-Event-ID")));
  if (stream->gone()) context.hub.Unfollow(stream.get());  // it had left before it followed
}

}  // namespace

void AddStreamRoutes(const Context& context) {
  context.routes.AddStream(
      "GET", "/api/v1/market/stream",
      [context](const Asked& request, const std::shared_ptr<http::StreamStart>& start) {
        const bool taken =
            context.workers.TryRun([context, request, start] { Open(context, request, *start); });
        if (!taken) start->Refuse(Busy(request));
      });
}

}  // namespace sauda::gateway
