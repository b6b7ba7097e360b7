#include "services/feed/src/rpc/selection_codec.hpp"

#include <vector>

namespace sauda::feed {
namespace {

Error NoSuchNumber(const char* what, const char* reason, int number) {
  return {Code::kInvalidArgument, reason,
          std::string{"no "} + what + " has the number " + std::to_string(number)};
}

}  // namespace

static_assert(static_cast<int>(Kind::kIndex) == v1alpha1::KIND_INDEX &&
              static_cast<int>(Kind::kOption) == v1alpha1::KIND_OPTION);
static_assert(static_cast<int>(LimitedBy::kNothing) == v1alpha1::LIMITED_BY_NOTHING &&
              static_cast<int>(LimitedBy::kRequestLimit) == v1alpha1::LIMITED_BY_REQUEST);

Result<Selection> SelectionFromProto(const v1alpha1::Selection& selection) {
  if (!v1alpha1::Kind_IsValid(selection.kind())) {
    return NoSuchNumber("kind", "KIND_UNKNOWN", selection.kind());
  }
  if (!v1alpha1::Universe_IsValid(selection.universe())) {
    return NoSuchNumber("universe", "UNIVERSE_UNKNOWN", selection.universe());
  }
  Selection out{.segment = selection.segment(),
                .underlying = selection.underlying(),
                .universe = selection.universe() == v1alpha1::UNIVERSE_FO,
                .exclude = {selection.exclude().begin(), selection.exclude().end()},
                .near_price = selection.near_price(),
                .limit = selection.limit()};
  if (selection.kind() != v1alpha1::KIND_UNSPECIFIED) {
    out.kind = static_cast<Kind>(selection.kind());
  }
  return out;
}

Result<WantedFollow> FollowFromProto(const v1alpha1::StreamTicksRequest& request) {
  WantedFollow wanted{
      .underlyings = {request.follow_underlyings().begin(), request.follow_underlyings().end()},
      .universe = request.follow_universe() == v1alpha1::UNIVERSE_FO};
  for (const int each : request.follow_kinds()) {
    if (each == v1alpha1::KIND_UNSPECIFIED || !v1alpha1::Kind_IsValid(each)) {
      return NoSuchNumber("kind to follow", "KIND_UNKNOWN", each);
    }
    wanted.kinds.insert(static_cast<Kind>(each));
  }
  if (!v1alpha1::Universe_IsValid(request.follow_universe())) {
    return NoSuchNumber("universe", "UNIVERSE_UNKNOWN", request.follow_universe());
  }
  if (wanted.underlyings.size() > WantedFollow::kMostUnderlyings) {
    return Error{Code::kInvalidArgument, "TOO_MANY_UNDERLYINGS",
                 "at most " + std::to_string(WantedFollow::kMostUnderlyings) + " underlyings"};
  }
  return wanted;
}

v1alpha1::SubscribeResponse ToProto(const Subscribed& subscribed, const FeedDesk& desk) {
  v1alpha1::SubscribeResponse out;
  for (const InstrumentId each : subscribed.ids) out.add_instrument_keys(desk.KeyOf(each));
  for (const std::string& name : subscribed.unknown) {
    const Error why = UnknownName(name);
    v1alpha1::RefusedName& refused = *out.add_refused();
    refused.set_name(name);
    refused.set_reason(why.reason);
    refused.set_message(why.message);
  }
  for (const Taken& each : subscribed.taken) {
    v1alpha1::SelectedKind& selected = *out.add_selected();
    selected.set_kind(static_cast<v1alpha1::Kind>(each.kind));
    selected.set_taken(static_cast<std::uint32_t>(each.taken));
    selected.set_total(static_cast<std::uint32_t>(each.total));
    selected.set_limited_by(static_cast<v1alpha1::LimitedBy>(each.limited_by));
    selected.set_limit(static_cast<std::uint32_t>(each.limit));
  }
  return out;
}

double NewestPrice(FeedDesk& desk, LatestSource& latest, const std::string& name,
                   const std::string& request_id) {
  const auto keys = desk.KeysOf({name}, request_id);
  if (!keys) return 0;  // not every underlying is an instrument of its own
  const std::vector<InstrumentId> ids = desk.Known(*keys);
  if (ids.empty()) return 0;
  v1alpha1::TickBatch batch;
  for (const Update& update : latest.Latest(ids)) {
    if (!batch.MergeFromString(*update.bytes)) return 0;
  }
  return batch.ticks().empty() ? 0 : batch.ticks(0).last().price();
}

}  // namespace sauda::feed
