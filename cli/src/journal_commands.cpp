// saudactl journal: the feed's journal, read where it lies. Needs no service.
#include <fstream>
#include <functional>
#include <memory>
#include <ostream>
#include <set>

#include <CLI/CLI.hpp>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "libs/journal/catalog.hpp"
#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/names.hpp"
#include "libs/journal/records.hpp"
#include "libs/journal/scan.hpp"
#include "upstox/ordered_frame.pb.h"

namespace sauda::cli {
namespace {

namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;
using journal::SegmentReader;
using nlohmann::json;

constexpr std::int64_t kNsPerMs = 1'000'000;

struct JournalOptions {
  std::string dir;
  std::string run;                // empty: all
  std::vector<std::string> keys;  // empty: all
  std::string out;
  std::int64_t limit = 0;  // 0: no end
  bool heads = false;
};

std::filesystem::path DirectoryOf(const Session& session, const JournalOptions& options) {
  return journal::AccountDirectory(options.dir, session.account.empty() ? "main" : session.account);
}

/// The segments asked for, oldest first. Fails with kNotFound / JOURNAL_NOT_FOUND too.
Result<std::vector<journal::SegmentInfo>> SegmentsOf(const Session& session,
                                                     const JournalOptions& options) {
  const auto directory = DirectoryOf(session, options);
  auto listing = journal::List(directory);
  if (!listing) return listing.error();
  std::erase_if(listing->segments, [&](const journal::SegmentInfo& each) {
    return !options.run.empty() && each.name.instance != options.run;
  });
  if (!listing->segments.empty()) return std::move(listing->segments);
  return Error{Code::kNotFound, "JOURNAL_NOT_FOUND",
               "no journal in " + directory.string() +
                   (options.run.empty() ? "" : " of run " + options.run)};
}

std::string_view NameOf(SegmentReader::Found end) {
  switch (end) {
    case SegmentReader::Found::kSealed:
      return "whole";
    case SegmentReader::Found::kEnd:
      return "open";
    case SegmentReader::Found::kTorn:
      return "torn";
    default:
      return "damaged";
  }
}

/// What one segment holds, and how it ends. `whole`: all of it is read; else the counts of a sealed
/// one are taken from its seal.
json Describe(const journal::SegmentInfo& segment, bool whole) {
  json out{{"file", segment.path.string()},
           {"run", segment.name.instance},
           {"segment", segment.name.number},
           {"bytes", segment.bytes}};
  const auto count = [&out](const journal::Seal& seal) {
    out["frames"] = seal.frames;
    out["ticks"] = seal.ticks;
    out["from_ms"] = seal.first_ns / kNsPerMs;
    out["to_ms"] = seal.last_ns / kNsPerMs;
    out["last"] = seal.last;
  };
  if (segment.problem) {
    out["state"] = "damaged";
    out["problem"] = segment.problem->message;
    return out;
  }
  if (segment.seal && !whole) {
    count(*segment.seal);
    out["state"] = "whole";
    return out;
  }
  const auto scan = journal::Scan(segment.path);
  if (!scan) {
    out["state"] = "damaged";
    out["problem"] = scan.error().message;
    return out;
  }
  count(scan->counts);
  out["state"] = NameOf(scan->end);
  out["states"] = scan->states;
  out["gaps"] = scan->gaps;
  out["unknown"] = scan->unknown;
  if (scan->end == SegmentReader::Found::kTorn || scan->end == SegmentReader::Found::kCorrupt) {
    out["problem"] = "from byte " + std::to_string(scan->good_bytes) + " of " +
                     std::to_string(scan->file_bytes) + " its bytes are no record";
  }
  return out;
}

int RunList(const Session& session, const JournalOptions& options, bool whole) {
  const char* const doing = whole ? "journal verify" : "journal ls";
  const auto segments = SegmentsOf(session, options);
  if (!segments) return session.Fail(doing, segments.error());
  Table table{{"run", "segment", "from", "to", "frames", "ticks", "MiB", "state"}};
  int damaged = 0;
  json all = json::array();
  for (const journal::SegmentInfo& segment : *segments) {
    all.push_back(Describe(segment, whole));
    const json& it = all.back();
    if (it["state"] == "damaged" || it["state"] == "torn") ++damaged;
    const auto number = [&it](const char* name) { return it.value(name, std::int64_t{0}); };
    table.Add({Printable(segment.name.instance), std::to_string(segment.name.number),
               IstTime(number("from_ms")), IstTime(number("to_ms")),
               std::to_string(number("frames")), std::to_string(number("ticks")),
               std::to_string(segment.bytes >> 20U), it["state"].get<std::string>()});
  }
  if (session.json) {
    session.io.out << Dump(all, true) << '\n';
  } else {
    table.Print(session.io.out);
    for (const json& it : all) {
      if (!it.contains("problem")) continue;
      session.io.err << Printable(it["file"].get<std::string>() + ": " +
                                  it["problem"].get<std::string>())
                     << '\n';
    }
  }
  return whole && damaged > 0 ? kRefused : kOk;
}

/// Calls `take` for each record of the segments, until it gives false. What cannot be read is told
/// and passed.
Result<void> ForEach(const Session& session, std::vector<journal::SegmentInfo> segments,
                     const std::function<bool(const journal::SegmentInfo&, std::uint64_t offset,
                                              const journal::RecordView&)>& take) {
  journal::Records records{std::move(segments), [&session](const std::string& what) {
                             session.io.err << Printable(what) << '\n';
                           }};
  for (;;) {
    const auto item = records.Next();
    if (!item) return item.error();
    if (!*item || !take(*(*item)->segment, (*item)->offset, (*item)->record)) return {};
  }
}

/// A message of the broker's as JSON; absent when it is none.
std::optional<json> FrameJson(std::string_view bytes) {
  wire::OrderedFeedResponse frame;
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(frame, &text).ok()) return std::nullopt;
  return json::parse(text, nullptr, false);
}

/// `heads`: without the broker's message.
json RecordJson(const journal::SegmentInfo& segment, std::uint64_t offset,
                const journal::RecordView& record, bool heads) {
  json out{{"run", segment.name.instance},
           {"segment", segment.name.number},
           {"offset", offset},
           {"received_ns", std::to_string(record.received_ns)},
           {"bytes", record.payload.size()}};
  std::vector<std::int64_t> instruments;
  switch (record.kind) {
    case journal::Kind::kFrame:
    case journal::Kind::kState: {
      out["kind"] = record.kind == journal::Kind::kFrame ? "frame" : "state";
      out["first_seq"] = std::to_string(record.first_seq);
      out["ticks"] = record.ticks;
      if (const auto frame = journal::ParseFrame(record.payload, instruments)) {
        out["simulated"] = frame->simulated;
        if (heads) break;
        if (auto content = FrameJson(frame->bytes)) out["frame"] = std::move(*content);
      }
      break;
    }
    case journal::Kind::kNotice:
      out["kind"] = "gap";
      if (const auto gap = journal::ParseGap(record.payload)) {
        out["from_ns"] = std::to_string(gap->from_ns);
        const bool open = gap->to_ns == journal::GapPayload::kOpen;
        if (open) out["kind"] = gap->from_ns == 0 ? "no gap is open" : "a gap is open";
        if (!open) out["to_ns"] = std::to_string(gap->to_ns);
        out["cause"] = gap->cause;
        out["detail"] = gap->detail;
      }
      break;
    case journal::Kind::kGap:
      out["kind"] = "lost";
      if (const auto lost = journal::ParseStretch(record.payload)) {
        out["from_ns"] = std::to_string(lost->from_ns);
        out["to_ns"] = std::to_string(lost->to_ns);
        out["cause"] = lost->cause;
        out["frames"] = lost->records;
        out["ticks"] = lost->ticks;
      }
      break;
    case journal::Kind::kSeal:
      out["kind"] = "seal";
      break;
  }
  return out;
}

std::string RecordLine(const json& record) {
  std::string line = IstTime(std::stoll(record["received_ns"].get<std::string>()) / kNsPerMs) +
                     "  " + std::to_string(record["segment"].get<std::uint64_t>()) + ":" +
                     std::to_string(record["offset"].get<std::uint64_t>()) + "  " +
                     record.value("kind", "?");
  if (record.contains("cause")) return line + "  " + record["cause"].get<std::string>();
  line += "  seq " + record.value("first_seq", "0") + " +" +
          std::to_string(record.value("ticks", 0)) + "  " +
          std::to_string(record["bytes"].get<std::size_t>()) + " bytes";
  if (!record.contains("frame"))
    return line + (record.contains("simulated") ? "" : "  not readable");
  for (const json& entry : record["frame"].value("feeds", json::array())) {
    line += "  " + entry.value("key", "");
  }
  return line;
}

int RunCat(const Session& session, const JournalOptions& options) {
  const auto segments = SegmentsOf(session, options);
  if (!segments) return session.Fail("journal cat", segments.error());
  std::int64_t shown = 0;
  const auto read =
      ForEach(session, *segments, [&](const auto& segment, auto offset, const auto& record) {
        const json out = RecordJson(segment, offset, record, options.heads);
        session.io.out << (session.json ? Dump(out) : Printable(RecordLine(out))) << '\n';
        ++shown;
        return (options.limit == 0 || shown < options.limit) && session.io.out;
      });
  return read ? kOk : session.Fail("journal cat", read.error());
}

/// `2025-12-15T09:32:49.123456`, India's clock, as recordings of the feed have it.
std::string RecordedAt(std::int64_t received_ns) {
  std::string text = IstTime(received_ns / kNsPerMs);
  text[10] = 'T';
  std::string micros = std::to_string(received_ns / 1'000 % 1'000'000);
  return text + "." + std::string(6 - micros.size(), '0') + micros;
}

/// Writes what the broker sent of each instrument as one JSON array, in the form that
/// `sauda-sim --capture` reads.
bool SaysSomething(const wire::Feed& feed) {
  return feed.has_ltpc() || feed.has_firstlevelwithgreeks() || feed.fullfeed().has_marketff() ||
         feed.fullfeed().has_indexff();
}

int RunExport(const Session& session, const JournalOptions& options) {
  const auto segments = SegmentsOf(session, options);
  if (!segments) return session.Fail("journal export", segments.error());
  std::ofstream file{options.out};
  if (!file) {
    return session.Fail("journal export", {Code::kInvalidArgument, "FILE_NOT_WRITABLE",
                                           options.out + " cannot be written"});
  }
  const std::set<std::string> wanted{options.keys.begin(), options.keys.end()};
  std::vector<std::int64_t> instruments;
  std::int64_t written = 0;
  const auto take = [&](const auto&, auto, const journal::RecordView& record) {
    if (record.kind != journal::Kind::kFrame) return true;
    const auto payload = journal::ParseFrame(record.payload, instruments);
    wire::OrderedFeedResponse frame;
    if (!payload ||
        !frame.ParseFromArray(payload->bytes.data(), static_cast<int>(payload->bytes.size()))) {
      return true;
    }
    std::size_t place = 0;  // among those that say something
    for (const wire::FeedEntry& entry : frame.feeds()) {
      if (!SaysSomething(entry.value()) || !journal::WasTold(payload->instruments, place++)) {
        continue;
      }
      if (!wanted.empty() && !wanted.contains(entry.key())) continue;
      std::string text;
      if (!google::protobuf::util::MessageToJsonString(entry.value(), &text).ok()) continue;
      json element = json::parse(text, nullptr, false);
      element["instrumentKey"] = entry.key();
      element["_insertion_time"] = RecordedAt(record.received_ns);
      file << (written++ == 0 ? "[\n" : ",\n") << Dump(element);
    }
    return static_cast<bool>(file);
  };
  const auto read = ForEach(session, *segments, take);
  if (!read) return session.Fail("journal export", read.error());
  file << (written == 0 ? "[]\n" : "\n]\n");
  file.close();
  if (!file) {
    return session.Fail("journal export", {Code::kUnavailable, "FILE_NOT_WRITABLE",
                                           options.out + " could not be written to its end"});
  }
  if (session.json) {
    session.io.out << Dump({{"file", options.out}, {"elements", written}}) << '\n';
  } else {
    session.io.out << written << " elements in " << Printable(options.out) << '\n';
  }
  return kOk;
}

}  // namespace

void AddJournalCommands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("journal", "the feed's journal: every frame as it came");
  group->require_subcommand(1);
  const auto options = std::make_shared<JournalOptions>();
  options->dir = session.io.environment("SAUDA_FEED_JOURNAL_DIR").value_or(".sauda/journal");
  const auto add = [&](const char* name, const char* help, std::function<int()> action) {
    auto* const command = group->add_subcommand(name, help);
    command
        ->add_option("--dir", options->dir,
                     "folder of the journal, feed's --journal-dir (SAUDA_FEED_JOURNAL_DIR)")
        ->capture_default_str();
    command->add_option("--run", options->run, "one run of the feed only");
    command->callback([&session, action = std::move(action)] { session.action = action; });
    return command;
  };
  add("ls", "its files: run, time, frames, ticks, size, state",
      [&session, options] { return RunList(session, *options, false); });
  add("verify", "reads all of it; ends with 1 when something is damaged",
      [&session, options] { return RunList(session, *options, true); });
  auto* const cat = add("cat", "its records, a line each, or whole with --json",
                        [&session, options] { return RunCat(session, *options); });
  cat->add_option("--limit", options->limit, "end after so many records")
      ->check(CLI::PositiveNumber);
  cat->add_flag("--heads", options->heads, "leave the broker's messages unread: much quicker");
  auto* const write = add("export", "a recording that sauda-sim --capture can serve again",
                          [&session, options] { return RunExport(session, *options); });
  write->add_option("--out", options->out, "the file to write, JSON")->required();
  write->add_option("--key", options->keys, "these instruments only");
}

}  // namespace sauda::cli
