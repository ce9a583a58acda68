#include "prove/ideal.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace prove {

namespace {

std::string part(const std::string& text) { return std::to_string(text.size()) + ":" + text; }

std::string row_of(const ms::PermutationRow& row) {
  std::string text =
      row.function + " " + row.arguments + " of session " + std::to_string(row.session);
  for (const ms::ReadText& read : row.reads) text += ", " + read.variable + " = " + read.value;
  return text;
}

}  // namespace

Ideal::Ideal(const World& cached)
    : limits_{.max_bytes = 0}, function_limits_(static_cast<std::size_t>(cached.functions())) {}

std::string Ideal::key_of(const Call& plain, const std::vector<Read>& path) {
  std::string key = std::to_string(plain.function) + "/" + std::to_string(plain.argument) + "/" +
                    std::to_string(plain.session);
  // In any order: what no key knows may change the order of reads, and the entry still matches.
  std::set<std::string> reads;
  for (const Read& read : path) reads.insert(part(read.variable) + part(read.value));
  for (const std::string& read : reads) key += read;
  return key;
}

std::string Ideal::row_of_entry(const Entry& entry, const World& world) {
  ms::Encoder encoder;
  ms::detail::encode_argument(encoder, entry.argument);
  std::string row = world.name_of(entry.function) + " " + ms::describe(encoder.view()) +
                    " of session " + std::to_string(entry.session);
  for (const Read& read : entry.path) {
    if (!read.is_form) row += ", " + read.variable + " = " + read.value;
  }
  return row;
}

void Ideal::wrong(const Call& call, const std::string& what) {
  follows_ = false;
  wrong_ += "f" + std::to_string(call.function) + "(" + std::to_string(call.argument) + ") " + what;
  for (const Read& read : call.path) wrong_ += "\n    " + read.variable + " = " + read.value;
  wrong_ += "\n";
}

bool Ideal::is_limited() const {
  const auto limits = [](const ms::Limits& one) {
    return one.max_entries != 0 || (one.max_bytes != 0 && one.max_bytes != ms::kDefaultMaxBytes);
  };
  return limits(limits_) || std::any_of(function_limits_.begin(), function_limits_.end(), limits);
}

// --- entries ---

Ideal::EntryPtr Ideal::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second;
}

std::vector<Ideal::EntryPtr> Ideal::all() const {
  std::vector<EntryPtr> found;
  for (const auto& [key, weak] : identities_) {
    if (EntryPtr entry = weak.lock(); entry != nullptr && !entry->ended) found.push_back(entry);
  }
  return found;
}

void Ideal::end(const EntryPtr& entry) {
  std::vector<EntryPtr> work{entry};
  while (!work.empty()) {
    const EntryPtr one = work.back();
    work.pop_back();
    if (std::exchange(one->ended, true)) continue;
    for (const EntryPtr& other : all()) {
      if (std::find(other->inner.begin(), other->inner.end(), one) != other->inner.end()) {
        work.push_back(other);
      }
    }
  }
  std::erase_if(entries_, [](const auto& item) { return item.second->ended; });
  std::erase_if(identities_, [](const auto& item) {
    const EntryPtr one = item.second.lock();
    return one == nullptr || one->ended;
  });
}

void Ideal::end_if(const auto& chosen) {
  for (const EntryPtr& one : all()) {
    if (chosen(*one)) end(one);
  }
}

// Another read where the tree has one: the later execution is right.
void Ideal::diverge(const Entry& fresh) {
  end_if([&](const Entry& one) {
    if (one.function != fresh.function || one.argument != fresh.argument ||
        one.session != fresh.session) {
      return false;
    }
    for (std::size_t i = 0;; ++i) {
      const bool ends = i == one.path.size();
      const bool fresh_ends = i == fresh.path.size();
      if (ends || fresh_ends) return ends != fresh_ends;
      if (one.path[i].variable != fresh.path[i].variable) return true;
      if (one.path[i].value != fresh.path[i].value) return false;
    }
  });
}

Ideal::Time Ideal::expiry_of(const Entry& entry) const {
  Time expiry = Time::max();
  for (const auto ttl :
       {limits_.ttl, function_limits_[static_cast<std::size_t>(entry.function)].ttl}) {
    if (ttl.count() != 0) expiry = std::min(expiry, entry.finished + ttl);
  }
  for (const EntryPtr& inner : entry.inner) expiry = std::min(expiry, inner->expiry);
  return expiry;
}

