// What a fuzz target defines: reads `text`, and ends the process if the reader did wrong. The
// errors that the reader promises are caught there, so that any other one is a finding.
#pragma once

#include <string_view>

void fuzz(std::string_view text);
