// expect: memoscape: a callback must be a captureless void\(Session&, Args\.\.\.\)
// expect: is replayed for other users
// expect: capture nothing and pass what it needs as arguments by value
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

void widget(ms::Run& run, int user) {
  ms::slider(run, "n", 0, 9, 5,
             {.on_change = ms::callback([user](ms::Session& s) { s.set_state("user", user); })});
}
