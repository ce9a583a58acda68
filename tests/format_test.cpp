#include "memoscape/format.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "memoscape/bytes.hpp"

namespace ms = memoscape;
using namespace ms::literals;

TEST(Format, FillsPlaceholdersInOrder) {
  EXPECT_EQ(ms::format("{} flights from {}", 42, "SEA"), "42 flights from SEA");
  EXPECT_EQ(ms::format("nothing to fill"), "nothing to fill");
  EXPECT_EQ(ms::format(""), "");
}

TEST(Format, TakesEveryKindOfArgument) {
  const std::string text = "text";
  const std::string_view view = text;
  const char* pointer = "pointer";
  EXPECT_EQ(ms::format("{} {} {} {}", text, view, pointer, "literal"), "text text pointer literal");
  EXPECT_EQ(ms::format("{} {} {}", true, false, 'c'), "true false c");
  EXPECT_EQ(ms::format("{} {}", std::numeric_limits<std::int64_t>::min(),
                       std::numeric_limits<std::uint64_t>::max()),
            "-9223372036854775808 18446744073709551615");
  EXPECT_EQ(ms::format("{} {}", static_cast<signed char>(-1), static_cast<unsigned char>(65)),
            "-1 65");
}

TEST(Format, FloatingPointIsAsShortAsReadsBackEqual) {
  EXPECT_EQ(ms::format("{} {} {} {}", 0.1, 0.1f, 1e300, 3.0), "0.1 0.1 1e+300 3");
  EXPECT_EQ(ms::format("{}", 0.25L), "0.25");
}

TEST(Format, ShowsTheDecimalsAskedFor) {
  EXPECT_EQ(ms::format("{:.2} {:.2f} {:.0f} {:.10}", 3.14159, 2.0f, 2.6, 0.5),
            "3.14 2.00 3 0.5000000000");
  EXPECT_EQ(ms::format("{:.99f}", std::numeric_limits<double>::max()).size(), 309u + 1u + 99u);
  EXPECT_EQ(ms::format("{:.99f}", std::numeric_limits<long double>::max()).size(),
            std::size_t{std::numeric_limits<long double>::max_exponent10} + 1 + 1 + 99);
}

TEST(Format, DoubledBracesAreBraces) { EXPECT_EQ(ms::format("{{}} {{{}}} }}{{", 1), "{} {1} }{"); }

TEST(Format, BracesInAnArgumentAreText) {
  EXPECT_EQ(ms::format("{} and {}", "{}", "{{"), "{} and {{");
}

TEST(Bytes, LiteralsCountInPowersOf1024) {
  EXPECT_EQ(3_B, 3u);
  EXPECT_EQ(4_KiB, 4096u);
  EXPECT_EQ(512_MiB, 536870912u);
  EXPECT_EQ(4_GiB, 4294967296u);
  EXPECT_EQ(1_TiB, 1099511627776u);
}

TEST(Bytes, AreReadableWithOneDecimal) {
  EXPECT_EQ(ms::readable_bytes(0), "0 B");
  EXPECT_EQ(ms::readable_bytes(1023), "1023 B");
  EXPECT_EQ(ms::readable_bytes(1024), "1.0 KiB");
  EXPECT_EQ(ms::readable_bytes(12'897'485), "12.3 MiB");
  EXPECT_EQ(ms::readable_bytes(1_MiB - 1), "1.0 MiB");
  EXPECT_EQ(ms::readable_bytes(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
}
