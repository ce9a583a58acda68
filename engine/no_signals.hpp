// What signals an application handles is not for threads that it does not know of: those that are
// started while a NoSignals lives get none.
#pragma once

#include <csignal>

namespace memoscape::inline v0::detail {

class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace memoscape::inline v0::detail
