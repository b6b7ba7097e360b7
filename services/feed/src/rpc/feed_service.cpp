#include "services/feed/src/rpc/feed_service.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/feed/src/rpc/proto_codec.hpp"
#include "services/feed/src/rpc/selection_codec.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kMaxNames = 5'000;
constexpr std::uint32_t kMaxBuffer = 65'536;

Error TooMany() {
  return {Code::kInvalidArgument, "TOO_MANY_INSTRUMENTS",
          "at most " + std::to_string(kMaxNames) + " instruments"};
}

Result<std::vector<std::string>> NamesOf(
    const google::protobuf::RepeatedPtrField<std::string>& names) {
  if (names.empty()) {
    return Error{Code::kInvalidArgument, "NO_INSTRUMENTS", "name at least one instrument"};
  }
  if (static_cast<std::size_t>(names.size()) > kMaxNames) return TooMany();
  return std::vector<std::string>{names.begin(), names.end()};
}

Result<WantedNames> WantedOf(const v1alpha1::SubscribeRequest& request) {
  WantedNames wanted{.skip_unknown = request.partial()};
  if (!request.names().empty() || !request.has_selection()) {
    auto names = NamesOf(request.names());
    if (!names) return names.error();
    wanted.names = std::move(*names);
  }
  const auto mode = ModeFromProto(request.mode());
  if (!mode) return mode.error();
  wanted.mode = *mode;
  if (!request.has_selection()) return wanted;
  auto selection = SelectionFromProto(request.selection());
  if (!selection) return selection.error();
  wanted.selection = std::move(*selection);
  return wanted;
}

}  // namespace

FeedService::FeedService(Parts parts) : parts_{std::move(parts)} {
  parts_.desk.Listen([this](const std::vector<FreshKey>& fresh) { OnFresh(fresh); });
}

FeedService::~FeedService() { parts_.desk.Listen(nullptr); }

void FeedService::Serve(std::unique_ptr<grpc::ServerCompletionQueue> queue) {
  parts_.loop.Start(std::move(queue));
  awaiting_ = true;
  AwaitStream();
}

void FeedService::Drain() {
  {
    std::unique_lock lock{mutex_};
    all_gone_.wait(lock, [this] { return streams_.empty() && !awaiting_; });
  }
  parts_.loop.Stop();
}

void FeedService::AwaitStream() {
  const auto stream = std::make_shared<TickStream>(
      TickStream::Parts{.source = parts_.source,
                        .clock = parts_.clock,
                        .metrics = parts_.metrics,
                        .calls = parts_.calls,
                        .instance = parts_.instance},
      TickStream::Hooks{
          .on_open = [this](const auto& self) { OnOpen(self); },
          .on_request =
              [this](const auto& self, const grpc::ByteBuffer& bytes) {
                const bool taken =
                    parts_.workers.Post([this, self, bytes] { OnRequest(self, bytes); });
                if (!taken) {
                  self->End({Code::kResourceExhausted, "BUSY", "too many requests wait"});
                }
              },
          .on_end = [this](const auto& self) { OnEnd(self); }});
  stream->Await([this](grpc::ServerContext& context, TickStream::Wire& wire, void* tag) {
    RequestStreamTicks(&context, &wire, &parts_.loop.queue(), &parts_.loop.queue(), tag);
  });
}

void FeedService::OnOpen(const std::shared_ptr<TickStream>& stream) {
  std::optional<Error> ending;
  {
    const std::lock_guard lock{mutex_};
    if (stream) streams_.insert(stream);
    awaiting_ = stream != nullptr;
    ending = ending_;
  }
  if (!stream) return all_gone_.notify_all();
  if (ending) stream->End(*ending);
  AwaitStream();
}

void FeedService::OnEnd(const std::shared_ptr<TickStream>& stream) {
  const std::lock_guard lock{mutex_};
  streams_.erase(stream);
  by_kind_.erase(stream);
  if (streams_.empty()) all_gone_.notify_all();
}

void FeedService::OnRequest(const std::shared_ptr<TickStream>& stream,
                            const grpc::ByteBuffer& bytes) {
  v1alpha1::StreamTicksRequest request;
  grpc::ByteBuffer copy{bytes};
  if (!grpc::SerializationTraits<v1alpha1::StreamTicksRequest>::Deserialize(&copy, &request).ok()) {
    stream->End({Code::kInvalidArgument, "REQUEST_MALFORMED", "not a StreamTicksRequest"});
    return;
  }
  if (const auto done = Fulfil(stream, request); !done) {
    stream->End(done.error());
    return;
  }
  stream->Answer();
}

