#include "services/feed/src/core/board.hpp"

#include <algorithm>

namespace sauda::feed {
namespace {

void Remove(std::vector<std::shared_ptr<UpdateSink>>& sinks, const UpdateSink* sink) {
  std::erase_if(sinks, [sink](const auto& each) { return each.get() == sink; });
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
  for (const auto& sink : line.followers) sink->Offer(update);
  for (const auto& sink : follow_all_) sink->Offer(update);
}

void Board::Join(const std::shared_ptr<UpdateSink>& sink, bool follow_all) {
  sinks_.push_back(sink);
  sink->OnConnection(connection_);
  if (!follow_all) return;
  follow_all_.push_back(sink);
  OfferSnapshots(*sink, {});
}

void Board::Follow(const std::shared_ptr<UpdateSink>& sink, std::span<const InstrumentId> ids) {
  if (ids.empty()) return;
  for (const InstrumentId id : ids) At(id).followers.push_back(sink);
  OfferSnapshots(*sink, ids);
}

void Board::Unfollow(const UpdateSink* sink, std::span<const InstrumentId> ids) {
  for (const InstrumentId id : ids) Remove(At(id).followers, sink);
}

void Board::Leave(const UpdateSink* sink, std::span<const InstrumentId> ids) {
  Unfollow(sink, ids);
  Remove(follow_all_, sink);
  Remove(sinks_, sink);
}

void Board::SetConnection(ConnectionState state) {
  if (state == connection_) return;
  connection_ = state;
  for (const auto& sink : sinks_) sink->OnConnection(state);
}

void Board::Beat() {
  for (const auto& sink : sinks_) sink->OnBeat();
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

void Board::OfferSnapshots(UpdateSink& sink, std::span<const InstrumentId> ids) {
  for (const Update& update : Latest(ids)) sink.Offer(encoder_.AsSnapshot(update));
}

}  // namespace sauda::feed
