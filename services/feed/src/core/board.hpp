#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// The newest update of every instrument, and who follows it. Belongs to the publishing thread,
/// which makes every call: it needs no lock, and a follower gets the newest update first, then
/// every later one, without gap or repeat. Grows with the highest instrument opened.
class Board {
 public:
  explicit Board(const TickEncoder& encoder) : encoder_{encoder} {}

  /// Takes updates of `ids` from now on.
  void Open(std::span<const InstrumentId> ids);
  /// Forgets what is known of `ids`; an update that is still on its way is ignored.
  void Close(std::span<const InstrumentId> ids);

  /// Offers one update to its followers. Flush comes after the last of some.
  void Apply(const Update& update);
  /// Tells those who were offered something that it may leave.
  void Flush();

  void Join(const std::shared_ptr<UpdateSink>& sink, bool follow_all);
  void Follow(const std::shared_ptr<UpdateSink>& sink, std::span<const InstrumentId> ids);
  void Unfollow(const UpdateSink* sink, std::span<const InstrumentId> ids);
  void Leave(const UpdateSink* sink, std::span<const InstrumentId> ids);

  void SetConnection(ConnectionState state);
  void Beat();

  /// Newest updates of `ids`, or of all when there are none, in the order of their seq.
  std::vector<Update> Latest(std::span<const InstrumentId> ids) const;

  std::size_t sinks() const { return seats_.size(); }
  /// Instruments that have a newest update.
  std::size_t known() const { return known_; }

 private:
  /// One subscriber and whether it was offered something since the last Flush.
  struct Seat {
    std::shared_ptr<UpdateSink> sink;
    bool offered = false;
  };
  using SeatPtr = std::shared_ptr<Seat>;
  struct Line {
    bool open = false;
    std::optional<Update> newest;
    std::vector<SeatPtr> followers;
  };

  Line& At(InstrumentId id);
  SeatPtr SeatOf(const std::shared_ptr<UpdateSink>& sink);
  void Offer(const SeatPtr& seat, const Update& update);
  void OfferSnapshots(const SeatPtr& seat, std::span<const InstrumentId> ids);

  const TickEncoder& encoder_;
  std::vector<Line> lines_;  // by InstrumentId
  std::vector<SeatPtr> seats_;
  std::vector<SeatPtr> follow_all_;  // a part of seats_
  std::vector<SeatPtr> offered_;     // since the last Flush, each once
  ConnectionState connection_ = ConnectionState::kConnecting;
  std::size_t known_ = 0;
};

}  // namespace sauda::feed
