#include "libs/http/server_core.hpp"

#include <array>
#include <ctime>

namespace sauda::http {
namespace {

/// Header text as it may stand on the wire: a line break would begin another header.
void AppendClean(std::string& out, std::string_view text) {
  for (const char c : text) out += (c == '\r' || c == '\n' || c == '\0') ? ' ' : c;
}

/// The wall clock in the form of a Date header.
std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

void ServerCore::Join(const std::shared_ptr<Peer>& peer) {
  const std::lock_guard lock{mutex};
  peers.emplace(peer.get(), peer);
}

void ServerCore::Leave(const Peer* peer) {
  {
    const std::lock_guard lock{mutex};
    peers.erase(peer);
  }
  peers_changed.notify_all();
}

std::size_t ServerCore::CountPeers() {
  const std::lock_guard lock{mutex};
  return peers.size();
}

std::vector<std::shared_ptr<Peer>> ServerCore::AllPeers() {
  const std::lock_guard lock{mutex};
  std::vector<std::shared_ptr<Peer>> all;
  all.reserve(peers.size());
  for (const auto& [key, weak] : peers) {
    if (auto peer = weak.lock()) all.push_back(std::move(peer));
  }
  return all;
}

Response ServerCore::ErrorAnswer(int status, std::string_view reason, const std::string& message,
                                 const Request* request) const {
  if (options.error_answer) return options.error_answer(status, reason, message, request);
  return Response::Text(status, std::string{reason} + ": " + message + "\n");
}

std::string FormatHead(const Response& response, std::optional<std::size_t> length, bool chunked,
                       bool keep_alive) {
  std::string head;
  head.reserve(256);
  head += "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += ReasonPhrase(response.status);
  head += "\r\n";
  bool dated = false;
  for (const auto& [name, value] : response.headers) {
    if (EqualIgnoringCase(name, "Content-Length") || EqualIgnoringCase(name, "Connection") ||
        EqualIgnoringCase(name, "Transfer-Encoding")) {
      continue;  // the framing is the server's
    }
    dated = dated || EqualIgnoringCase(name, "Date");
    AppendClean(head, name);
    head += ": ";
    AppendClean(head, value);
    head += "\r\n";
  }
  if (!dated) head += "Date: " + HttpDate() + "\r\n";
  if (length && !HasNoBody(response.status)) {
    head += "Content-Length: " + std::to_string(*length) + "\r\n";
  }
  if (chunked) head += "Transfer-Encoding: chunked\r\n";
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

}  // namespace sauda::http
