#pragma once

// What this machine and this user may do, tried out for real in processes that end at once. Each trial is a phase of
// the report; one that does not work ends with a failure, as a launch would.

namespace drydock::init {

int run_probe();

}
