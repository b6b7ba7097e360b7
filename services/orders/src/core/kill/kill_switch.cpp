#include "services/orders/src/core/kill/kill_switch.hpp"

#include <utility>

namespace sauda::orders {
namespace {

constexpr std::int64_t kNanosInMilli = 1'000'000;

Error NotHalted() {
  return {Code::kFailedPrecondition, "NOT_HALTED", "the kill switch is off: nothing to rearm"};
}

}  // namespace

Result<void> KillSwitch::Keep(const HaltRecord& record) {
  auto written = file_.Write(record);
  if (!written) return written;
  const std::lock_guard lock{mutex_};
  record_ = record;
  return {};
}

void KillSwitch::Load() {
  const std::lock_guard file_lock{file_mutex_};
  const std::int64_t now_ms = clock_.UtcNs() / kNanosInMilli;
  HaltRecord record{.halted = true, .at_ms = now_ms, .by = "start"};
  if (auto kept = file_.Read(); !kept) {
    record.reason = kept.error().message;
  } else if (*kept) {
    record = **kept;
  } else {
    const HaltRecord off{.halted = false, .at_ms = now_ms, .by = "start", .reason = "first start"};
    const auto written = file_.Write(off);
    if (written) record = off;
    if (!written) record.reason = written.error().message;
  }
  const std::lock_guard lock{mutex_};
  record_ = record;
  halted_ = record.halted;
}

Result<void> KillSwitch::Check() const {
  if (!halted_.load()) return {};
  const HaltRecord record = Record();
  return Error{Code::kFailedPrecondition, "KILL_SWITCH_ON",
               "the kill switch is on (" + record.by + ": " + record.reason +
                   "); no order leaves until it is rearmed: saudactl kill rearm"};
}

Result<void> KillSwitch::Halt(const std::string& by, const std::string& reason) {
  halted_ = true;  // before anything that may wait
  {
    const std::lock_guard lock{mutex_};
    halted_ = true;  // a rearm may have ended in between; this came after it
    ++halts_;
    code_.clear();  // who began to rearm did not know of this
    if (!record_.halted) {
      record_ = {
          .halted = true, .at_ms = clock_.UtcNs() / kNanosInMilli, .by = by, .reason = reason};
    }
  }
  const std::lock_guard file_lock{file_mutex_};
  return Keep(Record());  // again when it was on: the first time may have failed
}

Result<std::string> KillSwitch::BeginRearm() {
  std::string code = make_code_();
  const std::lock_guard lock{mutex_};
  if (!halted_) return NotHalted();
  code_ = code;
  code_until_ = clock_.Now() + kRearmWithin;
  return code;
}

Result<void> KillSwitch::Rearm(const std::string& code, const std::string& by) {
  const std::lock_guard file_lock{file_mutex_};
  std::uint64_t halts = 0;
  {
    const std::lock_guard lock{mutex_};
    if (!halted_) return NotHalted();
    halts = halts_;
    const std::string wanted = std::exchange(code_, {});
    if (wanted.empty() || code != wanted || clock_.Now() > code_until_) {
      return Error{
          Code::kFailedPrecondition, "REARM_CODE_WRONG",
          "the code is not the last one, was used, or is older than a minute; begin again"};
    }
  }
  const std::int64_t now_ms = clock_.UtcNs() / kNanosInMilli;
  const HaltRecord off{.halted = false, .at_ms = now_ms, .by = by, .reason = "rearmed"};
  if (auto written = file_.Write(off); !written) return written;
  const std::lock_guard lock{mutex_};
  if (halts_ != halts) {  // it waits for the file, and writes it again
    return Error{Code::kFailedPrecondition, "HALTED_AGAIN", "it was pulled again meanwhile"};
  }
  record_ = off;
  halted_ = false;
  return {};
}

HaltRecord KillSwitch::Record() const {
  const std::lock_guard lock{mutex_};
  return record_;
}

}  // namespace sauda::orders
