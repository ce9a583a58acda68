// AppSession: a session whose page is in a browser tab.
//
// States. A run is queued or under way (`is_busy_`), or not; `is_dirty_` says that there is more to
// apply, and so another run to come. Who makes an idle session dirty queues a job for the workers;
// who makes a busy one dirty stops its run. A job applies what has come, runs, and shows the page.
//
// One message is on its way to the browser at most: while it is, the newest page waits, and older
// ones are never made. So a reader that is slow costs the memory of one update.
//
// Locking. `mutex_` guards all members but the Session itself, which belongs to the job in
// progress. No user code runs under it.
//
// Thread-safety: all members may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/session.hpp"
#include "widgets/web/message.hpp"
#include "widgets/web/view.hpp"

namespace memoscape::inline v0::web {

class Hub;

// Why a connection is closed, beside the codes of RFC 6455.
enum class CloseCode : std::uint16_t {
  going_away = 1001,
  not_allowed = 1008,
  try_again_later = 1013,
  ended = 4000,     // the session has; another one may be begun
  replaced = 4001,  // another connection has taken the session over
};

// The connection to a browser tab. Its members return at once.
class Peer {
 public:
  virtual ~Peer() = default;
  // Sends a message, then calls AppSession::sent.
  virtual void send(std::string message) = 0;
  virtual void close(CloseCode code, std::string_view reason) = 0;
};

class AppSession final : public std::enable_shared_from_this<AppSession> {
 public:
  using Clock = std::chrono::steady_clock;

  AppSession(Hub& hub, std::string id);
  AppSession(const AppSession&) = delete;
  AppSession& operator=(const AppSession&) = delete;
  ~AppSession();

  const std::string& id() const noexcept { return id_; }

  // --- of the connection ---
  void attach(std::shared_ptr<Peer> peer, const Hello& hello);
  void detach(const Peer& peer);
  void sent(const Peer& peer);
  void take(Event event);
  void stop_run();

  // The upload widget with this id, or null; and what was uploaded for it.
  StateReadPtr upload_widget(NodeId id) const;
  void take_upload(NodeId id, MediaPtr file);

  // --- of the server ---
  bool is_due(Clock::time_point now) const;
  void nudge();
  // Its run is stopped; the last one who holds it destroys it.
  void end(std::string_view reason);

 private:
  struct Act {
    NodeId id = 0;
    StateReadPtr widget;
    Value value;
    bool is_click = false;
  };

  bool take_known(Event event);  // false: it names widgets that are not on the page
  void work();
  void apply(const std::vector<Act>& acts);
  void watched(const Page& page);
  // Require: mutex_ is held.
  void add(Act act);
  void wake();
  void notify(std::string_view kind, std::string_view text);
  void flush(bool is_urgent);

  Hub& hub_;
  const std::string id_;
  Session session_;

  mutable std::mutex mutex_;
  // --- guarded by mutex_ ---
  View view_;
  std::shared_ptr<Peer> peer_;
  std::vector<Act> acts_;                                         // to be applied
  std::vector<std::pair<std::string, std::string>> query_;        // to be applied
  std::uint64_t taken_ = 0;                                       // seq of the last event
  std::uint64_t applied_ = 0;                                     // seq that the run has seen
  std::uint64_t rev_ = 0;                                         // of the last update sent
  std::deque<std::pair<std::string_view, std::string>> notices_;  // to be sent
  std::shared_ptr<const detail::Recording> page_;                 // to be sent
  bool is_partial_ = false;                                       // that page
  bool is_reset_ = true;                                          // the tab shows nothing
  bool has_news_ = false;                                         // something is to be sent
  bool is_sending_ = false;
  bool is_busy_ = false;
  bool is_dirty_ = false;
  bool is_ended_ = false;
  Clock::time_point active_;
  Clock::time_point flushed_{};
  Clock::time_point detached_;
};

}  // namespace memoscape::inline v0::web
