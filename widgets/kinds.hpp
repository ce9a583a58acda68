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

// Exactly one of the two pointers is set. The words are for the manual, in its Markdown.
struct KindEntry {
  std::string_view name;
  const WidgetKind* widget = nullptr;
  const ElementKind* element = nullptr;
  std::string_view value = {};       // of a widget: its C++ type, and the Value if it is another
  std::string_view initial = {};     // of a widget: the default
  std::string_view definition = {};  // of a widget: what counts for its identity beside the label
  std::string_view refused = {};     // values from outside, and what only the script can do wrong
  std::string_view streamlit = {};   // the counterpart; empty: none
  std::string_view difference = {};  // from the counterpart; empty: none
};

std::span<const KindEntry> all_kinds() noexcept;

// The text of a container that shows only what is in it.
inline void no_heading(const Element&, std::string&) {}

extern const WidgetKind kButtonKind;
extern const WidgetKind kDownloadButtonKind;
extern const WidgetKind kFormSubmitButtonKind;
extern const WidgetKind kCheckboxKind;
extern const WidgetKind kToggleKind;
extern const WidgetKind kRadioKind;
extern const WidgetKind kSelectboxKind;
extern const WidgetKind kMultiselectKind;
extern const WidgetKind kSelectSliderKind;
extern const WidgetKind kPillsKind;
extern const WidgetKind kSegmentedControlKind;
extern const WidgetKind kFeedbackKind;
extern const WidgetKind kSliderKind;
extern const WidgetKind kNumberInputKind;
extern const WidgetKind kColorPickerKind;
extern const WidgetKind kDateInputKind;
extern const WidgetKind kTimeInputKind;
extern const WidgetKind kTextInputKind;
extern const WidgetKind kTextAreaKind;
extern const WidgetKind kChatInputKind;
extern const WidgetKind kDataEditorKind;
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
extern const ElementKind kCodeKind;
extern const ElementKind kJsonKind;
extern const ElementKind kMetricKind;
extern const ElementKind kDataframeKind;
extern const ElementKind kTableKind;
extern const ElementKind kLineChartKind;
extern const ElementKind kAreaChartKind;
extern const ElementKind kBarChartKind;
extern const ElementKind kScatterChartKind;
extern const ElementKind kImageKind;
extern const ElementKind kAudioKind;
extern const ElementKind kVideoKind;
extern const ElementKind kSuccessKind;
extern const ElementKind kErrorKind;
extern const ElementKind kWarningKind;
extern const ElementKind kInfoKind;
extern const ElementKind kToastKind;
extern const ElementKind kProgressKind;
extern const ElementKind kEmptyKind;
extern const ElementKind kContainerKind;
extern const ElementKind kColumnsKind;
extern const ElementKind kColumnKind;
extern const ElementKind kTabsKind;
extern const ElementKind kTabKind;
extern const ElementKind kExpanderKind;
extern const ElementKind kFormKind;
extern const ElementKind kFragmentKind;

}  // namespace memoscape::inline v0::detail
