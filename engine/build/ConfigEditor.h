#pragma once

// The instructions that change what the image says about itself and no file: ENV, CMD, LABEL, … They make a line of
// history and a new config, and no layer. `docker commit --change` uses them too.

#include "engine/build/Dockerfile.h"
#include "engine/build/Words.h"
#include "sim/oci/Manifest.h"

namespace drydock::build {

class ConfigEditor {
public:
    explicit ConfigEditor(oci::ImageConfig its_config)
        : config(std::move(its_config))
    {
    }

    static bool knows(std::string const& keyword);
    // Yields the line of history, "ENV a=b". InvalidInput says what the instruction wants.
    Result<std::string> apply(Instruction const&, char escape, Variables const&);

    std::vector<std::string> shell() const; // of the shell form
    // The words of RUN, CMD and ENTRYPOINT in either form.
    std::vector<std::string> command_of(Instruction const&) const;
    std::optional<std::string> env(std::string const& name) const;
    void set_env(std::string const& name, std::string const& value);

    oci::ImageConfig config;

private:
    Result<std::string> env(Instruction const&, char escape, Variables const&);
    Result<std::string> label(Instruction const&, char escape, Variables const&);
    Result<std::string> expose(Instruction const&, char escape, Variables const&);
    Result<std::string> volume(Instruction const&, char escape, Variables const&);
    Result<std::string> healthcheck(Instruction const&);
    Result<std::string> on_build(Instruction const&);
    Result<std::string> shell(Instruction const&);

    bool m_command_is_ours { false }; // CMD stood in this Dockerfile: an ENTRYPOINT after it leaves it alone
};

// Docker's words for an instruction with the wrong number of arguments, or with flags that it does not have.
Result<void> want_one_word(Instruction const&);
Result<void> want_words(Instruction const&);
Result<void> allow_flags(Instruction const&, std::initializer_list<std::string_view> names);
std::optional<std::string> flag_of(Instruction const&, std::string_view name);

// `commit --change "CMD sh"`: only what docker allows there.
Result<void> apply_change(std::string const& line, oci::ImageConfig&);

}