Result<void> FeedService::Fulfil(const std::shared_ptr<TickStream>& stream,
                                 const v1alpha1::StreamTicksRequest& request) {
  const bool first = !stream->begun();
  const auto mode = ModeFromProto(request.mode());
  if (!mode) return mode.error();
  const auto kinds = KindsFromProto(request.follow_kinds());
  if (!kinds) return kinds.error();
  if (first && request.add().empty() && !request.follow_all() && kinds->empty()) {
    return Error{Code::kInvalidArgument, "NO_INSTRUMENTS", "name at least one instrument"};
  }
  if (stream->following() + static_cast<std::size_t>(request.add_size()) > kMaxNames ||
      static_cast<std::size_t>(request.remove_size()) > kMaxNames) {
    return TooMany();
  }
  if (first) {
    if (auto checked = CheckAccount(request.account_id()); !checked) return checked;
  }
  const auto options = OptionsOf(request);
  if (!options) return options.error();
  WantedNames wanted{
      .names = {request.add().begin(), request.add().end()}, .mode = *mode, .only_raise = true};
  std::vector<InstrumentId> ids;
  if (!wanted.names.empty()) {
    auto subscribed = parts_.desk.Subscribe(wanted, stream->request_id());
    if (!subscribed) return subscribed.error();
    ids = std::move(subscribed->ids);
  }
  if (first) {
    stream->Begin(*options, request.follow_all(), wanted.names, ids);
    if (!request.follow_all() && !kinds->empty()) FollowKinds(stream, *kinds);
    return {};
  }
  const std::vector<std::string> remove{request.remove().begin(), request.remove().end()};
  stream->Unfollow(remove, parts_.desk.Known(remove));
  stream->Follow(wanted.names, ids);
  return {};
}

// Noted before the look at what is there: what is subscribed between the two comes twice, and the
// stream follows it once.
void FeedService::FollowKinds(const std::shared_ptr<TickStream>& stream,
                              const std::set<Kind>& kinds) {
  {
    const std::lock_guard lock{mutex_};
    if (!streams_.contains(stream)) return;  // it has ended meanwhile
    by_kind_.emplace(stream, kinds);
  }
  std::vector<std::string> keys;
  for (SubscriptionRow& row : parts_.desk.List()) {
    if (kinds.contains(row.listing.kind)) keys.push_back(std::move(row.listing.key));
  }
  stream->Follow(keys, parts_.desk.Known(keys));
}

void FeedService::OnFresh(const std::vector<FreshKey>& fresh) {
  const std::lock_guard lock{mutex_};
  for (const auto& [stream, kinds] : by_kind_) {
    std::vector<std::string> keys;
    std::vector<InstrumentId> ids;
    for (const FreshKey& each : fresh) {
      if (!kinds.contains(each.kind)) continue;
      keys.push_back(each.key);
      ids.push_back(each.id);
    }
    stream->Follow(keys, ids);
  }
}

Result<Mailbox::Options> FeedService::OptionsOf(const v1alpha1::StreamTicksRequest& request) const {
  const auto overflow = OverflowFromProto(request.policy());
  if (!overflow) return overflow.error();
  if (request.buffer_ticks() > kMaxBuffer) {
    return Error{Code::kInvalidArgument, "BUFFER_INVALID",
                 "buffer_ticks is " + std::to_string(request.buffer_ticks()) + ", at most " +
                     std::to_string(kMaxBuffer)};
  }
  Mailbox::Options options{.overflow = *overflow, .stall_limit = parts_.stall_limit};
  if (request.buffer_ticks() > 0) options.capacity = request.buffer_ticks();
  return options;
}

Result<void> FeedService::CheckAccount(const std::string& account_id) const {
  if (account_id.empty() || account_id == parts_.account) return {};
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "this feed has no account " + account_id};
}

v1alpha1::FeedStatus FeedService::Status() const {
  v1alpha1::FeedStatus status = ToProto(parts_.desk.State());
  status.set_instance(parts_.instance);
  status.set_streams(static_cast<std::uint32_t>(streams()));
  return status;
}

