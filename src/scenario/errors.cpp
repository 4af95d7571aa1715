// The table of problem codes. A code never changes its meaning; a new problem gets a new code.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "scenario/load.hpp"

namespace hyperdc {
namespace {

struct Code {
  std::string_view code;
  std::string_view line;  // what is wrong, in one line
  std::string_view text;  // what it means and what to do
};

constexpr auto kCodes = std::to_array<Code>({
    {"E001", "A file cannot be read",
     "The file is missing, may not be read, or is a directory, a pipe or a device. Input is "
     "checked "
     "whole before anything runs, so it must be a regular file. Paths are relative to the file "
     "that "
     "names them; with --set, to the scenario or to the current directory."},
    {"E002", "Not JSON",
     "The text breaks the grammar of JSON (RFC 8259): comments, trailing commas, single quotes, "
     "NaN "
     "and Infinity are not allowed. Nothing else is checked until the text can be parsed."},
    {"E003", "Not UTF-8 text",
     "Files are UTF-8 without a byte order mark and without zero bytes. Save the file as UTF-8."},
    {"E004", "Too large",
     "All files of a scenario together may have 64 MiB of JSON and a million values, each 64 "
     "levels "
     "of nesting. Long lists of jobs or servers belong into trace files and node lists."},
    {"E005", "A key is given twice",
     "JSON readers disagree about which of two equal keys counts, so none does here. Remove one."},
    {"E006", "A number is too large", "Numbers are 64-bit floating point, up to 1.7e308."},
    {"E007", "A scenario extends itself",
     "The chain of \"extends\" must end: it may have 16 files and none of them twice."},
    {"E008", "A file lies outside",
     "A scenario may read files only from its own directory and below, after symbolic links, or "
     "from the trace directories given on the command line. So a scenario from a stranger cannot "
     "read other files."},
    {"E009", "--set: a path that does not exist",
     "The path is dotted (pools.h100.scheduler) or a JSON Pointer (/pools/h100/scheduler). Every "
     "name on the way must exist; the value is merged like one in a file that extends the "
     "scenario."},
    {"E010", "A value of another kind",
     "A text where a number is needed, a list where an object is needed, and so on."},
    {"E011", "A key is missing", "The key has no default and must be written."},
    {"E012", "Unknown key",
     "Keys that are not known are errors, so that a misspelled key cannot silently keep a "
     "default."},
    {"E013", "Unknown choice", "The value must be one of a few names, listed in the reference."},
    {"E014", "Not a name",
     "Names are made of a-z, 0-9, _ and -, begin with a letter or digit and have at most 64 "
     "characters, so that every value has a dotted path. Catalog entries are named as their file."},
    {"E015", "Keys that exclude each other",
     "Of these keys exactly one (or at least one) must be written, as the hint says."},
    {"E016", "A key that does not apply",
     "The key exists, but only beside another key or for another kind or format."},
    {"E020", "A quantity without a good unit",
     "Quantities are texts: number, space, unit, as in \"400 Gbit/s\". Units are case-sensitive "
     "and must measure what the key measures; a bare number is an error."},
    {"E021", "Out of range", "The value lies outside the range that the model is valid for."},
    {"E022", "A list of the wrong length", "The list is empty, too long or of unequal length."},
    {"E030", "Unknown name",
     "No server, accelerator, region, rack group or pool has this name in the scenario or the "
     "catalog. \"hyperdc catalog\" lists what the catalog has."},
    {"E031", "A rack group in two pools",
     "A rack group belongs to at most one pool. Choose with \"accelerator\", \"in\" and "
     "\"racks\"."},
    {"E032", "An empty pool",
     "No rack group meets all of \"accelerator\", \"in\" and \"racks\" of this pool."},
    {"E033", "A run without an end",
     "A generator without \"count\", failures or measurements go on for ever, and the scenario has "
     "no \"duration\"."},
    {"E034", "Values that contradict each other", "Each value is fine alone, but not together."},
    {"E035", "More than the program takes",
     "A bound on sizes, so that a slip of a digit is an error and not a computer without memory."},
    {"E036", "Power unknown without a reason",
     "Power may be null, and energy is then null too and never zero; \"power_reason\" says why."},
    {"E037", "A latency that is not known",
     "Requests travel between two regions whose latency is not stated in \"latency\" and of which "
     "one "
     "or both have no \"location\"."},
    {"E038", "Services that call each other in a circle",
     "Calls form a graph without circles: a request would never be done."},
    {"E039", "A replica that fits nowhere",
     "A replica holds cores, memory and accelerators of one server, and no server of the pool has "
     "as much."},
    {"E040", "Unknown metric", "An objective names a metric that this scenario does not produce."},
    {"E042", "A placement without what it needs",
     "\"fgd\" measures fragmentation against the usual jobs of the pool: some job must ask for an "
     "accelerator, and there must be at most 4096 kinds of jobs."},
    {"E041", "A file is not the one that the scenario was made with",
     "\"files\" of a resolved scenario holds the sha256 of its traces and node lists. The file has "
     "changed since; bring it back, or remove its line from \"files\"."},
    {"E045", "More than the fluid fidelity can tell",
     "A fluid service has rates and no requests. What depends on single requests (retries, calls, "
     "sessions, admission, arrivals that answer to the service) needs \"fidelity\": \"exact\"."},
    {"E050", "Warning: no job fits",
     "Every job asks for more than any server of the pool has, or "
     "for accelerator models that the pool does not have. All jobs will be rejected."},
    {"E051", "Warning: racks without a pool", "No workload can use them; they draw idle power."},
    {"E052", "Warning: a model that no server has",
     "Jobs that allow only this model are rejected."},
    {"E053", "Warning: more than links or drives carry",
     "On average more bytes are offered than some tier of links (or the endpoints of a hot spot) "
     "can carry. Flows pile up for as long as transfers come; times are then those of a queue "
     "that only grows, and each change has more flows to look at."},
    {"E060", "A trace cannot be opened", "It is missing, may not be read, or is no regular file."},
    {"E061", "A trace is damaged",
     "The gzip stream is cut off or corrupt, or the text has zero bytes, bytes that are not UTF-8, "
     "a line of absurd length, or a million blank lines in a row."},
    {"E062", "A trace with other columns",
     "The header has an unknown, repeated or missing column."},
    {"E063", "A row of another shape", "The row has more or fewer fields than the header."},
    {"E064", "A field that cannot be read", "The field is not a number, or not what it should be."},
    {"E065", "A field out of range", "The number cannot be what the column means."},
    {"E066", "A trace beyond a limit", "More than the program takes; the message says how much."},
    {"E067", "A trace without jobs", "The file has a header and nothing else, or not even that."},
    {"E068", "A graph with a mistake",
     "A link, node or route of a network cannot be read, names what is not there, or is given "
     "twice."},
    {"E080", "Racks without a feed",
     "Where a facility has power devices, each rack group names those that feed it."},
    {"E081", "A device feeds itself", "Power flows from sources to racks; feeds form no circle."},
    {"E082", "Warning: more racks than a device carries",
     "With every device in order and every server at full power a device would be above its "
     "capacity. That is oversubscription; a cap or luck must hold it."},
    {"E083", "Power devices without the power of their racks",
     "Loads, trips, caps and heat follow from what servers draw; here that is not known."},
});

}  // namespace

std::string explain_error(std::string_view code) {
  const auto* it = std::find_if(kCodes.begin(), kCodes.end(),
                                [&](const Code& known) { return known.code == code; });
  return it == kCodes.end() ? "" : fmt::format("{}: {}\n\n{}\n", it->code, it->line, it->text);
}

std::string errors_reference() {
  std::string out = "# Errors\n\nEvery problem of an input file has a stable code.\n";
  for (const Code& code : kCodes) {
    out += fmt::format("\n## {} {}\n\n{}\n", code.code, code.line, code.text);
  }
  return out;
}

}  // namespace hyperdc
