// A member function: its object is the first argument, and so part of the key.
//
// prints:
//   -40 F, executed
//   32 F, executed
//   32 F
#include <cstdio>
#include <memoscape/memoscape.hpp>

namespace ms = memoscape;

// An aggregate has an encoding already; other types declare one (see own_types.cpp).
struct Scale {
  double factor = 1;
  double offset = 0;

  double convert(double value) const {
    ++executed;
    return factor * value + offset;
  }

  static inline int executed = 0;
};

int main() {
  ms::Engine engine;
  auto convert = engine.cache_data("convert", &Scale::convert);

  const auto show = [&](ms::Run& run, double celsius) {
    const int before = Scale::executed;
    const Scale fahrenheit{1.8, 32};  // equal objects are one key
    const double value = *convert(run, fahrenheit, celsius);
    std::printf("%.0f F%s\n", value, Scale::executed > before ? ", executed" : "");
  };
  engine.run([&](ms::Run& run) {
    show(run, -40);
    show(run, 0);
    show(run, 0);
  });
}
