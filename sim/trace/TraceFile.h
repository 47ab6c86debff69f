#pragma once

// A trace on disk: JSON lines, a header first, then one record per line in the order of the log. Written as the
// records come, so that a killed program leaves a file that is complete up to its last line.
// docs/trace-format.md is the specification.

#include "sim/core/Result.h"
#include "sim/trace/EventLog.h"

#include <iosfwd>
#include <memory>
#include <string>

namespace drydock::trace {

inline constexpr int trace_format_version = 1;

class TraceWriter {
public:
    // Writes the header. The stream must outlive the writer.
    explicit TraceWriter(std::ostream&);
    // Writes the records that came since the last call, and flushes.
    Result<void> write_new(EventLog const&);

private:
    std::ostream& m_out;
    std::uint64_t m_written { 0 };
};

Result<void> save_trace(EventLog const&, std::string const& path);

// Appends every record of the stream to `log`. An error names the line; the records before it are in the log then.
Result<void> read_trace(std::istream&, EventLog& log);
Result<std::unique_ptr<EventLog>> load_trace(std::string const& path);

}
