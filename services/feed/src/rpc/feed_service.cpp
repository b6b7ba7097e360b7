#include "services/feed/src/rpc/feed_service.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/feed/src/rpc/proto_codec.hpp"
#include "services/feed/src/rpc/selection_codec.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kMaxNames = 5'000;

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
  parts_.desk.Listen([this](const std::vector<FreshKey>& fresh) { filters_.OnFresh(fresh); });
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
                        .instance = parts_.instance,
                        .buffers = buffers_},
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
  filters_.Remove(stream);
  const std::lock_guard lock{mutex_};
  streams_.erase(stream);
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
  if (stream->following() + static_cast<std::size_t>(request.add_size()) > kMaxNames ||
      static_cast<std::size_t>(request.remove_size()) > kMaxNames) {
    return TooMany();
  }
  if (!stream->begun()) return Begin(stream, request);
  const auto added = Add(*stream, request);
  if (!added) return added.error();
  const std::vector<std::string> remove{request.remove().begin(), request.remove().end()};
  stream->Unfollow(remove, parts_.desk.Known(remove));
  stream->Follow({request.add().begin(), request.add().end()}, *added);
  return {};
}

Result<void> FeedService::Begin(const std::shared_ptr<TickStream>& stream,
                                const v1alpha1::StreamTicksRequest& request) {
  const auto follow = FollowFromProto(request);
  if (!follow) return follow.error();
  if (request.add().empty() && !request.follow_all() && follow->empty()) {
    return Error{Code::kInvalidArgument, "NO_INSTRUMENTS", "name at least one instrument"};
  }
  if (auto checked = CheckAccount(request.account_id()); !checked) return checked;
  const auto options = MailboxFromProto(request, parts_.stall_limit);
  if (!options) return options.error();
  auto filter = parts_.desk.FilterOf(*follow, stream->request_id());
  if (!filter) return filter.error();
  const auto ids = Add(*stream, request);
  if (!ids) return ids.error();
  stream->Begin(*options, request.follow_all(), {request.add().begin(), request.add().end()}, *ids);
  if (!request.follow_all() && !filter->empty()) filters_.Add(stream, *std::move(filter));
  return {};
}

Result<std::vector<InstrumentId>> FeedService::Add(const TickStream& stream,
                                                   const v1alpha1::StreamTicksRequest& request) {
  const auto mode = ModeFromProto(request.mode());
  if (!mode) return mode.error();
  if (request.add().empty()) return std::vector<InstrumentId>{};
  auto subscribed = parts_.desk.Subscribe(
      {.names = {request.add().begin(), request.add().end()}, .mode = *mode, .only_raise = true},
      stream.request_id());
  if (!subscribed) return subscribed.error();
  return std::move(subscribed->ids);
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
