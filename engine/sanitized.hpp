// MEMOSCAPE_TSAN: compiled for ThreadSanitizer, by whichever compiler.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define MEMOSCAPE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MEMOSCAPE_TSAN 1
#endif
#endif