grpc::Status FeedService::Subscribe(grpc::ServerContext* context,
                                    const v1alpha1::SubscribeRequest* request,
                                    v1alpha1::SubscribeResponse* response) {
  return parts_.calls.Run(*context, "Subscribe", [&](const std::string& id) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    auto wanted = WantedOf(*request);
    if (!wanted) return wanted.error();
    double near_price = 0;
    if (auto& selection = wanted->selection; selection && TakesStrikes(*selection)) {
      if (selection->near_price == 0) {
        selection->near_price = NewestPrice(parts_.desk, parts_.latest, selection->underlying, id);
      }
      near_price = selection->near_price;
    }
    const auto subscribed = parts_.desk.Subscribe(*wanted, id);
    if (!subscribed) return subscribed.error();
    *response = ToProto(*subscribed, parts_.desk);
    response->set_near_price(near_price);
    return {};
  });
}

grpc::Status FeedService::Unsubscribe(grpc::ServerContext* context,
                                      const v1alpha1::UnsubscribeRequest* request,
                                      v1alpha1::UnsubscribeResponse* response) {
  return parts_.calls.Run(*context, "Unsubscribe", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    const auto names = NamesOf(request->names());
    if (!names) return names.error();
    for (const InstrumentId each : parts_.desk.Unsubscribe(*names)) {
      response->add_instrument_keys(parts_.desk.KeyOf(each));
    }
    return {};
  });
}

grpc::Status FeedService::ListSubscriptions(grpc::ServerContext* context,
                                            const v1alpha1::ListSubscriptionsRequest* request,
                                            v1alpha1::ListSubscriptionsResponse* response) {
  return parts_.calls.Run(*context, "ListSubscriptions", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    for (const SubscriptionRow& row : parts_.desk.List()) {
      *response->add_subscriptions() = ToProto(row);
    }
    return {};
  });
}

grpc::Status FeedService::GetLatest(grpc::ServerContext* context,
                                    const v1alpha1::GetLatestRequest* request,
                                    v1alpha1::GetLatestResponse* response) {
  return parts_.calls.Run(*context, "GetLatest", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    const auto& keys = request->instrument_keys();
    if (static_cast<std::size_t>(keys.size()) > kMaxNames) return TooMany();
    response->set_instance(parts_.instance);
    const auto ids = parts_.desk.Known({keys.begin(), keys.end()});
    if (!keys.empty() && ids.empty()) return {};
    std::string bytes;
    for (const Update& update : parts_.latest.Latest(ids)) bytes += *update.bytes;
    v1alpha1::TickBatch batch;
    if (!batch.ParseFromString(bytes)) {
      return Error{Code::kInternal, "LATEST_UNREADABLE", "kept ticks could not be read"};
    }
    auto& ticks = *batch.mutable_ticks();
    std::sort(ticks.pointer_begin(), ticks.pointer_end(), [](const auto* a, const auto* b) {
      return a->instrument_key() < b->instrument_key();
    });
    response->mutable_ticks()->Swap(&ticks);
    return {};
  });
}

grpc::Status FeedService::GetStatus(grpc::ServerContext* context,
                                    const v1alpha1::GetStatusRequest* request,
                                    v1alpha1::FeedStatus* response) {
  return parts_.calls.Run(*context, "GetStatus", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    *response = Status();
    return {};
  });
}

grpc::Status FeedService::Connect(grpc::ServerContext* context,
                                  const v1alpha1::ConnectRequest* request,
                                  v1alpha1::FeedStatus* response) {
  return parts_.calls.Run(*context, "Connect", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    parts_.desk.Connect();
    *response = Status();
    return {};
  });
}

grpc::Status FeedService::Disconnect(grpc::ServerContext* context,
                                     const v1alpha1::DisconnectRequest* request,
                                     v1alpha1::FeedStatus* response) {
  return parts_.calls.Run(*context, "Disconnect", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    parts_.desk.Disconnect();
    *response = Status();
    return {};
  });
}

void FeedService::EndStreams(const Error& why) {
  std::vector<std::shared_ptr<TickStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    ending_ = why;
    streams.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : streams) stream->End(why);
}

std::size_t FeedService::streams() const {
  const std::lock_guard lock{mutex_};
  return streams_.size();
}

}  // namespace sauda::feed
