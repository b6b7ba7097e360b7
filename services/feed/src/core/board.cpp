#include "services/feed/src/core/board.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {
namespace {

template <typename Seats>
void Remove(Seats& seats, const UpdateSink* sink) {
  std::erase_if(seats, [sink](const auto& each) { return each->sink.get() == sink; });
}

}  // namespace

Board::Line& Board::At(InstrumentId id) {
  if (id >= lines_.size()) lines_.resize(id + 1U);
  return lines_[id];
}

void Board::Open(std::span<const InstrumentId> ids) {
  for (const InstrumentId id : ids) At(id).open = true;
}

void Board::Close(std::span<const InstrumentId> ids) {
  for (const InstrumentId id : ids) {
    Line& line = At(id);
    line.open = false;
    if (line.newest) --known_;
    line.newest.reset();
  }
}

void Board::Apply(const Update& update) {
  Line& line = At(update.instrument);
  if (!line.open) return;
  if (!line.newest) ++known_;
  line.newest = update;
  for (const SeatPtr& seat : line.followers) Offer(seat, update);
  for (const SeatPtr& seat : follow_all_) Offer(seat, update);
}

void Board::Offer(const SeatPtr& seat, const Update& update) {
  seat->sink->Offer(update);
  if (std::exchange(seat->offered, true)) return;
  offered_.push_back(seat);
}

void Board::Flush() {
  for (const SeatPtr& seat : offered_) {
    seat->offered = false;
    seat->sink->Flush();
  }
  offered_.clear();
}

Board::SeatPtr Board::SeatOf(const std::shared_ptr<UpdateSink>& sink) {
  for (const SeatPtr& seat : seats_) {
    if (seat->sink == sink) return seat;
  }
  return seats_.emplace_back(std::make_shared<Seat>(Seat{.sink = sink}));
}

void Board::Join(const std::shared_ptr<UpdateSink>& sink, bool follow_all) {
  const SeatPtr seat = SeatOf(sink);
  sink->OnConnection(connection_);
  if (!follow_all) return;
  follow_all_.push_back(seat);
  OfferSnapshots(seat, {});
}

void Board::Follow(const std::shared_ptr<UpdateSink>& sink, std::span<const InstrumentId> ids) {
  if (ids.empty()) return;
  const SeatPtr seat = SeatOf(sink);
  for (const InstrumentId id : ids) At(id).followers.push_back(seat);
  OfferSnapshots(seat, ids);
}

void Board::Unfollow(const UpdateSink* sink, std::span<const InstrumentId> ids) {
  for (const InstrumentId id : ids) Remove(At(id).followers, sink);
}

void Board::Leave(const UpdateSink* sink, std::span<const InstrumentId> ids) {
  Unfollow(sink, ids);
  Remove(follow_all_, sink);
  Remove(offered_, sink);
  Remove(seats_, sink);
}

void Board::SetConnection(ConnectionState state) {
  if (state == connection_) return;
  connection_ = state;
  for (const SeatPtr& seat : seats_) seat->sink->OnConnection(state);
}

void Board::Beat() {
  for (const SeatPtr& seat : seats_) seat->sink->OnBeat();
}

std::vector<Update> Board::Latest(std::span<const InstrumentId> ids) const {
  std::vector<Update> found;
  const auto add = [&found](const Line& line) {
    if (line.newest) found.push_back(*line.newest);
  };
  if (ids.empty()) {
    for (const Line& line : lines_) add(line);
  } else {
    for (const InstrumentId id : ids) {
      if (id < lines_.size()) add(lines_[id]);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Update& a, const Update& b) { return a.seq < b.seq; });
  return found;
}

void Board::OfferSnapshots(const SeatPtr& seat, std::span<const InstrumentId> ids) {
  for (const Update& update : Latest(ids)) {
    Update snapshot = encoder_.AsSnapshot(update);
    snapshot.received_at = {};
    Offer(seat, snapshot);
  }
}

}  // namespace sauda::feed
