#include "services/feed/src/rpc/proto_codec.hpp"

#include <string_view>

#include <google/protobuf/io/coded_stream.h>

namespace sauda::feed {
namespace {

using google::protobuf::io::CodedOutputStream;

constexpr std::uint8_t Tag(int field, int wire_type) {
  return static_cast<std::uint8_t>((field << 3) | wire_type);
}
constexpr std::uint8_t kTickTag = Tag(v1alpha1::TickBatch::kTicksFieldNumber, 2);
constexpr std::uint8_t kSnapshotTag = Tag(v1alpha1::Tick::kSnapshotFieldNumber, 0);
static_assert(v1alpha1::TickBatch::kTicksFieldNumber < 16, "its tag is one byte");
constexpr std::uint32_t kMaxBuffer = 65'536;

void Fill(v1alpha1::LastTrade& out, const LastTrade& last) {
  out.set_price(last.price);
  out.set_time_ms(last.time_ms);
  out.set_quantity(last.quantity);
  out.set_previous_close(last.previous_close);
  if (last.indicative_price) out.set_indicative_price(*last.indicative_price);
}

void Fill(v1alpha1::DepthLevel& out, const DepthLevel& level) {
  out.set_bid_quantity(level.bid_quantity);
  out.set_bid_price(level.bid_price);
  out.set_ask_quantity(level.ask_quantity);
  out.set_ask_price(level.ask_price);
}

void Fill(v1alpha1::Greeks& out, const Greeks& greeks) {
  out.set_delta(greeks.delta);
  out.set_theta(greeks.theta);
  out.set_gamma(greeks.gamma);
  out.set_vega(greeks.vega);
  out.set_rho(greeks.rho);
}

void Fill(v1alpha1::Bar& out, const Bar& bar) {
  out.set_interval(bar.interval);
  out.set_open(bar.open);
  out.set_high(bar.high);
  out.set_low(bar.low);
  out.set_close(bar.close);
  out.set_volume(bar.volume);
  out.set_start_ms(bar.start_ms);
}

void Fill(v1alpha1::Auction& out, const Auction& auction) {
  out.set_equilibrium_price(auction.equilibrium_price);
  out.set_reference_price(auction.reference_price);
  out.set_equilibrium_quantity(auction.equilibrium_quantity);
  out.set_imbalance_quantity(auction.imbalance_quantity);
  out.set_market_imbalance_quantity(auction.market_imbalance_quantity);
  out.set_closing_auction_eligible(auction.closing_auction_eligible);
}

void Fill(v1alpha1::Tick& out, const Tick& tick) {
  out.set_instrument_key(tick.listing->key);
  out.set_instrument_id(tick.listing->instrument_id);
  out.set_seq(tick.seq);
  out.set_received_ns(tick.received_ns);
  out.set_broker_ms(tick.broker_ms);
  out.set_mode(ToProto(tick.mode));
  out.set_broker_snapshot(tick.broker_snapshot);
  out.set_simulated(tick.simulated);
  if (tick.last) Fill(*out.mutable_last(), *tick.last);
  for (const DepthLevel& level : tick.depth) Fill(*out.add_depth(), level);
  if (tick.greeks) Fill(*out.mutable_greeks(), *tick.greeks);
  for (const Bar& bar : tick.bars) Fill(*out.add_bars(), bar);
  out.set_average_price(tick.totals.average_price);
  out.set_volume(tick.totals.volume);
  out.set_open_interest(tick.totals.open_interest);
  out.set_implied_volatility(tick.totals.implied_volatility);
  out.set_total_buy_quantity(tick.totals.total_buy_quantity);
  out.set_total_sell_quantity(tick.totals.total_sell_quantity);
  if (tick.auction) Fill(*out.mutable_auction(), *tick.auction);
}

// One `ticks` element: its tag, its length, `body`, and what is added to it.
std::shared_ptr<const std::string> Piece(std::string_view body, std::string_view more) {
  std::uint8_t head[1 + 5] = {kTickTag};
  const auto* const end = CodedOutputStream::WriteVarint32ToArray(
      static_cast<std::uint32_t>(body.size() + more.size()), &head[1]);
  const auto head_size = static_cast<std::size_t>(end - &head[0]);
  auto bytes = std::make_shared<std::string>();
  bytes->reserve(head_size + body.size() + more.size());
  for (std::size_t i = 0; i < head_size; ++i) bytes->push_back(static_cast<char>(head[i]));
  bytes->append(body);
  bytes->append(more);
  return bytes;
}

Result<Overflow> OverflowFrom(v1alpha1::OverflowPolicy policy) {
  switch (policy) {
    case v1alpha1::OVERFLOW_POLICY_UNSPECIFIED:
    case v1alpha1::OVERFLOW_POLICY_CONFLATE:
      return Overflow::kConflate;
    case v1alpha1::OVERFLOW_POLICY_DROP_OLDEST:
      return Overflow::kDropOldest;
    case v1alpha1::OVERFLOW_POLICY_DISCONNECT:
      return Overflow::kDisconnect;
    default:
      return Error{Code::kInvalidArgument, "POLICY_UNKNOWN",
                   "no policy has the number " + std::to_string(static_cast<int>(policy))};
  }
}

}  // namespace

Update ProtoTickEncoder::Encode(InstrumentId id, const Tick& tick) {
  tick_.Clear();
  Fill(tick_, tick);
  tick_.SerializeToString(&bytes_);
  return {.instrument = id,
          .seq = tick.seq,
          .received_at = tick.received_at,
          .bytes = Piece(bytes_, {})};
}

// The last value of a field counts, so the mark can be added at the end of an encoded tick.
Update ProtoTickEncoder::AsSnapshot(const Update& update) const {
  const std::string& piece = *update.bytes;
  std::size_t start = 1;  // past the tag; then past the length, a varint
  while ((static_cast<std::uint8_t>(piece[start]) & 0x80U) != 0) ++start;
  ++start;
  const char marked[] = {static_cast<char>(kSnapshotTag), 1};
  Update snapshot = update;
  snapshot.bytes = Piece(std::string_view{piece}.substr(start), {&marked[0], sizeof marked});
  return snapshot;
}

std::string EncodeHeader(const Mailbox::Batch& batch, const std::string& instance) {
  v1alpha1::TickBatch header;
  header.set_instance(instance);
  header.set_last_seq(batch.last_seq);
  header.set_count(batch.count);
  header.set_dropped(batch.dropped);
  header.set_conflated(batch.conflated);
  if (batch.connection) header.set_connection(ToProto(*batch.connection));
  return header.SerializeAsString();
}

static_assert(static_cast<int>(Mode::kLtpc) == v1alpha1::MODE_LTPC &&
              static_cast<int>(Mode::kFullD30) == v1alpha1::MODE_FULL_D30);
static_assert(static_cast<int>(ConnectionState::kOff) == v1alpha1::CONNECTION_STATE_OFF &&
              static_cast<int>(ConnectionState::kDead) == v1alpha1::CONNECTION_STATE_DEAD);
static_assert(static_cast<int>(SubscriptionState::kSilent) == v1alpha1::SUBSCRIPTION_STATE_SILENT);
static_assert(static_cast<int>(Kind::kOption) == v1alpha1::KIND_OPTION);

v1alpha1::Mode ToProto(Mode mode) { return static_cast<v1alpha1::Mode>(mode); }

v1alpha1::ConnectionState ToProto(ConnectionState state) {
  return static_cast<v1alpha1::ConnectionState>(state);
}

v1alpha1::Subscription ToProto(const SubscriptionRow& row) {
  v1alpha1::Subscription out;
  out.set_instrument_key(row.listing.key);
  out.set_trading_symbol(row.listing.symbol);
  out.set_kind(static_cast<v1alpha1::Kind>(row.listing.kind));
  out.set_mode(ToProto(row.mode));
  out.set_state(static_cast<v1alpha1::SubscriptionState>(row.state));
  out.set_ticks(row.ticks);
  out.set_last_received_ns(row.last_received_ns);
  out.set_attempts(row.attempts);
  out.set_failure(row.failure);
  return out;
}

v1alpha1::FeedStatus ToProto(const FeedState& state) {
  v1alpha1::FeedStatus out;
  const ConnectionStatus& connection = state.connection;
  out.set_instance(state.instance);
  out.set_connection(ToProto(connection.state));
  out.set_connection_detail(connection.detail);
  out.set_connection_since_ns(connection.since_ns);
  out.set_connects(connection.connects);
  out.set_total_symbols(static_cast<std::uint32_t>(connection.wanted));
  out.set_subscribed_count(static_cast<std::uint32_t>(connection.asked));
  out.set_failed_count(static_cast<std::uint32_t>(connection.failed));
  out.set_silent_count(static_cast<std::uint32_t>(connection.silent));
  out.set_subscription_rate(connection.rate);
  out.set_ticks(state.ticks);
  out.set_cached_prices(static_cast<std::uint32_t>(state.cached_prices));
  out.set_last_frame_ns(connection.last_frame_ns);
  out.set_store_waiting(state.store_waiting);
  out.set_store_written(state.store_written);
  out.set_store_lost(state.store_lost);
  out.set_decode_errors(state.decode_errors);
  for (const auto& [segment, status] : connection.segments) {
    (*out.mutable_segment_status())[segment] = status;
  }
  out.set_market_ms(state.market_ms);
  out.set_simulated(connection.simulated);
  return out;
}

Result<std::optional<Mode>> ModeFromProto(v1alpha1::Mode mode) {
  switch (mode) {
    case v1alpha1::MODE_UNSPECIFIED:
      return std::optional<Mode>{};
    case v1alpha1::MODE_LTPC:
    case v1alpha1::MODE_OPTION_GREEKS:
    case v1alpha1::MODE_FULL:
    case v1alpha1::MODE_FULL_D30:
      return std::optional{static_cast<Mode>(mode)};
    default:
      return Error{Code::kInvalidArgument, "MODE_UNKNOWN",
                   "no mode has the number " + std::to_string(static_cast<int>(mode))};
  }
}

Result<Mailbox::Options> MailboxFromProto(const v1alpha1::StreamTicksRequest& request,
                                          std::chrono::milliseconds stall_limit) {
  const auto overflow = OverflowFrom(request.policy());
  if (!overflow) return overflow.error();
  if (request.buffer_ticks() > kMaxBuffer) {
    return Error{Code::kInvalidArgument, "BUFFER_INVALID",
                 "buffer_ticks is " + std::to_string(request.buffer_ticks()) + ", at most " +
                     std::to_string(kMaxBuffer)};
  }
  Mailbox::Options options{.overflow = *overflow, .stall_limit = stall_limit};
  if (request.buffer_ticks() > 0) options.capacity = request.buffer_ticks();
  return options;
}

}  // namespace sauda::feed
