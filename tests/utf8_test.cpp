// What counts as UTF-8.
#include "memoscape/detail/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ms = memoscape;

TEST(Utf8, IsCheckedStrictly) {
  using namespace std::literals;
  const std::string_view valid[] = {""sv,
                                    "a"sv,
                                    "\0"sv,
                                    "\x7f"sv,
                                    "\xc2\x80"sv,
                                    "\xdf\xbf"sv,
                                    "\xe0\xa0\x80"sv,
                                    "\xed\x9f\xbf"sv,
                                    "\xee\x80\x80"sv,
                                    "\xef\xbf\xbf"sv,
                                    "\xf0\x90\x80\x80"sv,
                                    "\xf4\x8f\xbf\xbf"sv};
  for (const std::string_view text : valid) EXPECT_TRUE(ms::detail::is_valid_utf8(text));
  const std::string_view invalid[] = {
      "\x80"sv,              // a continuation alone
      "\xc0\x80"sv,          // overlong
      "\xc1\xbf"sv,          // overlong
      "\xe0\x9f\xbf"sv,      // overlong
      "\xf0\x8f\xbf\xbf"sv,  // overlong
      "\xed\xa0\x80"sv,      // a surrogate
      "\xed\xbf\xbf"sv,      // a surrogate
      "\xf4\x90\x80\x80"sv,  // above U+10FFFF
      "\xf5\x80\x80\x80"sv,
      "\xff"sv,
      "\xc2"sv,          // cut off
      "\xe2\x82"sv,      // cut off
      "\xf0\x9f\x98"sv,  // cut off
      "\xe2\x28\xa1"sv,
  };
  for (const std::string_view text : invalid) {
    EXPECT_FALSE(ms::detail::is_valid_utf8(text));
    EXPECT_FALSE(ms::detail::is_valid_utf8("ok" + std::string(text)));
  }
  EXPECT_EQ(ms::detail::utf8_length("aä€😀"), 4u);
  EXPECT_EQ(ms::detail::utf8_length("a\xff\xff"), 3u);
}
