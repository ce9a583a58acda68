// Own types: as an argument (an encoding), as a value (the bytes it owns), and with a declared
// cost.
//
// prints:
//   upload "logo.png": 16.8 MB, declared
//   solve (2, [1, 0, 0, 1]): 0.8 MB, by traversal
#include <cstdio>
#include <memory>
#include <memoscape/memoscape.hpp>
#include <string>
#include <vector>

namespace ms = memoscape;
using namespace ms::literals;

// A class with private parts says what makes two of it equal. (An aggregate need not.)
class Matrix {
 public:
  Matrix(int rows, std::vector<double> cells) : rows_(rows), cells_(std::move(cells)) {}
  friend void encode(ms::Encoder& encoder, const Matrix& matrix) {
    encoder.add(matrix.rows_, matrix.cells_);
  }

 private:
  int rows_;
  std::vector<double> cells_;
};

// A value with memory behind a pointer says how much that is.
class Grid {
 public:
  explicit Grid(std::size_t cells) : cells_(new double[cells]()), count_(cells) {}
  std::size_t heap_bytes() const { return count_ * sizeof(double); }

 private:
  std::unique_ptr<double[]> cells_;
  std::size_t count_;
};

struct Texture {
  unsigned handle = 0;  // the pixels are in the memory of the graphics card
};

int main() {
  ms::Engine engine;
  auto solve = engine.cache_data("solve", [](const Matrix&) { return Grid(100'000); });
  auto upload = engine.cache_resource(
      "upload", [](const std::string& /*file*/) { return ms::with_cost(Texture{7}, 16_MiB); });
  engine.run([&](ms::Run& run) {
    solve(run, Matrix(2, {1, 0, 0, 1}));
    upload(run, "logo.png");
  });
  for (const ms::PermutationRow& row : engine.report().permutations) {  // by bytes
    const bool is_declared = row.source == ms::BytesSource::declared;
    std::printf("%s %s: %.1f MB, %s\n", row.function.c_str(), row.arguments.c_str(),
                double(row.bytes.value) / 1e6, is_declared ? "declared" : "by traversal");
  }
}