void Ideal::refresh_expiries(int function) {
  std::vector<EntryPtr> work;
  for (const EntryPtr& one : all()) {
    if (function < 0 || one->function == function) work.push_back(one);
  }
  for (std::size_t next = 0; next < work.size(); ++next) {
    const EntryPtr one = work[next];
    if (std::exchange(one->expiry, expiry_of(*one)) == one->expiry) continue;
    for (const EntryPtr& other : all()) {
      if (std::find(other->inner.begin(), other->inner.end(), one) != other->inner.end()) {
        work.push_back(other);
      }
    }
  }
}

void Ideal::end_expired() {
  end_if([&](const Entry& one) { return one.expiry <= began_; });
}

// --- steps ---

void Ideal::before(const Statement& step, World& cached) {
  began_ = cached.clock().now();
  if (cached.functions() == 0) return;
  const int function = cached.index_of(step.n[1]);
  const auto of_rows = [&](const auto& chosen) {
    std::set<std::string> rows;
    const ms::Report report = cached.engine().report();
    for (std::size_t i = 0; i < report.permutations.size(); ++i) {
      const ms::PermutationRow& row = report.permutations[i];
      if (!chosen(report, i)) continue;
      rows.insert(row_of(row));
    }
    end_if(
        [&](const Entry& one) { return one.stored && rows.contains(row_of_entry(one, cached)); });
  };
  switch (step.op) {
    case Op::end:
    case Op::stop_from:
      end_session(cached.session_id(step.n[0]));
      break;
    case Op::clear:
      end_if([](const Entry&) { return true; });
      break;
    case Op::clear_kind:
      end_if([&](const Entry& one) {
        return cached.is_resource(one.function) == (step.n[1] % 2 == 1);
      });
      break;
    case Op::clear_function:
      // A handle of a function that was removed has nothing to clear.
    case Op::version:
    case Op::remove:
      end_if([&](const Entry& one) { return one.function == function; });
      break;
    case Op::clear_arguments:
      end_if([&](const Entry& one) {
        return one.function == function && one.argument == World::argument_of(step.n[2]);
      });
      break;
    case Op::clear_one:
      of_rows([&](const ms::Report& report, std::size_t i) {
        const auto index = static_cast<std::size_t>(step.n[1]) % report.permutations.size();
        return report.permutations[i].id == report.permutations[index].id;
      });
      break;
    case Op::clear_some:
      of_rows([&](const ms::Report& report, std::size_t i) {
        return is_chosen(report.permutations[i], step.n[1], step.n[2]);
      });
      break;
    case Op::sweep:
      end_expired();
      break;
    case Op::limits: {
      const auto ttl = std::exchange(limits_, cached.engine_limits(step)).ttl;
      if (ttl == limits_.ttl) break;
      refresh_expiries(-1);
      end_expired();
      break;
    }
    case Op::function_limits: {
      if (!cached.is_live(function)) break;
      ms::Limits& own = function_limits_[static_cast<std::size_t>(function)];
      const auto ttl = std::exchange(own, cached.function_limits(step)).ttl;
      if (ttl == own.ttl) break;
      refresh_expiries(function);
      end_expired();
      break;
    }
    case Op::caching:
      caching_ = step.n[1] % 2 != 0;
      break;
    default:
      break;
  }
  // Registered anew, a function has the limits that it is registered with.
  if (step.op == Op::version || step.op == Op::remove) {
    function_limits_[static_cast<std::size_t>(function)] = {};
  }
}

void Ideal::end_session(std::uint64_t session) {
  end_if([&](const Entry& one) { return one.session != 0 && one.session == session; });
}

// --- a run ---

std::string Ideal::follow(const Outcome& cached, const Outcome& plain, const World& world) {
  world_ = &world;
  began_ = cached.began;
  wrong_.clear();
  follows_ = true;
  frames_.clear();
  frames_.push_back({});
  follow(cached.calls, plain.calls);
  frames_.clear();
  return wrong_;
}

void Ideal::follow(const Call& cached, const Call& plain) {
  std::vector<const Call*> calls;
  for (const Event& event : plain.events) {
    if (event.call != nullptr) calls.push_back(event.call.get());
  }
  std::size_t next = 0;
  for (const Event& event : cached.events) {
    if (!follows_) return;
    if (event.read) {
      record(*event.read);
    } else if (event.call == nullptr) {
      clear_within(event.clear);
    } else if (next < calls.size()) {
      follow_call(*event.call, *calls[next++]);
    } else {
      return wrong(*event.call, "was called in the cached world alone");
    }
  }
  if (follows_ && next < calls.size()) wrong(*calls[next], "was called in the plain world alone");
}

void Ideal::record(const Read& read) {
  for (Frame& frame : frames_) add_read(frame.path, read);
}

