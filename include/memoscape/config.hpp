// MEMOSCAPE_API: marks what the shared library exports.
// MEMOSCAPE_PRIVATE: a member class that it does not export, although its class is.
// MEMOSCAPE_LIFETIME_BOUND: what a member gives ends with its object; compilers that know that warn
// of what outlives a temporary one.
#pragma once

#if defined(_MSC_VER)
#if defined(MEMOSCAPE_BUILD)
#define MEMOSCAPE_API __declspec(dllexport)
#else
#define MEMOSCAPE_API
#endif
#define MEMOSCAPE_PRIVATE
#else
#define MEMOSCAPE_API __attribute__((visibility("default")))
#define MEMOSCAPE_PRIVATE __attribute__((visibility("hidden")))
#endif

#if defined(__clang__)
#define MEMOSCAPE_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define MEMOSCAPE_LIFETIME_BOUND
#endif
