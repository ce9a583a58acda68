// All kinds of widgets and elements of the library, in one table: for a page of the manual, or a
// front end, to be made from. A new one is one new file and one line here.
//
// Thread-safety: constants.
#pragma once

#include <span>
#include <string_view>

#include "memoscape/page.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

// Exactly one of the two pointers is set.
struct KindEntry {
  std::string_view name;
  const WidgetKind* widget;
  const ElementKind* element;
};

std::span<const KindEntry> all_kinds() noexcept;

extern const WidgetKind kButtonKind;
extern const WidgetKind kFormSubmitButtonKind;
extern const WidgetKind kCheckboxKind;
extern const WidgetKind kRadioKind;
extern const WidgetKind kSelectboxKind;
extern const WidgetKind kMultiselectKind;
extern const WidgetKind kSliderKind;
extern const WidgetKind kNumberInputKind;
extern const WidgetKind kTextInputKind;
extern const WidgetKind kFileUploaderKind;
extern const WidgetKind kCameraInputKind;
extern const WidgetKind kAudioInputKind;

extern const ElementKind kTextKind;
extern const ElementKind kTitleKind;
extern const ElementKind kHeaderKind;
extern const ElementKind kSubheaderKind;
extern const ElementKind kMarkdownKind;
extern const ElementKind kCaptionKind;
extern const ElementKind kDividerKind;
extern const ElementKind kMetricKind;
extern const ElementKind kDataframeKind;
extern const ElementKind kLineChartKind;
extern const ElementKind kImageKind;
extern const ElementKind kSuccessKind;
extern const ElementKind kErrorKind;
extern const ElementKind kWarningKind;
extern const ElementKind kInfoKind;
extern const ElementKind kProgressKind;
extern const ElementKind kEmptyKind;
extern const ElementKind kContainerKind;
extern const ElementKind kColumnsKind;
extern const ElementKind kColumnKind;
extern const ElementKind kExpanderKind;
extern const ElementKind kFormKind;

}  // namespace memoscape::inline v0::detail
