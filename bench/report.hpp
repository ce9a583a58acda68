// What is made of the figures at the end: tables of 80 columns, and JSON.
#pragma once

#include <string>

namespace bench {

// Figures, peers, pauses and, last, the gates; of what was measured.
void print_tables();

// All of it for machines: every series with its quantiles, and its samples up to a thousand; every
// gate; the machine, the compiler, the date and the command. Throws std::runtime_error if `file`
// cannot be written.
void write_json(const std::string& file, int argc, const char* const* argv);

}  // namespace bench
