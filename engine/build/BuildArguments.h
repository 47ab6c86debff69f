#pragma once

// ARG: what may be given from outside, and where it is seen (Dockerfile reference, "Impact on build caching", "Scope").
// One declared before the first FROM is seen by FROM lines, and by a stage that declares it again.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drydock::build {

class BuildArguments {
public:
    using Given = std::map<std::string, std::optional<std::string>>; // --build-arg; nothing: "take nothing"
    explicit BuildArguments(Given given)
        : m_given(std::move(given))
    {
    }

    void declare_global(std::string const& name, std::optional<std::string> const& value);
    void begin_stage() { m_stage.clear(); }
    void declare(std::string const& name, std::optional<std::string> const& value);

    std::optional<std::string> global(std::string const& name) const;
    std::optional<std::string> in_stage(std::string const& name) const;
    // What a RUN's program sees: what the stage declared, and proxies that were given without being declared.
    std::map<std::string, std::string> for_run() const;
    // Whether a value belongs into the history and so into the cache: proxies do only where they were declared.
    bool counts(std::string const& name) const;
    std::vector<std::string> unused() const; // given, and never declared

private:
    std::optional<std::string> value_of(std::string const& name, std::optional<std::string> const& absent) const;

    Given m_given;
    std::map<std::string, std::optional<std::string>> m_global;
    std::map<std::string, std::optional<std::string>> m_stage;
    std::set<std::string> m_declared; // anywhere
};

}
