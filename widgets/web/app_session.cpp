#include "widgets/web/app_session.hpp"

#include <algorithm>
#include <exception>

#include "memoscape/error.hpp"
#include "widgets/web/hub.hpp"
#include "widgets/web/node_json.hpp"

namespace memoscape::inline v0::web {

namespace {

constexpr std::chrono::milliseconds kPartialPause{40};  // between two pages of one run
constexpr std::size_t kMostActs = 4096;
constexpr std::size_t kMostNotices = 8;

}  // namespace

AppSession::AppSession(Hub& hub, std::string id)
    : hub_(hub),
      id_(std::move(id)),
      session_(hub.engine()),
      view_(hub),
      active_(Clock::now()),
      detached_(active_) {
  session_.watch([this](const Page& page) { watched(page); });
}

AppSession::~AppSession() = default;

// --- of the connection

void AppSession::attach(std::shared_ptr<Peer> peer, const Hello& hello) {
  std::shared_ptr<Peer> old;
  const std::scoped_lock lock(mutex_);
  if (is_ended_) return peer->close(CloseCode::ended, "This session has ended.");
  old = std::exchange(peer_, std::move(peer));
  if (old != nullptr)
    old->close(CloseCode::replaced, "This session goes on in another connection.");
  active_ = Clock::now();
  is_sending_ = false;
  if (rev_ == 0) {
    query_ = hello.query;
    is_dirty_ = true;
  } else if (hello.rev != rev_) {
    view_.reset();
    is_reset_ = true;
    is_dirty_ = true;  // to have a page again: none is kept
  }
  has_news_ = true;
  flush(true);
  wake();
}

void AppSession::detach(const Peer& peer) {
  std::shared_ptr<Peer> old;
  const std::scoped_lock lock(mutex_);
  if (peer_.get() != &peer) return;
  old = std::move(peer_);
  is_sending_ = false;
  detached_ = Clock::now();
}

void AppSession::sent(const Peer& peer) {
  const std::scoped_lock lock(mutex_);
  if (peer_.get() != &peer) return;  // replaced meanwhile
  is_sending_ = false;
  flush(!is_partial_);
}

void AppSession::take(Event event) {
  if (!take_known(std::move(event))) hub_.warn("a widget that is not on the page was set", {});
}

bool AppSession::take_known(Event event) {
  const std::scoped_lock lock(mutex_);
  active_ = Clock::now();
  if (is_ended_ || event.seq <= taken_) return true;  // sent again after a lost connection
  taken_ = event.seq;
  is_dirty_ = true;
  bool all_known = true;
  if (event.click) event.set.emplace_back(*event.click, true);
  for (auto& [id, value] : event.set) {
    const bool is_click = event.click && &value == &event.set.back().second;
    StateReadPtr widget = view_.widget(id);
    if (widget == nullptr) {
      all_known = false;
      continue;
    }
    add({.id = id, .widget = std::move(widget), .value = std::move(value), .is_click = is_click});
  }
  wake();
  return all_known;
}

void AppSession::add(Act act) {
  view_.touch(act.id);
  // Only the newest value of a widget counts, unless something was clicked in between.
  for (auto one = acts_.rbegin(); one != acts_.rend() && !one->is_click; ++one) {
    if (one->id != act.id || act.is_click || act.widget->is_trigger()) continue;
    one->value = std::move(act.value);
    return;
  }
  if (acts_.size() < kMostActs) acts_.push_back(std::move(act));
}

void AppSession::stop_run() {
  const std::scoped_lock lock(mutex_);
  if (is_busy_) session_.stop();
}

StateReadPtr AppSession::upload_widget(NodeId id) const {
  const std::scoped_lock lock(mutex_);
  StateReadPtr widget = view_.widget(id);
  return widget != nullptr && widget->is_upload() ? widget : nullptr;
}

void AppSession::take_upload(NodeId id, MediaPtr file) {
  const std::scoped_lock lock(mutex_);
  active_ = Clock::now();
  StateReadPtr widget = view_.widget(id);
  if (is_ended_ || widget == nullptr) return;
  add({.id = id, .widget = std::move(widget), .value = Value(std::move(file))});
  is_dirty_ = true;
  wake();
}

void AppSession::wake() {
  if (!is_dirty_ || is_ended_) return;
  if (is_busy_) {
    session_.stop();
    return;
  }
  is_busy_ = true;
  hub_.workers().post([self = shared_from_this()] { self->work(); });
}

// --- runs

void AppSession::work() {
  std::vector<Act> acts;
  std::vector<std::pair<std::string, std::string>> query;
  {
    const std::scoped_lock lock(mutex_);
    if (is_ended_) {
      is_busy_ = false;
      return;
    }
    acts.swap(acts_);
    query.swap(query_);
    is_dirty_ = false;
    applied_ = taken_;
  }
  std::shared_ptr<const detail::Recording> page;
  std::string failure;
  try {
    for (const auto& [name, value] : query) {
      if (!name.empty()) session_.set_query(name, value);  // an address may end in "?=1"
    }
    apply(acts);
    const Page result = session_.run(hub_.script());
    page = detail::PageAccess::recording(result);
    if (result.error() != nullptr) failure = result.error_text();
  } catch (const std::exception& error) {  // a callback or validator of the application
    failure = error.what();
  } catch (...) {
    failure = "an exception that is no std::exception";
  }
  if (!failure.empty()) hub_.warn("a run failed", failure);

  const std::scoped_lock lock(mutex_);
  if (!is_dirty_ || is_ended_) {
    is_busy_ = false;
  } else {
    hub_.workers().post([self = shared_from_this()] { self->work(); });
    return;
  }
  if (page == nullptr) {
    notify("error", failure);
  } else {
    page_ = std::move(page);
  }
  is_partial_ = false;
  has_news_ = true;
  flush(true);
}

void AppSession::apply(const std::vector<Act>& acts) {
  for (const Act& act : acts) {
    try {
      if (act.is_click) {
        session_.click(*act.widget);
      } else {
        session_.set(*act.widget, act.value);
      }
    } catch (const InvalidValueError& error) {
      hub_.warn("a value was refused", error.what());
      const std::scoped_lock lock(mutex_);
      notify("error", error.what());
    }
  }
}

void AppSession::watched(const Page& page) {
  const std::scoped_lock lock(mutex_);
  if (is_dirty_ || is_ended_) return;
  page_ = detail::PageAccess::recording(page);
  is_partial_ = true;
  has_news_ = true;
  flush(false);
}

// --- updates

void AppSession::notify(std::string_view kind, std::string_view text) {
  if (notices_.size() == kMostNotices) notices_.pop_front();
  notices_.emplace_back(kind, text);
  has_news_ = true;
}

void AppSession::flush(bool is_urgent) {
  if (peer_ == nullptr || is_sending_ || !has_news_) return;
  const Clock::time_point now = Clock::now();
  if (!is_urgent && now - flushed_ < kPartialPause) return;
  std::string update =
      "{\"rev\":" + std::to_string(++rev_) + ",\"ack\":" + std::to_string(applied_);
  if (rev_ == 1 || is_reset_) update += ",\"session\":\"" + id_ + "\",\"reset\":true";
  is_reset_ = false;
  if (is_busy_ || is_dirty_) update += ",\"busy\":true";
  if (page_ != nullptr) {
    view_.show(*page_, is_partial_ ? View::Extent::partial : View::Extent::whole, update);
    page_ = nullptr;
  }
  if (!notices_.empty()) {
    update += ",\"notices\":[";
    for (const auto& [kind, text] : notices_) {
      if (update.back() == ']') update += ',';
      update += "[\"" + std::string(kind) + "\",";
      append_text(text, update);
      update += ']';
    }
    update += ']';
    notices_.clear();
  }
  has_news_ = false;
  is_sending_ = true;
  flushed_ = now;
  peer_->send(update + '}');
}

// --- of the server

bool AppSession::is_due(Clock::time_point now) const {
  const std::scoped_lock lock(mutex_);
  const ServeLimits& limits = hub_.options().limits;
  if (now - active_ > limits.idle) return true;
  return peer_ == nullptr && now - std::max(detached_, active_) > limits.disconnected;
}

void AppSession::nudge() {
  const std::scoped_lock lock(mutex_);
  flush(false);
}

void AppSession::end(std::string_view reason) {
  std::shared_ptr<Peer> peer;
  {
    const std::scoped_lock lock(mutex_);
    is_ended_ = true;
    peer = std::move(peer_);
    acts_.clear();
    if (is_busy_) session_.stop();
  }
  if (peer != nullptr) peer->close(CloseCode::ended, reason);
}

}  // namespace memoscape::inline v0::web
