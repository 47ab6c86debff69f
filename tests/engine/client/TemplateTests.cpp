#include "engine/client/Template.h"
#include "tests/support/Catch.h"

#include <nlohmann/json.hpp>

using namespace drydock;
using namespace drydock::client;

namespace {

nlohmann::ordered_json const web { { "Name", "/web" }, { "State", { { "Pid", 7 }, { "Running", true } } },
    { "Env", { "A=1", "B=2" } }, { "Labels", { { "tier", "front" }, { "app", "shop" } } },
    { "Ports", { { "80/tcp", { { { "HostIp", "0.0.0.0" }, { "HostPort", "8080" } } } }, { "443/tcp", nullptr } } },
    { "Mounts", nlohmann::ordered_json::array() }, { "Error", "" } };

std::string expand(std::string const& text)
{
    auto const parsed = Template::parse(text);
    return parsed ? parsed->apply(web).value_or("(failed)") : parsed.error().message();
}

}

// What Go's text/template makes of each, with docker's functions (checked with docker inspect -f).
TEST_CASE("Template: what people type at --format", "[engine][client]")
{
    auto const [text, expected] = GENERATE(table<std::string, std::string>({
        { "{{.Name}} is {{ .State.Pid }}", "/web is 7" },
        { "{{json .State}}", R"({"Pid":7,"Running":true})" },
        { "{{.State.Running}} {{.Env}} {{.Labels}}", "true [A=1 B=2] map[app:shop tier:front]" },
        { "{{range .Env}}{{println .}}{{end}}", "A=1\nB=2\n" },
        { "{{range $i, $e := .Env}}{{$i}}:{{$e}} {{end}}", "0:A=1 1:B=2 " },
        { "{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "app=shop;tier=front;" },
        { "{{range .Mounts}}x{{else}}none{{end}}", "none" },
        { "{{if .State.Running}}up{{else}}down{{end}}", "up" },
        { "{{if .Error}}{{.Error}}{{else if eq .State.Pid 7}}seven{{else}}other{{end}}", "seven" },
        { "{{with .State}}{{.Pid}} of {{$.Name}}{{end}}", "7 of /web" },
        { "{{index .Labels \"tier\"}} {{index .Env 1}}", "front B=2" },
        { "{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080" },
        { "{{range $p, $conf := .Ports}}{{$p}} -> {{if $conf}}{{(index $conf 0).HostPort}}{{end}}\n{{end}}",
            "443/tcp -> \n80/tcp -> 8080\n" },
        { "{{.Labels.tier | upper}} {{upper .Labels.app}}", "FRONT SHOP" },
        { "{{join .Env \", \"}} {{len .Env}}", "A=1, B=2 2" },
        { "{{(split .Name \"/\")}}", "[ web]" },
        { "{{slice .Name 1}} {{truncate .Name 2}} {{title \"up here\"}}", "web /w Up Here" },
        { "{{printf \"%-6s|%03d|%q\" .Name .State.Pid .Name}}", "/web  |007|\"/web\"" },
        { "{{$n := .Name}}{{$n}}{{/* nothing */}}", "/web" },
        { "a {{- .Name -}}  b", "a/webb" },
        { "{{and .Error .Name}}|{{or .Error .Name}}|{{not .Error}}", "|/web|true" },
        { "{{.Labels.nosuch}}", "(failed)" },
        { "{{.Name", "template parsing error: template: :1: unclosed action" },
        { "{{range .Env}}", "template parsing error: template: :1: unexpected EOF" },
        { "{{end}}", "template parsing error: template: :1: unexpected {{end}}" },
        { "{{nosuch .Name}}", "(failed)" },
        { "{{\"a}}b\"}}", "a}}b" },
    }));
    CAPTURE(text);
    CHECK(expand(text) == expected);
}
