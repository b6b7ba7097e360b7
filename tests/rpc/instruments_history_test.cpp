#include <future>
#include <set>
#include <thread>

#include "libs/calendar/ist.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/instruments_server.hpp"

namespace sauda::instruments {
namespace {

using Stub = wire::InstrumentsService::Stub;

/// What is asked about syncs and what they changed.
class InstrumentsHistoryTest : public InstrumentsServiceTest {
 protected:
  /// Syncs these records.
  void SyncRecords(const std::vector<std::string>& records) {
    source_.text = Array(records);
    wire::SyncReport report;
    ASSERT_EQ(Sync(&report), Error{});
  }
  std::string Today() const { return calendar::IstDate::Of(market_.NowMs()).ToString(); }
};

TEST_F(InstrumentsHistoryTest, AnInstrumentAsItWasOnADay) {
  SyncRecords({ShareJson(1), ShareJson(2)});
  const std::string first_day = Today();
  clock_.Advance(std::chrono::hours{48});
  SyncRecords({ShareJson(1, 5), ShareJson(2), ShareJson(3)});
  wire::GetInstrumentRequest request;
  request.set_name("SHARE100001");
  wire::Instrument found;
  ASSERT_EQ(Call(&Stub::GetInstrument, request, &found), Error{});
  EXPECT_EQ(found.lot_size(), 5);
  request.set_as_of(first_day);
  ASSERT_EQ(Call(&Stub::GetInstrument, request, &found), Error{});
  EXPECT_EQ(found.lot_size(), 1);
  request.set_as_of(Today());
  ASSERT_EQ(Call(&Stub::GetInstrument, request, &found), Error{});
  EXPECT_EQ(found.lot_size(), 5);
  request.set_name("SHARE100003");
  request.set_as_of(first_day);
  EXPECT_EQ(Call(&Stub::GetInstrument, request, &found).reason, "INSTRUMENT_UNKNOWN");
  request.set_as_of("2001-01-01");
  EXPECT_EQ(Call(&Stub::GetInstrument, request, &found).reason, "AS_OF_TOO_EARLY");
  request.set_as_of("2025-02-30");
  EXPECT_EQ(Call(&Stub::GetInstrument, request, &found).reason, "DATE_MALFORMED");
}

TEST_F(InstrumentsHistoryTest, ListsChangesAndSyncs) {
  SyncRecords({ShareJson(1), ShareJson(2), ShareJson(3), ShareJson(4), ShareJson(5)});
  SyncRecords({ShareJson(1, 5), ShareJson(2), ShareJson(3), ShareJson(4), ShareJson(6)});
  source_.text = "[{}";
  wire::SyncReport report;
  EXPECT_EQ(Sync(&report).reason, "MASTER_TRUNCATED");
  wire::ListChangesResponse changes;
  ASSERT_EQ(Call(&Stub::ListChanges, wire::ListChangesRequest{}, &changes), Error{});
  std::set<std::string> told;
  for (const auto& each : changes.changes()) {
    told.insert(each.trading_symbol() + " " + wire::ChangeKind_Name(each.kind()) + " " +
                each.before() + ">" + each.after());
  }
  EXPECT_EQ(told, (std::set<std::string>{"SHARE100001 CHANGE_KIND_LOT_SIZE 1>5",
                                         "SHARE100005 CHANGE_KIND_DELISTED >",
                                         "SHARE100006 CHANGE_KIND_LISTED >"}));
  wire::ListChangesRequest some;
  some.set_after_sequence(changes.changes(0).sequence());
  some.set_page_size(1);
  ASSERT_EQ(Call(&Stub::ListChanges, some, &changes), Error{});
  EXPECT_EQ(changes.changes_size(), 1);
  some.set_after_sequence(-1);
  EXPECT_EQ(Call(&Stub::ListChanges, some, &changes).reason, "SEQUENCE_INVALID");
  some.set_after_sequence(0);
  some.set_page_size(5'001);
  EXPECT_EQ(Call(&Stub::ListChanges, some, &changes).reason, "PAGE_SIZE_INVALID");

  wire::ListSyncsRequest list;
  list.set_page_size(2);
  wire::ListSyncsResponse syncs;
  ASSERT_EQ(Call(&Stub::ListSyncs, list, &syncs), Error{});
  ASSERT_EQ(syncs.syncs_size(), 2);
  EXPECT_EQ(syncs.syncs(0).state(), wire::SYNC_STATE_FAILED);
  EXPECT_TRUE(syncs.syncs(0).failure().starts_with("MASTER_TRUNCATED: "));
  EXPECT_EQ(syncs.syncs(1).report().updated(), 1);
  list.set_page_token(syncs.next_page_token());
  ASSERT_EQ(Call(&Stub::ListSyncs, list, &syncs), Error{});
  ASSERT_EQ(syncs.syncs_size(), 1);
  EXPECT_EQ(syncs.syncs(0).report().inserted(), 5);
  EXPECT_EQ(syncs.next_page_token(), "");
}

TEST_F(InstrumentsHistoryTest, WatchingGivesOldAndNewChangesAndEndsWithTheService) {
  SyncRecords({ShareJson(1), ShareJson(2)});
  SyncRecords({ShareJson(1, 5), ShareJson(2)});
  grpc::ClientContext context;
  const auto stream = stub_->WatchChanges(&context, {});
  wire::InstrumentChange change;
  ASSERT_TRUE(stream->Read(&change));
  EXPECT_EQ(change.after(), "5");
  SyncRecords({ShareJson(1, 6), ShareJson(2)});
  ASSERT_TRUE(stream->Read(&change));
  EXPECT_EQ(change.before(), "5");
  EXPECT_EQ(change.after(), "6");
  service_.EndStreams();
  EXPECT_FALSE(stream->Read(&change));
  EXPECT_EQ(rpc::FromStatus(stream->Finish()).reason, "SHUTTING_DOWN");
}

TEST_F(InstrumentsHistoryTest, StreamsAreBounded) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<wire::InstrumentChange>>> streams;
  for (int i = 0; i < Watches::kMost; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub_->WatchChanges(contexts.back().get(), {}));
  }
  const auto refused = [&] {
    grpc::ClientContext context;
    const auto stream = stub_->WatchSync(&context, {});
    wire::SyncProgress progress;
    while (stream->Read(&progress)) {
    }
    const auto status = stream->Finish();
    return status.ok() ? std::string{} : rpc::FromStatus(status).reason;
  };
  EXPECT_TRUE(Eventually([&] { return refused() == "TOO_MANY_WATCHERS"; }));
  contexts.front()->TryCancel();
  EXPECT_TRUE(Eventually([&] { return refused().empty(); })) << "its place is free again";
  for (const auto& context : contexts) context->TryCancel();
}

TEST_F(InstrumentsHistoryTest, ASyncShowsHowFarItIs) {
  grpc::ClientContext idle;
  const auto nothing = stub_->WatchSync(&idle, {});
  wire::SyncProgress progress;
  ASSERT_TRUE(nothing->Read(&progress));
  EXPECT_EQ(progress.phase(), wire::SYNC_PHASE_IDLE);
  EXPECT_FALSE(nothing->Read(&progress));
  EXPECT_TRUE(nothing->Finish().ok());

  source_.text = Array(Shares(2'000));
  std::promise<void> halfway;
  std::promise<void> go_on;
  int pieces = 0;
  source_.between = [&] {
    if (++pieces != 20) return;
    halfway.set_value();
    go_on.get_future().wait();
  };
  wire::SyncReport report;
  std::thread syncing{[&] { EXPECT_EQ(Sync(&report), Error{}); }};
  halfway.get_future().wait();
  grpc::ClientContext context;
  const auto stream = stub_->WatchSync(&context, {});
  ASSERT_TRUE(stream->Read(&progress));
  EXPECT_EQ(progress.phase(), wire::SYNC_PHASE_READING);
  EXPECT_GT(progress.records(), 0);
  EXPECT_LT(progress.records(), 2'000);
  EXPECT_GT(progress.bytes(), 50'000);
  go_on.set_value();
  while (stream->Read(&progress)) {
  }
  EXPECT_EQ(progress.phase(), wire::SYNC_PHASE_IDLE);
  EXPECT_TRUE(stream->Finish().ok());
  syncing.join();
  EXPECT_EQ(report.inserted(), 2'000);
}

TEST_F(InstrumentsHistoryTest, AnUnchangedSourceIsNotReadAgain) {
  source_.tag = "one";
  source_.text = Array(Shares(5));
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  EXPECT_FALSE(report.not_modified());
  source_.text = "not to be looked at";
  ASSERT_EQ(Sync(&report), Error{});
  EXPECT_TRUE(report.not_modified());
  EXPECT_EQ(report.unchanged(), 5);
  EXPECT_EQ(report.records(), 0);
  EXPECT_EQ(report.segments_size(), 1);
  source_.tag = "two";
  source_.text = Array(Shares(6));
  ASSERT_EQ(Sync(&report), Error{});
  EXPECT_EQ(report.inserted(), 1);
  EXPECT_EQ(source_.asked.kept_tag, "one");
}

TEST_F(InstrumentsHistoryTest, ExpiriesAndChain) {
  const std::int64_t day = 86'400'000;
  SyncRecords({CallJson(1, market_.NowMs() + 9 * day, "22300"),
               CallJson(2, market_.NowMs() + 2 * day, "22200"),
               CallJson(3, market_.NowMs() + 2 * day, "22100"),
               CallJson(4, market_.NowMs() + 2 * day, "22250"),
               CallJson(5, market_.NowMs() - day, "22000")});
  wire::ListExpiriesRequest expiries;
  expiries.set_underlying("NIFTY");
  wire::ListExpiriesResponse days;
  ASSERT_EQ(Call(&Stub::ListExpiries, expiries, &days), Error{});
  ASSERT_EQ(days.expiries_size(), 2) << "one is over";
  EXPECT_EQ(days.segment(), "NSE_FO");
  EXPECT_EQ(days.expiries(0).options(), 3);
  EXPECT_TRUE(days.expiries(0).weekly());
  wire::GetOptionChainRequest get;
  get.set_underlying("NSE_INDEX|Nifty 50");
  wire::OptionChain chain;
  ASSERT_EQ(Call(&Stub::GetOptionChain, get, &chain), Error{});
  ASSERT_EQ(chain.strikes_size(), 3);
  EXPECT_EQ(chain.expiry(), days.expiries(0).date());
  EXPECT_EQ(chain.strikes(0).strike_price(), "22100");
  EXPECT_EQ(chain.strikes(2).strike_price(), "22250");
  EXPECT_EQ(chain.strikes(0).call().instrument_key(), "NSE_FO|3");
  EXPECT_FALSE(chain.strikes(0).has_put());
  get.set_near_price("22190");
  get.set_strikes(2);
  ASSERT_EQ(Call(&Stub::GetOptionChain, get, &chain), Error{});
  ASSERT_EQ(chain.strikes_size(), 2);
  EXPECT_EQ(chain.strikes(0).strike_price(), "22200");
  get.set_expiry(days.expiries(1).date());
  ASSERT_EQ(Call(&Stub::GetOptionChain, get, &chain), Error{});
  ASSERT_EQ(chain.strikes_size(), 1);

  const auto refused = [&](auto change) {
    wire::GetOptionChainRequest request;
    request.set_underlying("NIFTY");
    change(request);
    return Call(&Stub::GetOptionChain, request, &chain).reason;
  };
  EXPECT_EQ(refused([](auto& it) { it.clear_underlying(); }), "NO_INSTRUMENT_NAMED");
  EXPECT_EQ(refused([](auto& it) { it.set_underlying("NONE"); }), "CONTRACTS_NONE");
  EXPECT_EQ(refused([](auto& it) { it.set_segment("BSE_FO"); }), "CONTRACTS_NONE");
  EXPECT_EQ(refused([](auto& it) { it.set_segment("X"); }), "SEGMENT_UNKNOWN");
  EXPECT_EQ(refused([](auto& it) { it.set_expiry("tomorrow"); }), "DATE_MALFORMED");
  EXPECT_EQ(refused([](auto& it) { it.set_expiry("2001-01-01"); }), "EXPIRY_UNKNOWN");
  EXPECT_EQ(refused([](auto& it) { it.set_near_price("-1"); }), "PRICE_INVALID");
  EXPECT_EQ(refused([](auto& it) { it.set_strikes(5); }), "STRIKES_INVALID");
}

}  // namespace
}  // namespace sauda::instruments
