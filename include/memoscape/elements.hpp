// All elements and containers of the library, by families.
//
// Thread-safety: see the families.
//
//   ms::title(run, "Flights");
//   ms::Place left = ms::columns(run, 2)[0];
//   ms::metric(left, "Delayed", delayed.rows());
//   ms::dataframe(run, delayed);
#pragma once

#include "memoscape/charts.hpp"
#include "memoscape/data_elements.hpp"
#include "memoscape/layout.hpp"
#include "memoscape/media_elements.hpp"
#include "memoscape/status_elements.hpp"
#include "memoscape/text_elements.hpp"
