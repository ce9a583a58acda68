// The schema: which names the fields of a report have in JSON. Writing and reading go through the
// same lists, so they cannot disagree. SCHEMA.md is what people read.
//
// An archive is called with (name, field) for each field of an object.
#pragma once

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "memoscape/report_formats.hpp"

namespace memoscape::inline v0::detail {

// Text of each value of an enumeration.
template <class E>
struct EnumNames;
template <>
struct EnumNames<Kind> {
  static constexpr std::array<std::pair<Kind, std::string_view>, 2> kAll{
      {{Kind::data, "data"}, {Kind::resource, "resource"}}};
};
template <>
struct EnumNames<Scope> {
  static constexpr std::array<std::pair<Scope, std::string_view>, 2> kAll{
      {{Scope::engine, "engine"}, {Scope::session, "session"}}};
};
template <>
struct EnumNames<BytesSource> {
  static constexpr std::array<std::pair<BytesSource, std::string_view>, 3> kAll{
      {{BytesSource::traversal, "traversal"},
       {BytesSource::declared, "declared"},
       {BytesSource::arena, "arena"}}};
};
template <>
struct EnumNames<WidgetRow::Effect> {
  using Effect = WidgetRow::Effect;
  static constexpr std::array<std::pair<Effect, std::string_view>, 3> kAll{
      {{Effect::unknown, "unknown"},
       {Effect::never_changed, "never_changed"},
       {Effect::changed, "changed"}}};
};
template <>
struct EnumNames<Confidence> {
  static constexpr std::array<std::pair<Confidence, std::string_view>, 4> kAll{
      {{Confidence::none, "none"},
       {Confidence::low, "low"},
       {Confidence::fair, "fair"},
       {Confidence::high, "high"}}};
};

template <class A>
void fields(A& archive, Limits& limits) {
  archive("max_bytes", limits.max_bytes);
  archive("max_entries", limits.max_entries);
  archive("ttl_ns", limits.ttl);
}

template <class A>
void fields(A& archive, Counters& counters) {
  archive("lookups", counters.lookups);
  archive("hits", counters.hits);
  archive("followers", counters.followers);
  archive("misses", counters.misses);
  archive("abandoned", counters.abandoned);
  archive("stored", counters.stored);
  archive("failed", counters.failed);
  archive("tainted", counters.tainted);
  archive("discarded", counters.discarded);
  archive("oversize", counters.oversize);
  archive("divergences", counters.divergences);
  archive("compute_ns", counters.compute);
  archive("saved_ns", counters.saved);
  archive("evicted_bytes", counters.evicted_bytes);
  archive("evicted_entries", counters.evicted_entries);
  archive("expired", counters.expired);
  archive("cleared", counters.cleared);
  archive("invalidated", counters.invalidated);
  archive("diverged", counters.diverged);
  archive("ended_with_inner", counters.ended_with_inner);
}

template <class A>
void fields(A& archive, EntryBytes& bytes) {
  archive("value", bytes.value);
  archive("recording", bytes.recording);
  archive("key", bytes.key);
}

template <class A>
void fields(A& archive, ReadText& read) {
  archive("variable", read.variable);
  archive("value", read.value);
}

template <class A>
void fields(A& archive, PermutationRow& row) {
  archive("id", row.id);
  archive("function", row.function);
  archive("arguments", row.arguments);
  archive("reads", row.reads);
  archive("session", row.session);
  archive("bytes", row.bytes);
  archive("source", row.source);
  archive("peak", row.peak);
  archive("shared_value", row.shared_value);
  archive("sharers", row.sharers);
  archive("media", row.media);
  archive("hits", row.hits);
  archive("followers", row.followers);
  archive("compute_ns", row.compute);
  archive("saved_ns", row.saved);
  archive("age_ns", row.age);
  archive("expires_in_ns", row.expires_in);
  archive("digest", row.digest);
}

template <class A>
void fields(A& archive, ArgumentsRow& row) {
  archive("function", row.function);
  archive("arguments", row.arguments);
  archive("session", row.session);
  archive("permutations", row.permutations);
  archive("bytes", row.bytes);
  archive("nodes", row.nodes);
}

template <class A>
void fields(A& archive, WidgetRow& row) {
  archive("function", row.function);
  archive("variable", row.variable);
  archive("distinct_values", row.distinct_values);
  archive("permutations", row.permutations);
  archive("bytes", row.bytes);
  archive("effect", row.effect);
}

template <class A>
void fields(A& archive, FunctionRow& row) {
  archive("name", row.name);
  archive("version", row.version);
  archive("kind", row.kind);
  archive("scope", row.scope);
  archive("allow_widgets", row.allow_widgets);
  archive("limits", row.limits);
  archive("permutations", row.permutations);
  archive("bytes", row.bytes);
  archive("nodes", row.nodes);
  archive("shared_values", row.shared_values);
  archive("counters", row.counters);
  archive("gone_hits", row.gone_hits);
}

template <class A>
void fields(A& archive, OmittedRow& row) {
  archive("function", row.function);
  archive("permutations", row.permutations);
  archive("never_hit", row.never_hit);
  archive("never_hit_bytes", row.never_hit_bytes);
  archive("bytes", row.bytes);
  archive("hits", row.hits);
  archive("compute_ns", row.compute);
  archive("saved_ns", row.saved);
}

template <class A>
void fields(A& archive, Totals& totals) {
  archive("permutations", totals.permutations);
  archive("charged", totals.charged);
  archive("entries", totals.entries);
  archive("nodes", totals.nodes);
  archive("shared", totals.shared);
  archive("media", totals.media);
  archive("saved_by_sharing", totals.saved_by_sharing);
  archive("held", totals.held);
  archive("under_construction", totals.under_construction);
  archive("fixed", totals.fixed);
  archive("advisor", totals.advisor);
  archive("release_errors", totals.release_errors);
  archive("rejected_values", totals.rejected_values);
  archive("counters", totals.counters);
}

template <class A>
void fields(A& archive, Report& report) {
  archive("limits", report.limits);
  archive("totals", report.totals);
  archive("functions", report.functions);
  archive("arguments", report.arguments);
  archive("permutations", report.permutations);
  archive("widgets", report.widgets);
  archive("omitted", report.omitted);
}

template <class A>
void fields(A& archive, AdvicePoint& point) {
  archive("max_bytes", point.max_bytes);
  archive("hit_ratio", point.hit_ratio);
  archive("cost_ratio", point.cost_ratio);
  archive("seconds_per_hour", point.seconds_per_hour);
}

template <class A>
void fields(A& archive, AdviceCurve& curve) {
  archive("function", curve.function);
  archive("points", curve.points);
  archive("needed", curve.needed);
  archive("knee", curve.knee);
  archive("recommended", curve.recommended);
  archive("loses", curve.loses);
}

template <class A>
void fields(A& archive, Advice& advice) {
  archive("engine", advice.engine);
  archive("functions", advice.functions);
  archive("confidence", advice.confidence);
  archive("why", advice.why);
  archive("error", advice.error);
  archive("calls", advice.calls);
  archive("tracked", advice.tracked);
  archive("permutations", advice.permutations);
  archive("span_ns", advice.span);
}

template <class A>
void fields(A& archive, ReportDocument& document) {
  archive("title", document.title);
  archive("made_at", document.made_at);
  archive("report", document.report);
  archive("advice", document.advice);
}

}  // namespace memoscape::inline v0::detail
