#include "cli/src/tick_table.hpp"

#include <ostream>
#include <sstream>
#include <utility>

#include "cli/src/print.hpp"

namespace sauda::cli {
namespace {

namespace pb = feed::v1alpha1;

constexpr std::chrono::milliseconds kDrawEvery{100};
constexpr std::int64_t kNanosPerMilli = 1'000'000;

std::string Change(const pb::LastTrade& last) {
  if (last.previous_close() <= 0) return "-";
  const double change = last.price() - last.previous_close();
  const double percent = change / last.previous_close() * 100;
  return (change >= 0 ? "+" : "") + Price(change) + " (" + (percent >= 0 ? "+" : "") +
         Price(percent) + "%)";
}

std::vector<std::string> Cells(const pb::Tick& tick) {
  const bool traded = tick.has_last();
  const bool deep = tick.depth_size() > 0;
  return {Printable(tick.instrument_key()),
          traded ? Price(tick.last().price()) : "-",
          traded ? Change(tick.last()) : "-",
          deep ? Price(tick.depth(0).bid_price()) : "-",
          deep ? Price(tick.depth(0).ask_price()) : "-",
          tick.volume() > 0 ? std::to_string(tick.volume()) : "-",
          traded ? IstTime(tick.last().time_ms()) : "-",
          tick.simulated() ? "SIMULATED" : ""};
}

}  // namespace

std::string ConnectionName(pb::ConnectionState state) {
  const std::string name = pb::ConnectionState_Name(state);
  const auto at = name.find("STATE_");
  return at == std::string::npos ? name : name.substr(at + 6);
}

std::string TickLine(const pb::Tick& tick) {
  std::ostringstream line;
  line << IstTime(tick.received_ns() / kNanosPerMilli) << "  " << Printable(tick.instrument_key());
  if (tick.has_last()) {
    line << "  " << Price(tick.last().price()) << " x " << tick.last().quantity() << "  "
         << Change(tick.last());
  }
  if (tick.depth_size() > 0) {
    line << "  " << Price(tick.depth(0).bid_price()) << " / " << Price(tick.depth(0).ask_price());
  }
  line << "  seq " << tick.seq();
  if (tick.snapshot()) line << "  snapshot";
  if (tick.simulated()) line << "  SIMULATED";
  return line.str();
}

void TickTable::Take(const pb::TickBatch& batch) {
  const std::lock_guard lock{mutex_};
  for (const pb::Tick& tick : batch.ticks()) newest_[tick.instrument_key()] = tick;
  if (batch.has_connection()) {
    const std::string now = ConnectionName(batch.connection());
    at_once_ = at_once_ || now != connection_;
    connection_ = now;
  }
  ticks_ += batch.count();
  missed_ += batch.dropped() + batch.conflated();
  changed_ = true;
}

void TickTable::DrawIfDue(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (!changed_ || (!at_once_ && now - drawn_at_ < kDrawEvery)) return;
  drawn_at_ = now;
  Draw();
}

void TickTable::DrawRest() {
  const std::lock_guard lock{mutex_};
  if (changed_) Draw();
}

void TickTable::Draw() {
  changed_ = false;
  at_once_ = false;
  Table table{{"key", "last", "change", "bid", "ask", "volume", "last trade (IST)", ""}};
  for (const auto& [key, tick] : newest_) table.Add(Cells(tick));
  std::ostringstream text;
  text << "feed " << connection_ << ", " << ticks_ << " ticks, " << missed_
       << " replaced by newer ones\n";
  table.Print(text);
  std::ostringstream frame;
  if (drawn_lines_ > 0) frame << "\x1b[" << drawn_lines_ << "A";  // back to its first line
  std::istringstream lines{text.str()};
  drawn_lines_ = 0;
  for (std::string line; std::getline(lines, line); ++drawn_lines_) frame << line << "\x1b[K\n";
  out_ << frame.str() << std::flush;
}

}  // namespace sauda::cli
