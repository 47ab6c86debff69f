#pragma once

// JSON values by their number, so that equal ones are kept once.

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <vector>

namespace drydock::exporting {

class Numbered {
public:
    int of(nlohmann::ordered_json const& value);
    nlohmann::ordered_json as_array() const;

private:
    std::map<std::string, int> m_numbers;
    std::vector<std::string> m_texts;
};

}
