#pragma once

// sh: runs the tree that ShellSyntax makes of a script, as BusyBox's ash does. Other programs are children made by
// fork and execute; a subshell is a child with a copy of the shell.

#include "sim/kernel/ShellSyntax.h"
#include "sim/kernel/System.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drydock::kernel::shell {

struct Variable {
    std::string value;
    bool exported { false };
    bool read_only { false };
};

class Shell {
public:
    Shell(System&, std::string name, std::vector<std::string> arguments);

    // What -c gets: the last command takes the shell's place where no trap needs the shell any more.
    int run_command_line(std::string_view script);
    int run_script(std::string_view script);
    int run_standard_input();      // line by line; with a prompt where it is a terminal
    bool exit_on_error { false };  // set -e
    bool trace { false };          // set -x
    bool unset_is_error { false }; // set -u

private:
    friend class Expander;

    // Leaves loops, functions or the shell; thrown by the built-ins of these names.
    struct Break {
        int levels;
    };
    struct Continue {
        int levels;
    };
    struct Return {
        int status;
    };
    struct Exit {
        int status;
    };

    // A child's copy: without the traps, in no loop.
    Shell(System&, Shell const& parent);

    int run(NodePtr const&);
    int run_node(NodePtr const&);
    int run_simple(Node const&);
    int run_pipeline(Node const&);
    int run_if(Node const&);
    int run_for(Node const&);
    int run_while(Node const&);
    int run_case(Node const&);
    int run_subshell(NodePtr const&);
    int run_background(NodePtr const&);
    int run_function(NodePtr const& body, Args const& args);
    int run_program(Args const& args, std::vector<std::string> const& assignments);
    int become(Args const& args, std::vector<std::string> const& assignments);
    bool iterate(NodePtr const& body); // one round of a loop; false: it ends
    std::int64_t start_child(std::function<int(Shell&)> body);
    int wait_for(std::int64_t pid);
    void catch_signals();
    int guarded(std::function<int()> const& body);
    void run_traps();
    Result<void> redirect(Redirect const&);
    Result<void> redirect_all(std::deque<Redirect> const&);
    void assign(std::string const& name, std::string value);
    std::optional<std::string> lookup(std::string const& name) const;
    void export_environment();
    std::uint64_t memory_of_variables() const; // bytes
    int complain(std::string const& message, int status);
    std::string command_output(std::string_view script);

    // Built-ins
    using Builtin = int (Shell::*)(Args const&);
    static std::map<std::string, Builtin> const& builtins();
    int builtin_colon(Args const&);
    int builtin_false(Args const&);
    int builtin_exit(Args const&);
    int builtin_return(Args const&);
    int builtin_break(Args const&);
    int builtin_continue(Args const&);
    int builtin_cd(Args const&);
    int builtin_export(Args const&);
    int builtin_readonly(Args const&);
    int builtin_unset(Args const&);
    int builtin_set(Args const&);
    int builtin_shift(Args const&);
    int builtin_trap(Args const&);
    int builtin_wait(Args const&);
    int builtin_eval(Args const&);
    int builtin_source(Args const&);
    int builtin_exec(Args const&);
    int builtin_read(Args const&);
    int builtin_umask(Args const&);
    int builtin_type(Args const&);
    int builtin_applet(Args const&); // echo, printf, test and the like: the applet, in this process

    System& m_system;
    std::string m_name;
    std::vector<std::string> m_arguments;
    std::map<std::string, Variable> m_variables;
    std::map<std::string, NodePtr> m_functions;
    std::map<int, std::string> m_traps; // 0: EXIT
    int m_status { 0 };
    std::int64_t m_last_background { 0 };
    std::int64_t m_shell_pid; // $$ stays the same in subshells
    std::optional<int> m_substitution_status;
    std::deque<int> m_caught;       // signals whose traps are to run
    Node const* m_last { nullptr }; // of a -c script: the command that may replace the shell
    int m_loops { 0 };
    int m_untested { 0 }; // > 0: in a condition, where set -e does not act
    bool m_running_trap { false };
    bool m_keep_redirects { false }; // "exec > file" without a program
};

}
