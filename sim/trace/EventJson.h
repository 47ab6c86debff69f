#pragma once

// Events as JSON and as text, both derived from the field lists of Fields.h: nothing here knows any one event. Text
// that is not UTF-8 (a container may print any byte) becomes {"hex":"…"}, so that nothing is lost.

#include "sim/core/Result.h"
#include "sim/trace/EventLog.h"

#include <string>
#include <string_view>
#include <vector>

namespace drydock::trace {

// One line, keys in the order of the fields: {"digest":"sha256:…","size":12}
std::string to_json(Event const&);
// `name` as name_of gives it. InvalidInput names the field that is missing, unknown or of the wrong type.
Result<Event> event_from_json(std::string_view name, std::string_view json);

// A record as one line of a trace file; docs/trace-format.md explains the keys.
std::string to_json(Record const&);

struct FieldText {
    std::string name;
    std::string value;
};
// Every field with its value as a person would write it; for the inspector and the tests.
std::vector<FieldText> field_texts(Event const&);

std::string_view to_string(Provenance);
std::string_view to_string(ActorRole);
std::string_view to_string(Verified);

}
