#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/measured_syncs.hpp"
#include "services/instruments/src/rpc/instruments_service.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_instrument_store.hpp"
#include "tests/support/memory_list_store.hpp"

namespace sauda::instruments {

namespace wire = v1alpha1;

/// The service over memory, asked by a real client. Thirty shares and two calls wait to be synced,
/// one of which has expired.
class InstrumentsServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(catalogs_.Refresh());
    ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&service_}));
    stub_ = wire::InstrumentsService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
    auto records = Shares(30);
    records.push_back(CallJson(46'913, market_.NowMs() + 86'400'000));
    records.push_back(CallJson(46'914, market_.NowMs() - 86'400'000, "22300"));
    source_.text = Array(records);
  }

  /// The failure of a call, or an empty one.
  template <typename Request, typename Response>
  Error Call(grpc::Status (wire::InstrumentsService::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
             const Request& request, Response* response) {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "test");
    const auto status = (*stub_.*method)(&context, request, response);
    return status.ok() ? Error{} : rpc::FromStatus(status);
  }
  Error Sync(wire::SyncReport* report) {
    return Call(&wire::InstrumentsService::Stub::Sync, wire::SyncRequest{}, report);
  }
  Error Get(const std::string& name, wire::Instrument* found) {
    wire::GetInstrumentRequest request;
    request.set_name(name);
    return Call(&wire::InstrumentsService::Stub::GetInstrument, request, found);
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  TextSource source_;
  LocalLock lock_;
  MemoryInstrumentStore store_;
  TextLists list_source_;
  MemoryListStore list_store_;
  ListSync list_sync_{
      {list_source_, list_store_, [] { return std::make_unique<SimdjsonRecordParser>(); }}};
  MasterSync sync_{{source_, lock_, store_, clock_, market_,
                    [] { return std::make_unique<SimdjsonRecordParser>(); }, &list_sync_},
                   {}};
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  CatalogKeeper catalogs_{store_};
  ListKeeper lists_{list_store_};
  MeasuredSyncs syncs_{{sync_, store_, catalogs_, metrics_, clock_, lists_}};
  rpc::Calls calls_{registry_, "instruments"};
  InstrumentsService service_{{syncs_, store_, catalogs_, list_store_, lists_, market_, calls_}};
  rpc::Server server_;
  std::unique_ptr<wire::InstrumentsService::Stub> stub_;
};

}  // namespace sauda::instruments
