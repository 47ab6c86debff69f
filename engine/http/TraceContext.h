#pragma once

// How a span crosses the wire: the header `traceparent: 00-<trace>-<span>-01` (W3C Trace Context, 3.2). Span numbers
// mean something in one program only, so the trace id stands for this program, and spans of strangers are ignored.

#include "sim/core/Id.h"

#include <string>
#include <string_view>

namespace drydock::http {

inline constexpr std::string_view traceparent_header = "traceparent";

std::string traceparent_of(SpanId);
SpanId span_of_traceparent(std::string_view value); // 0 where it is not ours

}
