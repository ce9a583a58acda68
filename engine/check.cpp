// Verifies every invariant of a store: bytes add up, tree and index agree, no orphan, limits held.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

namespace {

class Checker {
 public:
  explicit Checker(const EngineCore& core) : core_(core) {}

  std::string run() {
    const Locked locked(core_);
    for (const auto& [name, function] : core_.functions) check_function(name, *function);
    check_sums();
    check_sessions();
    check_index();
    check_limits();
    wrong_ += core_.advisor.check();
    for (const Function* function = core_.retired.get(); function != nullptr;
         function = function->next.get()) {
      expect(!function->live && function->objects > 0, function->spec.name,
             "is kept as retired for nothing");
    }
    return std::move(wrong_);
  }

 private:
  using PerFunction = std::map<const Function*, std::uint64_t>;

  void expect(bool good, const std::string& what, const std::string& why) {
    if (!good) wrong_ += what + ": " + why + "\n";
  }

  void check_function(const std::string& name, const Function& function) {
    expect(function.live, name, "is listed but not live");
    EntryBytes bytes;
    std::uint64_t nodes = 0;
    std::uint64_t entries = 0;
    function.roots.for_each(
        [&](const Node& root) { check_tree(name, function, root, bytes, entries, nodes); });
    expect(nodes == function.node_bytes, name, "node bytes do not add up");
    expect(bytes == function.bytes, name, "entry bytes do not add up");
    expect(entries == function.entries, name, "entries do not add up");
    expect(function.policy == nullptr || entries == function.policy->size(), name,
           "its policy does not hold its entries");
    const Counters& counters = function.counters;
    expect(counters.lookups == counters.hits + counters.misses + counters.abandoned, name,
           "lookups are not hits + misses + abandoned");
    bytes_ += bytes;
    nodes_ += nodes;
    entries_ += entries;
  }

  void check_sessions() {
    std::uint64_t listed = 0;
    for (const auto& its : core_.of_sessions) {
      expect(!its.second.empty(), "engine", "a session without trees is listed");
      its.second.for_each([&](const SessionRoot& root) {
        ++listed;
        expect(root.session == its.first, "engine", "a session lists a tree of another one");
        expect(root.root->of_session() == &root, "engine", "a session lists another root");
      });
    }
    expect(listed == session_roots_, "engine", "a tree is not listed with its session");
  }

  void check_tree(const std::string& name, const Function& function, const Node& root,
                  EntryBytes& bytes, std::uint64_t& entries, std::uint64_t& nodes) {
    const SessionRoot* const its = root.of_session();
    if (its != nullptr) ++session_roots_;
    expect(root.is_root() && &root.function_of_root() == &function, name,
           "has a tree of another function");
    expect((its != nullptr) == (function.spec.scope == Scope::session), name,
           "has a tree of another scope");
    expect(root.hash == short_of(core_.hash.of_call(function.uid, its == nullptr ? 0 : its->session,
                                                    root.edge.view())),
           name, "a root has another hash than its call");
    struct Reached {
      const Node* node;
      PathHash path;
    };
    std::vector<Reached> work{{&root, core_.hash.path_from(&root)}};
    while (!work.empty()) {
      const auto [node, path] = work.back();
      work.pop_back();
      nodes_seen_.insert(node);
      expect(!node->kept, name, "a node is still kept by an insertion");
      expect(node->in_tree, name, "a node of a tree does not know it");
      if (const Permutation* leaf = node->leaf()) {
        check_permutation(name, function, *leaf);
        if (leaf->is_entry()) {
          bytes += leaf->bytes();
          ++entries;
        } else {
          nodes += leaf->key_bytes;
        }
        continue;
      }
      nodes += node_charge(*node);
      expect(node->read() != nullptr && node->first_child() != nullptr, name,
             "an inner node without a read, or a child");
      if (node->read() != nullptr) ++reads_[node->read()];
      for (const Node* child = node->first_child(); child != nullptr; child = child->sibling.next) {
        expect(child->parent() == node, name, "a child has another parent");
        PathHash further = path;
        core_.hash.extend(further, core_.hash.hash_bytes(child->edge.view()));
        expect(child->hash == further.end(), name, "a node has another hash than its path");
        work.push_back({child, further});
      }
    }
  }

