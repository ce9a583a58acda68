#include "memoscape/error.hpp"

namespace memoscape::inline v0 {

// Out of line, so that each class has one vtable and its type is one across shared libraries.
Error::~Error() = default;
UsageError::~UsageError() = default;
CachedWidgetError::~CachedWidgetError() = default;
UnsupportedWidgetError::~UnsupportedWidgetError() = default;
DuplicateWidgetError::~DuplicateWidgetError() = default;
ReplayClosureError::~ReplayClosureError() = default;
CachedEffectError::~CachedEffectError() = default;
ScopeError::~ScopeError() = default;
RecursiveCallError::~RecursiveCallError() = default;
StaleFunctionError::~StaleFunctionError() = default;
InvalidValueError::~InvalidValueError() = default;
SessionBusyError::~SessionBusyError() = default;

}  // namespace memoscape::inline v0
