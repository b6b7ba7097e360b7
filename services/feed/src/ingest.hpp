#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "services/feed/src/core/broker_feed.hpp"
#include "services/feed/src/core/cadence.hpp"
#include "services/feed/src/core/delta.hpp"
#include "services/feed/src/core/frame_journal.hpp"
#include "services/feed/src/core/hand_over.hpp"
#include "services/feed/src/core/listings.hpp"
#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// Turns frames into ticks: decode, merge into the latest values, number, encode once, hand on; and
/// gives each frame to the journal, with the numbers of what was made of it. Threads that read the
/// broker's sockets call it, one at a time: a mutex makes one order of the frames of all sockets,
/// which is the order of seq, of received_ns, of the journal and so of every rebuild. A queue and a
/// thread would make the same order at the price of a copy of each frame and of one more change of
/// threads; with the mutex a full publisher still stops every socket's reading. The latest values
/// have no other writer.
class Ingest final : public DeltaSink {
 public:
  /// The times that a frame with ticks says, epoch ms.
  struct Times {
    std::int64_t received_ns = 0;  ///< wall clock at the read, since the Unix epoch
    std::int64_t broker_ms = 0;    ///< the broker's, of the frame
    std::int64_t trade_ms = 0;     ///< the exchange's, of the newest trade that is news; 0: none is
  };
  /// Where a frame's ticks go, once a frame, in the order of seq.
  struct Outlets {
    /// Each tick, whole, before its frame is published; never waits. Absent: nobody looks.
    std::function<void(InstrumentId, const Tick&)> on_tick;
    /// May wait: then the socket is not read. False: stopping.
    std::function<bool(std::span<const Update>)> publish;
    /// Of a frame with ticks and the broker's time; never waits.
    std::function<void(const Times&)> on_broker_time;
    std::function<void(const SegmentStatus&)> on_market_status;
    /// A frame that could not be read was skipped; `reason` is FrameDecoder's.
    std::function<void(const Error& error, std::size_t bytes)> on_bad_frame;
    /// Entries of a frame were skipped: they said nothing, nobody wants their key, or another
    /// socket speaks for it.
    std::function<void(std::uint64_t entries)> on_skipped;
  };

  Ingest(FrameDecoder& decoder, TickEncoder& encoder, const Listings& listings, HandOver& hand_over,
         FrameJournal& journal, Outlets outlets)
      : decoder_{decoder},
        encoder_{encoder},
        listings_{listings},
        hand_over_{hand_over},
        journal_{journal},
        outlets_{std::move(outlets)} {}

  /// Thread-safe, as are all.
  void OnFrame(const BrokerFrame& read);

  /// Before a connection's first frame.
  void SetSimulated(bool simulated) { simulated_ = simulated; }

  std::uint64_t ticks() const { return seq_.load(std::memory_order_relaxed); }
  std::uint64_t bad_frames() const { return bad_frames_.load(std::memory_order_relaxed); }
  /// Entries that were skipped, as on_skipped tells them.
  std::uint64_t skipped_entries() const { return skipped_.load(std::memory_order_relaxed); }

 private:
  void OnHead(const FrameHead& head) override { broker_ms_ = head.broker_ms; }
  void OnDelta(const Delta& delta) override;
  std::int64_t InOrder(std::int64_t received_ns);
  void Skip();
  void NoteSpacing(InstrumentId id, Monotonic before);

  FrameDecoder& decoder_;
  TickEncoder& encoder_;
  const Listings& listings_;
  HandOver& hand_over_;
  FrameJournal& journal_;
  const Outlets outlets_;
  std::atomic<bool> simulated_{false};
  std::atomic<std::uint64_t> seq_{0};
  std::atomic<std::uint64_t> bad_frames_{0};
  std::atomic<std::uint64_t> skipped_{0};

  std::mutex mutex_;                       // guards everything below
  std::vector<Tick> latest_;               // by InstrumentId
  std::vector<Cadence> cadences_;          // by InstrumentId
  std::int64_t newest_ns_ = 0;             // when the last frame was received
  const BrokerFrame* frame_ = nullptr;     // under way
  std::int64_t broker_ms_ = 0;             // of it
  std::int64_t trade_ms_ = 0;              // of it, as Times has it
  std::uint64_t frame_skipped_ = 0;        // of it
  std::vector<Update> updates_;            // of it
  std::vector<std::int64_t> instruments_;  // of it, as JournaledFrame has them
};

}  // namespace sauda::feed
