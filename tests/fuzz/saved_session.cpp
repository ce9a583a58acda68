// Saved sessions: what is read is written so that it is read again the same.
#include <cstdlib>

#include "memoscape/error.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "widgets/saved_session.hpp"

namespace ms = memoscape;

void fuzz(std::string_view text) {
  try {
    const ms::detail::SavedWidgets widgets = ms::detail::read_saved(text);
    if (!(ms::detail::read_saved(ms::detail::write_saved(widgets)) == widgets)) std::abort();
  } catch (const ms::InvalidValueError&) {
  }
}
