#include "widgets/kinds.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr KindEntry kKinds[] = {
    {"button", &kButtonKind, nullptr},
    {"form_submit_button", &kFormSubmitButtonKind, nullptr},
    {"checkbox", &kCheckboxKind, nullptr},
    {"radio", &kRadioKind, nullptr},
    {"selectbox", &kSelectboxKind, nullptr},
    {"multiselect", &kMultiselectKind, nullptr},
    {"slider", &kSliderKind, nullptr},
    {"number_input", &kNumberInputKind, nullptr},
    {"text_input", &kTextInputKind, nullptr},
    {"file_uploader", &kFileUploaderKind, nullptr},
    {"camera_input", &kCameraInputKind, nullptr},
    {"audio_input", &kAudioInputKind, nullptr},

    {"text", nullptr, &kTextKind},
    {"title", nullptr, &kTitleKind},
    {"header", nullptr, &kHeaderKind},
    {"subheader", nullptr, &kSubheaderKind},
    {"markdown", nullptr, &kMarkdownKind},
    {"caption", nullptr, &kCaptionKind},
    {"divider", nullptr, &kDividerKind},
    {"metric", nullptr, &kMetricKind},
    {"dataframe", nullptr, &kDataframeKind},
    {"line_chart", nullptr, &kLineChartKind},
    {"image", nullptr, &kImageKind},
    {"success", nullptr, &kSuccessKind},
    {"error", nullptr, &kErrorKind},
    {"warning", nullptr, &kWarningKind},
    {"info", nullptr, &kInfoKind},
    {"exception", nullptr, &kExceptionKind},
    {"spinner", nullptr, &kSpinnerKind},
    {"progress", nullptr, &kProgressKind},
    {"empty", nullptr, &kEmptyKind},
    {"container", nullptr, &kContainerKind},
    {"columns", nullptr, &kColumnsKind},
    {"column", nullptr, &kColumnKind},
    {"expander", nullptr, &kExpanderKind},
    {"form", nullptr, &kFormKind},
};

}  // namespace

std::span<const KindEntry> all_kinds() noexcept { return kKinds; }

}  // namespace memoscape::inline v0::detail
