#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/auth/v1alpha1/keys.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = auth::v1alpha1;

constexpr std::int64_t kMostOfAPage = 1'000;
constexpr std::chrono::minutes kVerifyLimit{5};  // it reads every row

struct VerifyOptions {
  std::string expected;  // SEQ:HASH
};

int RunList(const Session& session, std::int64_t limit) {
  constexpr auto kDoing = "audit ls";
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail(kDoing, channel.error());
  pb::ListAuditRequest request;
  pb::ListAuditResponse all;
  do {
    request.set_page_size(
        static_cast<std::int32_t>(std::min(limit - all.rows_size(), kMostOfAPage)));
    pb::ListAuditResponse page;
    const auto asked = session.Call(session.timeout(), [&](grpc::ClientContext& context) {
      return pb::KeysService::NewStub(*channel)->ListAudit(&context, request, &page);
    });
    if (!asked) return session.Fail(kDoing, asked.error());
    for (auto& row : *page.mutable_rows()) all.add_rows()->Swap(&row);
    all.set_next_page_token(page.next_page_token());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && all.rows_size() < limit);
  if (session.json) {
    session.io.out << Dump(ToJson(all), true) << '\n';
    return kOk;
  }
  Table table{{"row", "when (IST)", "by", "what", "to", "more"}};
  for (const pb::AuditRow& row : all.rows()) {
    table.Add({std::to_string(row.seq()), IstTime(row.at_ms()), Printable(row.actor()),
               Printable(row.action()), Printable(row.subject()),
               row.detail() == "{}" ? "" : Printable(row.detail())});
  }
  table.Print(session.io.out);
  if (!all.next_page_token().empty()) session.io.err << "there are more; --limit shows them\n";
  return kOk;
}

/// `12:0a1b…`, as this command prints it; absent: it is not in that form.
std::optional<pb::AuditHead> HeadOf(const std::string& text) {
  std::int64_t seq = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, seq);
  if (problem != std::errc{} || stop == end || *stop != ':') return std::nullopt;
  pb::AuditHead head;
  head.set_seq(seq);
  head.set_hash(std::string{stop + 1, end});
  return head;
}

int RunVerify(const Session& session, const VerifyOptions& options) {
  constexpr auto kDoing = "audit verify";
  pb::VerifyAuditRequest request;
  if (!options.expected.empty()) {
    const auto head = HeadOf(options.expected);
    if (!head) {
      session.io.err << "saudactl: --expect: as an earlier `saudactl audit verify` printed it, "
                        "ROW:HASH\n";
      return kUsage;
    }
    *request.mutable_expected() = *head;
  }
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail(kDoing, channel.error());
  pb::VerifyAuditResponse verdict;
  const auto asked = session.Call(kVerifyLimit, [&](grpc::ClientContext& context) {
    return pb::KeysService::NewStub(*channel)->VerifyAudit(&context, request, &verdict);
  });
  if (!asked) return session.Fail(kDoing, asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(verdict), true) << '\n';
  } else if (verdict.has_broken()) {
    session.io.out << "BROKEN at row " << verdict.broken().seq() << ": "
                   << Printable(verdict.broken().reason()) << ": "
                   << Printable(verdict.broken().message()) << "\n  " << verdict.rows()
                   << " rows before it are as they should be\n";
  } else {
    session.io.out << verdict.rows() << " rows, all as they should be\nhead "
                   << verdict.head().seq() << ':' << verdict.head().hash() << '\n';
    session.io.err
        << "keep the head elsewhere: `saudactl audit verify --expect` compares with it\n";
  }
  return verdict.has_broken() ? kRefused : kOk;
}

}  // namespace

void AddAuditCommands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("audit", "who did what");
  group->require_subcommand(1);

  const auto limit = std::make_shared<std::int64_t>(50);
  auto* const list = group->add_subcommand("ls", "the newest acts, newest first");
  list->add_option("--limit", *limit, "most rows")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  list->callback([&session, limit] {
    session.action = [&session, limit] { return RunList(session, *limit); };
  });

  const auto options = std::make_shared<VerifyOptions>();
  auto* const verify = group->add_subcommand("verify", "check the whole chain of the audit");
  verify->add_option("--expect", options->expected,
                     "head that an earlier run printed: the chain must still hold it");
  verify->callback([&session, options] {
    session.action = [&session, options] { return RunVerify(session, *options); };
  });
}

}  // namespace sauda::cli
