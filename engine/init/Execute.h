#pragma once

// The last step: finding the program in the container's PATH and becoming it. The messages use docker's words, because
// `docker run` chooses its exit status (125, 126, 127) by them.

#include "engine/init/Identity.h"
#include "engine/init/Steps.h"

namespace drydock::init {

// Makes the directory where it is missing, and makes sure that it lies inside the container.
void enter_working_directory(Spec const&, Steps&);

// As execve(2) takes them, with a null at the end; valid as long as the texts are.
inline std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void execute(Spec const&, Identity const&, Steps&);

// ---- The same in parts, for a program that waits in between ----

struct Program {
    std::string path;
    std::vector<std::string> args;
    std::vector<std::string> env; // with PATH and HOME
};
Program find_program(Spec const&, Identity const&, Steps&);
// Becomes it; returns the errno where the kernel refuses.
int become(Program&);
// What a failed execve(2) means.
[[noreturn]] void refuse(std::string const& path, int error, Steps&);

}
