// drydock-init: the small single-threaded program between the engine and a container. A threaded process cannot make
// namespaces (unshare(2) of CLONE_NEWUSER fails there), and after a fork it may hardly do anything; so the engine
// starts this one, sends it a Spec, and reads Reports. It is linked statically: nothing of it depends on what lies in
// an image.

#include "engine/init/Monitor.h"

int main()
{
    return drydock::init::run_monitor();
}
