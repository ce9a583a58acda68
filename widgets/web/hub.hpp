// Hub: what the connections of one server share: the sessions, the media that wait to be fetched,
// the workers, and the log.
//
// Thread-safety: all members may be called from any thread. Sessions are created, ended and
// destroyed without a lock held.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/web.hpp"
#include "widgets/web/app_session.hpp"
#include "widgets/web/inspector.hpp"
#include "widgets/web/view.hpp"
#include "widgets/web/workers.hpp"

namespace memoscape::inline v0::web {

// 32 hexadecimal digits from the system's random number generator.
std::string random_token();

class Hub final : public MediaShelf {
 public:
  Hub(Engine& engine, Server::AppScript script, ServeOptions options);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub() override;

  const ServeOptions& options() const noexcept { return options_; }
  Engine& engine() const noexcept { return engine_; }
  const Server::AppScript& script() const noexcept { return script_; }
  Workers& workers() noexcept { return workers_; }
  // Null: it is off.
  const Inspector* inspector() const noexcept { return inspector_ ? &*inspector_ : nullptr; }

  // The session of that id, or null.
  std::shared_ptr<AppSession> find(const std::string& id) const;
  // Null: there are as many as there may be.
  std::shared_ptr<AppSession> create();
  std::size_t sessions() const;

  std::string put(MediaPtr medium) override;
  void drop(const std::string& link) override;
  MediaPtr medium(const std::string& link) const;

  // Ends the sessions whose time has come; lets the others send what they held back.
  void tick();
  // Ends all sessions, and waits for their runs.
  void stop();

  // One line. Of things of one kind only the first, then how many there were, now and then.
  void log(std::string_view line) const;
  void warn(std::string_view kind, std::string_view detail);

 private:
  struct Repeated {
    std::chrono::steady_clock::time_point last;
    std::uint64_t left_out = 0;
  };

  Engine& engine_;
  const Server::AppScript script_;
  const ServeOptions options_;
  std::optional<const Inspector> inspector_;
  mutable std::mutex mutex_;
  // --- guarded by mutex_ ---
  std::map<std::string, std::shared_ptr<AppSession>, std::less<>> sessions_;
  std::map<std::string, MediaPtr, std::less<>> media_;
  std::map<std::string, Repeated, std::less<>> warned_;
  bool is_stopped_ = false;
  // ---
  Workers workers_;  // last: its threads end before what they use
};

}  // namespace memoscape::inline v0::web
