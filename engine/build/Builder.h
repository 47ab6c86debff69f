#pragma once

// The classic builder: reads a Dockerfile from top to bottom and makes an image of every step. RUN makes a container
// of its own, and what it changed becomes a layer; COPY and ADD write on a sheet by themselves; the rest changes the
// config. A step that an earlier build made from the same parent is taken from it, up to the first that differs.
//
//   stages ──► steps ──► image after the step (config + layers, untagged) ──► the last one gets the tags

#include "engine/build/BuildArguments.h"
#include "engine/build/ConfigEditor.h"
#include "engine/build/Copy.h"
#include "engine/build/TarTree.h"
#include "engine/build/Workshop.h"
#include "sim/trace/EventLog.h"

namespace drydock::build {

struct BuildOptions {
    std::string dockerfile_name { "Dockerfile" }; // for messages
    BuildArguments::Given arguments;
    std::map<std::string, std::string> labels;
    std::string target; // name or number of a stage; empty: the last one
    bool use_cache { true };
    bool remove_containers { true }; // of steps that went well
    bool always_remove_containers { false };
};

// Where a step's text goes, as docker prints it.
using BuildOutput = std::function<void(std::string_view)>;

class Builder {
public:
    Builder(Workshop&, TarTree const& context, BuildOptions, BuildOutput, trace::Publisher);
    ~Builder();

    // InvalidInput for a file that cannot be read; nothing has been printed or made then.
    Result<void> read(std::string_view dockerfile);
    Result<image::Image> run();
    int exit_code() const { return m_exit_code; }     // of the RUN that failed; 0: something else did
    int failed_line() const { return m_failed_line; } // 0: none

private:
    struct Stage {
        Instruction from;
        std::string base;
        std::string name;
        std::vector<Instruction> steps;
        std::optional<image::Image> image; // when it is built
    };
    struct NewStep { // what a step made
        std::string created_by;
        std::optional<image::MadeLayer> layer;
    };

    Result<void> sort_into_stages(Dockerfile);
    Result<void> add_label_step();
    Result<void> choose_target();
    std::int64_t count_steps() const;

    Result<void> run_global_arguments();
    Result<void> declare_global(Instruction const&);
    Result<void> run_stage(Stage&);
    Result<void> begin_stage(Stage&);
    Result<void> run_triggers();
    Result<void> run_step(Instruction const&, std::function<Result<void>()> const& work);
    Result<void> dispatch(Instruction const&);

    Result<void> run_argument(Instruction const&);
    Result<void> run_config(Instruction const&);
    Result<void> run_workdir(Instruction const&);
    Result<void> run_command(Instruction const&);
    Result<void> run_copy(Instruction const&);

    // COPY's parts.
    struct CopyPlan {
        std::vector<Source> sources;
        std::vector<std::unique_ptr<TarTree>> inline_files; // of here-documents
        std::unique_ptr<unionfs::UnionMount const> other_image;
        std::string destination;
        std::string owner;
        std::optional<std::uint32_t> mode;
    };
    Result<CopyPlan> plan_copy(Instruction const&);
    Result<void> plan_sources(Instruction const&, std::vector<std::string> const& names, CopyPlan&);
    Result<unionfs::UnionMount const*> source_tree(Instruction const&, CopyPlan&);
    Result<void> add_heredoc(Heredoc const&, CopyPlan&);
    Result<void> copy_one(Source const&, CopyPlan const&, CopyOptions, bool unpack, unionfs::UnionMount& to);
    Result<std::unique_ptr<TarTree>> open_archive(Source const&);
    static std::string place_of(Source const&, CopyPlan const&, unionfs::UnionMount const& to);
    void blame_file(CopyPlan const&, std::string const& history_begin);

    bool take_from_cache(std::string const& created_by);
    Result<void> store(NewStep);
    Result<void> run_nothing(std::string const& comment); // a step that only changes the config
    std::string nop(std::string const& comment) const;
    Result<std::string> command_text(Instruction const&) const;
    std::string with_arguments(std::vector<std::string> const& command) const;

    Variables variables() const;
    Result<std::string> expanded(std::string const& word) const;
    void say(std::string const& text) const { m_output(text); }
    void say_image() const;
    void point_at(Instruction const&);

    Workshop& m_workshop;
    TarTree const& m_context;
    BuildOptions m_options;
    BuildOutput m_output;
    trace::Publisher m_publisher;

    char m_escape { '\\' };
    std::vector<Instruction> m_global_arguments;
    std::vector<Stage> m_stages;
    std::vector<std::string> m_text_lines; // of the Dockerfile, to point at
    std::int64_t m_steps { 0 };
    std::int64_t m_step { 0 };

    // The stage being built.
    BuildArguments m_arguments;
    std::optional<image::Image> m_image; // after the last step; nothing: FROM scratch
    ConfigEditor m_config { oci::ImageConfig {} };
    bool m_in_stage { false }; // not among the ARGs before the first FROM
    bool m_cache_missed { false };
    bool m_was_cached { false };             // the step being run
    std::string m_reason;                    // why it was cached, or was not
    std::string m_changed;                   // the file to blame
    std::optional<image::MadeLayer> m_layer; // that it made
    std::vector<std::unique_ptr<StepContainer>> m_containers;
    int m_exit_code { 0 };
    int m_failed_line { 0 };
};

}
