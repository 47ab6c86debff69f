// drydock-init: the small single-threaded program between the engine and a container. A threaded process cannot make
// namespaces (unshare(2) of CLONE_NEWUSER fails there), and after a fork it may hardly do anything; so the engine
// starts this one, sends it a Spec, and reads Reports. It is linked statically: nothing of it depends on what lies in
// an image.

#include "engine/init/Monitor.h"
#include "engine/init/Probe.h"

#include <string_view>

int main(int argc, char** argv)
{
    if (argc == 2 && std::string_view(argv[1]) == "--probe")
        return drydock::init::run_probe();
    return drydock::init::run_monitor();
}
