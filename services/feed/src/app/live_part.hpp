#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "services/feed/src/adapters/file_journal.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_feed.hpp"
#include "services/feed/src/alert_desk.hpp"
#include "services/feed/src/app/ground.hpp"
#include "services/feed/src/app/rare_log.hpp"
#include "services/feed/src/connector.hpp"
#include "services/feed/src/ingest.hpp"
#include "services/feed/src/publisher.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"
#include "services/feed/src/rpc/stream_loop.hpp"

namespace sauda::feed {

/// The way of a frame: the broker's sockets, the journal, the decoder, the alerts, the publisher.
class LivePart {
 public:
  struct Events {
    std::function<void()> on_frame;          ///< after its ticks are on their way
    std::function<void()> on_token_refused;  ///< by the broker
  };
  /// All that is given outlives it; nothing comes before the connector is started.
  LivePart(Ground& ground, FileJournal& journal, AlertDesk& alerts, Events events);

  Connector& connector() { return *connector_; }
  Publisher& publisher() { return publisher_; }
  /// Where the publisher's thread waits.
  StreamLoop& loop() { return loop_; }
  const Ingest& ingest() const { return ingest_; }

 private:
  Ingest::Outlets Outlets();
  Connector::Events ConnectorEvents();
  void OnBrokerFrame(const BrokerFrame& frame);
  void OnBrokerTime(const Ingest::Times& times);
  void OnOpen(bool simulated);
  void OnState(ConnectionState state);
  void OnGap(const Gap& gap);

  Ground& ground_;
  FileJournal& journal_;
  AlertDesk& alerts_;
  const Events events_;
  SecondsBatch published_;  // the publishing thread's
  RareLog bad_frames_;      // ingest's, which has one caller at a time
  ProtoTickEncoder encoder_;
  UpstoxDecoder decoder_;
  StreamLoop loop_;
  Publisher publisher_;
  HandOver hand_over_;
  Ingest ingest_;
  std::vector<std::unique_ptr<UpstoxFeed>> brokers_;  // one for each connection
  std::unique_ptr<Connector> connector_;
};

}  // namespace sauda::feed
