#pragma once

// `?filters=` of the list endpoints: {"name":{"web":true}} or the older {"name":["web"]}. Several values of a key are
// alternatives, several keys must all hold; of labels every one must hold.

#include "sim/core/Result.h"
#include "sim/core/Units.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace drydock::daemon {

class Filters {
public:
    // InvalidInput "invalid filter" for bad JSON, "invalid filter 'zz'" for a key that is not `known`.
    static Result<Filters> parse(std::string_view json, std::span<std::string_view const> known);

    bool has(std::string const& key) const { return m_values.contains(key); }
    std::set<std::string> const& values(std::string const& key) const;
    // True where the key is absent or one of its values fits.
    bool any(std::string const& key, std::function<bool(std::string const&)> const& fits) const;
    bool is(std::string const& key, std::string const& value) const;
    // What was made before this fits the key "until"; the end of time where it is absent.
    Result<Timestamp> until(Timestamp now) const;
    bool labels_match(
        std::map<std::string, std::string> const& labels) const; // the keys "label" and, of a prune, "label!"

private:
    std::map<std::string, std::set<std::string>> m_values;
};

}
