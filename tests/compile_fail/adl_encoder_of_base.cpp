// expect: NoEncodingFor<app::Window>
// expect: one for a base class or for a type it converts to
// expect: would drop fields from the key
// expect: for exactly T beside T
#include <string>

#include "memoscape/encode.hpp"

namespace app {

class Shape {
 public:
  friend void encode(memoscape::Encoder& encoder, const Shape& shape) { encoder.add(shape.id_); }

 private:
  int id_ = 0;
};

class Window : public Shape {
 private:
  std::string title_;
};

}  // namespace app

std::string key(const app::Window& window) { return memoscape::encoded(window); }