  void check_permutation(const std::string& name, const Function& function,
                         const Permutation& leaf) {
    expect(!leaf.ended, name, "an ended permutation is still there");
    expect(leaf.function == &function, name, "a leaf is of another function");
    expect(leaf.key_bytes == permutation_charge(leaf), name, "a key is charged wrongly");
    const bool expires = leaf.expiry.get() != Clock::time_point::max();
    expect(!expires || core_.expiries.has(leaf, leaf.expiry.get()), name,
           "an expiry is not in the queue, or in the wrong place");
    if (expires) ++expiring_;
    if (leaf.is_entry()) {
      const Keeper& keeper = leaf.box->keeper();
      expect(leaf.bytes().value == (keeper.count == 1 ? leaf.box->bytes : 0), name,
             "a value is charged wrongly");
      expect(!keeper.held.load(), name, "a stored value counts as held");
      ++sharers_[leaf.box.get()][leaf.function];
      addresses_[leaf.box.get()] ^= reinterpret_cast<std::uintptr_t>(&leaf);
      const FunctionHook* second = leaf.function_hook();
      expect((second != nullptr) == (leaf.function->policy != nullptr), name,
             "an entry is not in the policy of its function");
      expect(second == nullptr || second->permutation == &leaf, name,
             "a policy knows an entry by another name");
      check_recording(name, leaf);
    } else {
      expect(!leaf.dependents.empty() || leaf.builders > 0, name, "a ghost of nothing");
      expect(leaf.recording == nullptr, name, "a ghost holds a recording");
      expect(!leaf.has_value_alone && leaf.recording_bytes == 0, name, "a ghost has value bytes");
    }
    for (const StoreLease* lease = leaf.leases.first(); lease != nullptr;
         lease = leaf.leases.next(*lease)) {
      expect(lease->permutation == &leaf && !lease->is_called_in() && leaf.is_entry(), name,
             "a lease is of something else");
    }
    expect(leaf.ties == nullptr || !leaf.ties->empty(), name, "an entry has ties for nothing");
    for (const Dependency& edge : leaf.inner()) {
      const Permutation& inner = *edge.inner;
      expect(edge.outer == &leaf, name, "a dependency has another owner");
      expect(inner.in_tree && !inner.ended, name, "built on something that has ended");
      expect(leaf.expiry.get() <= inner.expiry.get(), name, "outlives what it is built on");
    }
    for (const Dependency* edge = leaf.dependents.first(); edge != nullptr;
         edge = leaf.dependents.next(*edge)) {
      expect(edge->inner == &leaf, name, "a dependent is of another permutation");
    }
  }

  // And notes its contents, and those of what it replays.
  void check_recording(const std::string& name, const Permutation& leaf) {
    const Recording* const own = leaf.recording;
    expect(leaf.bytes().recording == (own == nullptr ? 0 : own->own_bytes), name,
           "a recording is charged wrongly");
    expect(leaf.shows_in_main == (own != nullptr && own->in_main) &&
               leaf.shows_in_sidebar == (own != nullptr && own->in_sidebar),
           name, "an entry shows something elsewhere than its recording");
    if (own == nullptr) return;
    expect(!own->root.items.empty(), name, "a recording shows nothing");
    expect(own->self.get() == own, name, "a recording is not kept");
    expect(own->owned, name, "a recording is not owned by its permutation");
    for (const ContentPtr& content : own->contents) ++users_[content.get()][leaf.function];
    std::vector<const Recording*> work{own};
    while (!work.empty()) {
      const Recording* recording = work.back();
      work.pop_back();
      if (!recordings_.insert(recording).second) continue;
      for (const ContentPtr& content : recording->contents) ++uses_[content.get()];
      for_each_replay(recording->root, [&](const RecordingPtr& inner) {
        expect(recording->has_replays, "engine", "a recording does not know of its replays");
        work.push_back(inner.get());
      });
    }
  }

  // Contents of recordings: on the shared line, and in full for each function. Gives their bytes.
  std::uint64_t check_contents(std::uint64_t& unshared, PerFunction& in_full) {
    std::uint64_t bytes = 0;
    for (const auto& [content, uses] : uses_) {
      bytes += content->bytes;
      unshared += (uses - 1) * content->bytes;
      expect(uses == content->uses, "engine", "the uses of a content are counted wrongly");
      std::size_t users = 0;
      for (const auto& [function, recordings] : users_[content]) {
        in_full[function] += content->bytes;
        for (const Content::User& user : content->users) {
          if (user.function == function && user.recordings == recordings) ++users;
        }
      }
      expect(users == users_[content].size() && users == content->users.size(), "engine",
             "the users of a content are counted wrongly");
    }
    std::size_t known = 0;
    for (const auto& [digest, first] : core_.contents) {
      for (const Content* one = first.get(); one != nullptr; one = one->next_equal.get()) {
        ++known;
        expect(one->digest == digest && uses_.count(one) == 1, "engine",
               "the table of contents names one that is not stored");
      }
    }
    expect(known == uses_.size(), "engine", "the table of contents does not name each once");
    expect(bytes == core_.media_bytes, "engine", "the bytes of contents do not add up");
    return bytes;
  }

  static bool are_users(const Keeper& keeper, const PerFunction& users) {
    if (keeper.users == nullptr) return users.size() == 1 && users.count(keeper.function) == 1;
    return keeper.users->size() == users.size() &&
           std::all_of(keeper.users->begin(), keeper.users->end(), [&](const Keeper::User& user) {
             const auto known = users.find(user.function);
             return known != users.end() && known->second == user.permutations;
           });
  }

