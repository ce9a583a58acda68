// SANITIZED: whether AddressSanitizer or ThreadSanitizer watches, of whichever compiler. Its
// allocator gives exactly what was asked for, and all takes many times as long.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
