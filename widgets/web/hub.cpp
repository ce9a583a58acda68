#include "widgets/web/hub.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace memoscape::inline v0::web {

namespace {

constexpr std::chrono::seconds kQuiet{10};  // between two lines of one kind
constexpr std::size_t kMostKinds = 100;     // of warnings that are remembered

void print_line(std::string_view line) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace

std::string random_token() {
  std::array<unsigned char, 16> bytes;
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + done, bytes.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::runtime_error("the system gives no random numbers");
    done += static_cast<std::size_t>(got);
  }
  constexpr char kDigits[] = "0123456789abcdef";
  std::string token;
  for (const unsigned char byte : bytes) {
    token += kDigits[byte >> 4];
    token += kDigits[byte & 15];
  }
  return token;
}

Hub::Hub(Engine& engine, Server::AppScript script, ServeOptions options)
    : engine_(engine),
      script_(std::move(script)),
      options_(std::move(options)),
      workers_(options_.workers) {
  if (options_.inspector) inspector_.emplace(engine_, options_);
}

Hub::~Hub() { stop(); }

std::shared_ptr<AppSession> Hub::find(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::shared_ptr<AppSession> Hub::create() {
  auto session = std::make_shared<AppSession>(*this, random_token());
  const std::scoped_lock lock(mutex_);
  if (is_stopped_ || sessions_.size() >= options_.limits.sessions) return nullptr;
  sessions_.emplace(session->id(), session);
  return session;
}

std::size_t Hub::sessions() const {
  const std::scoped_lock lock(mutex_);
  return sessions_.size();
}

std::string Hub::put(MediaPtr medium) {
  std::string link = random_token();
  const std::scoped_lock lock(mutex_);
  media_.emplace(link, std::move(medium));
  return link;
}

void Hub::drop(const std::string& link) {
  MediaPtr dropped;
  const std::scoped_lock lock(mutex_);
  const auto found = media_.find(link);
  if (found == media_.end()) return;
  dropped = std::move(found->second);
  media_.erase(found);
}

MediaPtr Hub::medium(const std::string& link) const {
  const std::scoped_lock lock(mutex_);
  const auto found = media_.find(link);
  return found == media_.end() ? nullptr : found->second;
}

void Hub::tick() {
  std::vector<std::shared_ptr<AppSession>> all;
  {
    const std::scoped_lock lock(mutex_);
    all.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) all.push_back(session);
  }
  const auto now = std::chrono::steady_clock::now();
  for (const std::shared_ptr<AppSession>& session : all) {
    if (!session->is_due(now)) {
      session->nudge();
      continue;
    }
    {
      const std::scoped_lock lock(mutex_);
      sessions_.erase(session->id());
    }
    session->end("This session has ended, as nobody used it for long.");
  }
}

void Hub::stop() {
  std::map<std::string, std::shared_ptr<AppSession>, std::less<>> all;
  {
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
    all.swap(sessions_);
  }
  for (const auto& [id, session] : all) session->end("The server has stopped.");
  workers_.stop();
}

void Hub::log(std::string_view line) const {
  if (options_.log) {
    options_.log(line);
  } else {
    print_line(line);
  }
}

void Hub::warn(std::string_view kind, std::string_view detail) {
  std::string line(kind);
  if (!detail.empty()) line.append(": ").append(detail);
  {
    const std::scoped_lock lock(mutex_);
    if (warned_.size() >= kMostKinds && !warned_.contains(kind)) return;
    const auto now = std::chrono::steady_clock::now();
    const auto [place, is_new] = warned_.try_emplace(std::string(kind), Repeated{now});
    Repeated& repeated = place->second;
    if (!is_new && now - repeated.last < kQuiet) {
      ++repeated.left_out;
      return;
    }
    if (repeated.left_out > 0) {
      line += " (and " + std::to_string(repeated.left_out) + " more like it)";
    }
    repeated = {now};
  }
  log(line);
}

}  // namespace memoscape::inline v0::web
