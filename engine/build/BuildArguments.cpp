#include "engine/build/BuildArguments.h"

#include <algorithm>
#include <array>

namespace drydock::build {

namespace {

bool is_proxy(std::string const& name)
{
    static constexpr std::array predefined { "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY",
        "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy" };
    return std::find(predefined.begin(), predefined.end(), name) != predefined.end();
}

}

std::optional<std::string> BuildArguments::value_of(
    std::string const& name, std::optional<std::string> const& absent) const
{
    auto const given = m_given.find(name);
    return given != m_given.end() && given->second ? given->second : absent;
}

void BuildArguments::declare_global(std::string const& name, std::optional<std::string> const& value)
{
    m_global[name] = value;
    m_declared.insert(name);
}

void BuildArguments::declare(std::string const& name, std::optional<std::string> const& value)
{
    m_stage[name] = value;
    m_declared.insert(name);
}

std::optional<std::string> BuildArguments::global(std::string const& name) const
{
    auto const declared = m_global.find(name);
    return declared == m_global.end() ? std::nullopt : value_of(name, declared->second);
}

std::optional<std::string> BuildArguments::in_stage(std::string const& name) const
{
    auto const declared = m_stage.find(name);
    if (declared == m_stage.end())
        return is_proxy(name) ? value_of(name, std::nullopt) : std::nullopt;
    return value_of(name, declared->second ? declared->second : global(name));
}

std::map<std::string, std::string> BuildArguments::for_run() const
{
    std::map<std::string, std::string> all;
    for (auto const& [name, value] : m_given) {
        if (auto const given = in_stage(name))
            all[name] = *given;
    }
    for (auto const& [name, value] : m_stage) {
        if (auto const declared = in_stage(name))
            all[name] = *declared;
    }
    return all;
}

bool BuildArguments::counts(std::string const& name) const
{
    return !is_proxy(name) || m_declared.contains(name);
}

std::vector<std::string> BuildArguments::unused() const
{
    std::vector<std::string> names;
    for (auto const& [name, value] : m_given) {
        if (!m_declared.contains(name) && !is_proxy(name))
            names.push_back(name);
    }
    return names;
}

}
