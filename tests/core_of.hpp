// Lets a test see the store of an engine, for what the report does not say.
#pragma once

#include <memory>

#include "engine/store.hpp"

namespace memoscape::detail {

template <auto Member>
struct CoreOf {
  friend std::shared_ptr<EngineCore>& core_of(Engine& engine) { return engine.*Member; }
};
std::shared_ptr<EngineCore>& core_of(Engine& engine);
template struct CoreOf<&Engine::core_>;

}  // namespace memoscape::detail