void Ideal::clear_within(int what) {
  end_if([&](const Entry& one) { return what == 0 || one.function == what - 1; });
  std::size_t closed = 0;
  for (std::size_t i = 1; i < frames_.size(); ++i) {
    if (what == 0 || frames_[i].call->function == what - 1) closed = i + 1;
  }
  for (std::size_t i = 0; i < closed; ++i) frames_[i].closed = true;
}

void Ideal::follow_call(const Call& cached, const Call& plain) {
  if (cached.function != plain.function || cached.argument != plain.argument) {
    return wrong(plain, "is another call than in the cached world");
  }
  if (!plain.executed) {
    if (cached.executed) wrong(plain, "executed, and must be refused");
    return;
  }
  const std::string key = key_of(plain, plain.path);
  const EntryPtr entry = find(key);
  if (plain.tainted || plain.refused || plain.threw || !caching_) {
    if (!cached.executed) return wrong(plain, "was a hit, and must not be kept");
  } else if (entry == nullptr || entry->expiry <= began_) {
    if (!cached.executed) return wrong(plain, "was a hit, and there is no such entry");
    if (entry != nullptr) end(entry);
  } else if (cached.invalidated) {
    if (!cached.executed) return wrong(plain, "was a hit, and its validator refuses it");
    end(entry);
  } else if (!cached.executed && world_->is_refused(entry->function) &&
             world_->is_resource(entry->function) &&
             (world_->flags_of(entry->function) & kValidate) != 0) {
    return wrong(plain, "was a hit, and its validator was not asked");
  } else if (!cached.executed) {
    ++hits_;
    frames_.back().built_on.push_back(entry);
    for (const Read& read : entry->path) record(read);
    return;
  } else if (entry->expiry <= cached.finished) {
    end(entry);  // expired while the run was under way
  } else if (!is_limited()) {
    return wrong(plain, "executed, and there is such an entry");
  } else {
    entry->stored = false;
    entries_.erase(key);
  }
  ++misses_;
  frames_.push_back({.call = &plain, .path = {}, .built_on = {}, .closed = false, .unkept = false});
  follow(cached, plain);
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (follows_) settle(cached, plain, std::move(frame));
}

void Ideal::settle(const Call& cached, const Call& plain, Frame frame) {
  Frame& outer = frames_.back();
  if (plain.threw && !plain.refused) {
    outer.unkept = true;  // exceptions are not cached, nor is what is made of one
    return;
  }
  const auto has_ended = [](const EntryPtr& one) { return one->ended; };
  const auto all_stand = [&] {
    return std::none_of(frame.built_on.begin(), frame.built_on.end(), has_ended);
  };
  if (plain.tainted || plain.refused || !caching_ || frame.closed || frame.unkept || !all_stand()) {
    outer.unkept = true;
    return;
  }
  const std::string key = key_of(plain, frame.path);
  Entry fresh{.function = plain.function,
              .argument = plain.argument,
              .session = plain.session,
              .path = frame.path,
              .finished = cached.finished,
              .expiry = Time::max(),
              .ended = false,
              .stored = true,
              .inner = frame.built_on};
  diverge(fresh);
  EntryPtr entry = identities_[key].lock();
  if (entry != nullptr && !entry->ended && entry->expiry <= cached.finished) end(entry);
  if (!all_stand()) {
    outer.unkept = true;
    return;
  }
  fresh.expiry = expiry_of(fresh);
  if (fresh.expiry <= cached.finished) {
    outer.unkept = true;
    return;
  }
  if (entry == nullptr || entry->ended)
    entry = std::make_shared<Entry>(std::move(fresh));
  else
    *entry = std::move(fresh);
  identities_[key] = entry;
  entries_[key] = entry;
  outer.built_on.push_back(entry);
}

// --- the report ---

std::string Ideal::compare(const ms::Report& report, const World& world) {
  std::string wrong;
  std::map<std::string, std::string> expected;  // row to key
  for (const auto& [key, entry] : entries_) expected.emplace(row_of_entry(*entry, world), key);
  for (const ms::PermutationRow& row : report.permutations) {
    const std::string text = row_of(row);
    if (expected.erase(text) == 0) wrong += "kept, and must not be: " + text + "\n";
  }
  for (const auto& [text, key] : expected) {
    const EntryPtr entry = entries_.at(key);
    if (!is_limited() && entry->expiry == Time::max()) {
      wrong += "not kept, and must be: " + text + "\n";
    }
    entry->stored = false;
    entries_.erase(key);
  }
  const ms::Counters& counters = report.totals.counters;
  if (counters.hits != hits_ || counters.misses != misses_) {
    wrong += "the report counts " + std::to_string(counters.hits) + " hits and " +
             std::to_string(counters.misses) + " misses; there were " + std::to_string(hits_) +
             " and " + std::to_string(misses_) + "\n";
  }
  return wrong;
}

}  // namespace prove
