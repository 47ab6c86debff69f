#pragma once

// What the loader of scenarios is made of beside Load.cpp: command lines, hosts, predicates and measures. For loaders
// only.

#include "sim/scenario/Table.h"

namespace drydock::scenario {

void check_commands(Table const&, std::string_view key, std::vector<std::string> const& lines, Cast const&);
void check_host(Table const&, std::string_view key, std::string const& name, Cast const&);

// Nothing where the table does not say what must hold; what is wrong has been said.
std::optional<Predicate> read_predicate(Table, Cast const&);
// `measure`, and the keys that some measures need beside it.
void read_measure(Table&, Cast const&, Prediction&);
// `thing` of an item to sort: "file:/srv/x", "field:Config.Env", "process:httpd", "kernel" or "daemon".
std::string read_thing(Table&);

}
