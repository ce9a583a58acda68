// MEMOSCAPE_API: marks what the shared library exports.
#pragma once

#if defined(_MSC_VER)
#if defined(MEMOSCAPE_BUILD)
#define MEMOSCAPE_API __declspec(dllexport)
#else
#define MEMOSCAPE_API
#endif
#else
#define MEMOSCAPE_API __attribute__((visibility("default")))
#endif
