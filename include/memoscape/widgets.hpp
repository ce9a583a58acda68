// All widgets of the library, by families.
//
// Each is a function of a place on the page, a label, what the family needs, and options; it gives
// the widget's value in this run. All stand on one primitive, Place::widget in run.hpp, on which
// applications build their own.
//
// Thread-safety: see the families.
//
//   int minutes = ms::slider(run, "Delayed by at least", 0, 180, 15);
//   if (ms::checkbox(run, "Only some months"))
//     table = table.where_month_in(ms::multiselect(run, "Months", kMonths));
#pragma once

#include "memoscape/buttons.hpp"
#include "memoscape/choices.hpp"
#include "memoscape/color_picker.hpp"
#include "memoscape/data_editor.hpp"
#include "memoscape/dates.hpp"
#include "memoscape/numbers.hpp"
#include "memoscape/pills.hpp"
#include "memoscape/texts.hpp"
#include "memoscape/uploads.hpp"
#include "memoscape/widget_options.hpp"
