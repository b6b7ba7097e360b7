#include "libs/calendar_client/calendar_follower.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/log.hpp"
#include "sauda/instruments/v1alpha1/calendar.grpc.pb.h"

namespace sauda {
namespace {

namespace pb = instruments::v1alpha1;

calendar::DayOrigin OriginFrom(pb::DayOrigin origin) {
  switch (origin) {
    case pb::DAY_ORIGIN_FILE:
      return calendar::DayOrigin::kFile;
    case pb::DAY_ORIGIN_BROKER:
      return calendar::DayOrigin::kBroker;
    case pb::DAY_ORIGIN_SHIPPED:
      return calendar::DayOrigin::kShipped;
    default:
      return calendar::DayOrigin::kRules;
  }
}

std::optional<calendar::SpecialDay> DayFrom(const pb::SpecialDay& in) {
  const auto date = calendar::IstDate::Parse(in.date());
  const auto segment = calendar::SegmentOfExchange(in.exchange());
  if (!date || !segment) return std::nullopt;
  const auto minute = [&](std::int64_t ms) {
    return static_cast<int>((ms - date->StartMs()) / calendar::kMsPerMinute);
  };
  calendar::SpecialDay out{*date, *segment, {{}, in.why(), OriginFrom(in.origin())}};
  for (const pb::MarketSession& each : in.sessions()) {
    out.day.sessions.push_back(
        {minute(each.pre_open_ms()), minute(each.open_ms()), minute(each.close_ms())});
  }
  if (!calendar::AreSessions(out.day.sessions)) return std::nullopt;
  return out;
}

}  // namespace

CalendarFollower::CalendarFollower(std::shared_ptr<grpc::Channel> channel,
                                   calendar::CalendarKeeper& keeper, Options options)
    : channel_{std::move(channel)},
      keeper_{keeper},
      options_{options},
      task_{options.retry_every, [this] { Look(); }} {}

void CalendarFollower::Look() {
  if (std::chrono::steady_clock::now() < not_before_) return;  // the task's own
  const auto asked = Ask();
  if (asked) not_before_ = std::chrono::steady_clock::now() + options_.ask_every;
  const std::string failure = asked ? "" : asked.error().reason;
  if (failure != failure_ && !failure.empty()) {
    spdlog::warn("the market calendar stays as it was reason={} message={}", failure,
                 telemetry::Quoted(asked.error().message));
  }
  failure_ = failure;
}

Result<void> CalendarFollower::Ask() {
  const std::lock_guard asking{asking_};
  const auto stub = pb::CalendarService::NewStub(channel_);
  grpc::ClientContext context;
  rpc::Prepare(context, options_.deadline, rpc::NewRequestId());
  pb::GetCalendarRequest request;
  request.set_known_revision(revision_);
  pb::MarketCalendar answer;
  if (const auto status = stub->GetCalendar(&context, request, &answer); !status.ok()) {
    return rpc::FromStatus(status);
  }
  if (answer.state().revision() == revision_) return {};
  std::vector<calendar::SpecialDay> days;
  for (const pb::SpecialDay& each : answer.days()) {
    auto day = DayFrom(each);
    if (!day) {
      return Error{Code::kInternal, "CALENDAR_MALFORMED",
                   "the calendar of sauda-instruments has a day that is none: " + each.date()};
    }
    days.push_back(std::move(*day));
  }
  keeper_.Replace(calendar::Calendar{days});
  revision_ = answer.state().revision();
  return {};
}

}  // namespace sauda
