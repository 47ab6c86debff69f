#pragma once

// The language of `--format`: Go's text/template, as far as command lines use it. Fields, variables, pipelines, if,
// with, range, and docker's own functions; see https://pkg.go.dev/text/template and docker's cli/templates.

#include "sim/core/Result.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace drydock::client {

class Template {
public:
    // InvalidInput "template parsing error: …", with docker's words where Go has simple ones.
    static Result<Template> parse(std::string_view text);
    ~Template();
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;

    // `value` is what "." stands for at first.
    Result<std::string> apply(nlohmann::ordered_json const& value) const;

    struct Node; // of the parsed text

private:
    explicit Template(std::unique_ptr<Node> root);
    std::unique_ptr<Node> m_root;
};

}
