#include "visual/export/Numbered.h"

#include <nlohmann/json.hpp>

namespace drydock::exporting {

int Numbered::of(nlohmann::ordered_json const& value)
{
    // What a container printed may be any bytes; what is no UTF-8 becomes U+FFFD.
    auto const text = value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    auto const [it, is_new] = m_numbers.emplace(text, static_cast<int>(m_texts.size()));
    if (is_new)
        m_texts.push_back(text);
    return it->second;
}

nlohmann::ordered_json Numbered::as_array() const
{
    auto array = nlohmann::ordered_json::array();
    for (auto const& text : m_texts)
        array.push_back(nlohmann::ordered_json::parse(text));
    return array;
}

}