  // Values that several permutations share: on the shared line, and in full for each function.
  std::uint64_t check_sharing() {
    std::uint64_t unshared = 0;
    PerFunction in_full;
    std::uint64_t shared = check_contents(unshared, in_full);
    std::size_t digests = 0;
    for (const auto& [box, users] : sharers_) {
      std::uint64_t count = 0;
      for (const auto& [function, permutations] : users) count += permutations;
      expect(count == box->keeper().count, "engine", "the sharers of a value are counted wrongly");
      expect(are_users(box->keeper(), users), "engine", "a value has other users");
      expect(addresses_[box] == box->keeper().sharers, "engine", "a value has other sharers");
      if (box->has_digest) ++digests;
      if (count < 2) continue;
      shared += box->bytes;
      unshared += (count - 1) * box->bytes;
      for (const auto& [function, permutations] : users) in_full[function] += box->bytes;
    }
    expect(unshared == core_.unshared_bytes, "engine", "what sharing saves does not add up");
    for (const auto& [name, function] : core_.functions) {
      expect(in_full[function.get()] == function->shared_bytes, name, "shared bytes do not add up");
    }
    std::size_t known = 0;
    core_.buffers.for_each([&](const Box& box) {
      ++known;
      const auto is_it = [&](const Box& one) { return &one == &box; };
      const BoxPtr found = core_.buffers.find(box.digest, is_it);
      expect(found.get() == &box, "engine", "a stored value is not found");
      expect(sharers_.count(&box) == 1, "engine",
             "the table of values names one that is not stored");
    });
    expect(known == digests, "engine", "the table of values holds strangers");
    return shared;
  }

  void check_sums() {
    const std::uint64_t shared_values = check_sharing();
    expect(bytes_ == core_.bytes, "engine", "entry bytes do not add up");
    expect(nodes_ == core_.node_bytes, "engine", "node bytes do not add up");
    expect(entries_ == core_.entries, "engine", "entries do not add up");
    expect(entries_ == core_.policy->size(), "engine", "the policy does not hold the entries");
    expect(expiring_ == core_.expiries.size(), "engine", "the expiry queue holds strangers");
    expect(shared_values + shared_bytes(core_) == core_.shared_bytes, "engine",
           "shared bytes do not add up");
    std::uint64_t reads = 0;
    for (const auto& [hash, known] : core_.interned) {
      for (Interned* one = known.get(); one != nullptr; one = one->next.get()) {
        ++reads;
        const auto found = reads_.find(one->read.get());
        expect(found != reads_.end() && found->second == one->nodes &&
                   core_.interned_as(*one->read) == one,
               "engine", "a definition is counted wrongly");
      }
    }
    expect(reads == reads_.size(), "engine", "a node's definition is not interned");
  }

  void check_index() {
    std::size_t indexed = 0;
    core_.index.for_each([&](const Node& node) {
      ++indexed;
      const auto is_it = [&](const Node& one) { return &one == &node; };
      expect(core_.index.find(node.hash, is_it) == &node, "index", "a node is not found");
      expect(nodes_seen_.count(&node) == 1 || node.is_root(), "index",
             "names a node that is in no tree");
    });
    expect(indexed == nodes_seen_.size(), "index", "does not name every node once");
  }

  void check_limits() {
    const Limits& limits = core_.limits;
    expect(!exceeds(core_.charged(), limits.max_bytes), "engine", "max_bytes is exceeded");
    expect(limits.max_entries == 0 || core_.entries <= limits.max_entries, "engine",
           "max_entries is exceeded");
    for (const auto& [name, function] : core_.functions) {
      const Limits& own = function->limits;
      expect(!exceeds(function->charged(), own.max_bytes), name, "max_bytes is exceeded");
      expect(own.max_entries == 0 || function->entries <= own.max_entries, name,
             "max_entries is exceeded");
    }
  }

  const EngineCore& core_;
  std::uint64_t session_roots_ = 0;
  std::string wrong_;
  EntryBytes bytes_;
  std::uint64_t nodes_ = 0;
  std::uint64_t entries_ = 0;
  std::size_t expiring_ = 0;
  std::set<const Node*> nodes_seen_;
  std::map<const StateRead*, std::uint64_t> reads_;
  std::map<const Box*, PerFunction> sharers_;
  std::map<const Box*, std::uintptr_t> addresses_;  // of the sharers, as in their keeper
  std::set<const Recording*> recordings_;
  std::map<const Content*, std::uint64_t> uses_;
  std::map<const Content*, PerFunction> users_;
};

}  // namespace

std::string check_store(const EngineCore& core) { return Checker(core).run(); }

}  // namespace memoscape::inline v0::detail
