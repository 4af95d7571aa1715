#include "results/schema.hpp"

#include "results/json_writer.hpp"

namespace hyperdc {
namespace {

// Kept by hand beside run_result.cpp: every key that it writes is described here, and
// additionalProperties is false, so a key added to one and not to the other fails the test.
constexpr const char* kDefinitions = R"json({
  "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
  "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
  "count": {"type": "integer", "minimum": 0},
  "optional": {"type": ["number", "null"]},
  "metric": {
    "type": "object", "additionalProperties": false, "required": ["value", "unit"],
    "properties": {
      "value": {"$ref": "#/definitions/optional"},
      "unit": {"type": "string", "description": "SI; 1 for a pure number"},
      "reason": {"type": "string", "description": "Why there is no value"}
    },
    "if": {"properties": {"value": {"type": "null"}}},
    "then": {"required": ["reason"]}
  },
  "objective": {
    "type": "object", "additionalProperties": false,
    "required": ["metric", "unit", "value", "met"],
    "properties": {
      "metric": {"type": "string"},
      "at_most": {"type": "number"},
      "at_least": {"type": "number"},
      "unit": {"type": "string"},
      "value": {"$ref": "#/definitions/optional"},
      "met": {"type": "boolean"}
    }
  },
  "check": {
    "type": "object", "additionalProperties": false, "required": ["name", "text", "error"],
    "properties": {
      "name": {"type": "string"},
      "text": {"type": "string"},
      "error": {"type": "number", "description": "Relative difference of the two sides"}
    }
  },
  "charge": {
    "type": "object", "additionalProperties": false,
    "required": ["region", "account", "item", "quantity", "unit", "usd"],
    "properties": {
      "region": {"type": "string"},
      "account": {"type": "string"},
      "item": {"type": "string"},
      "quantity": {"type": "number"},
      "unit": {"type": "string"},
      "usd": {"$ref": "#/definitions/optional"},
      "reason": {"type": "string", "description": "Why there is no amount"},
      "source": {"type": "string", "description": "Of the price"}
    }
  },
  "assumption": {
    "type": "object", "additionalProperties": false, "required": ["path", "text"],
    "properties": {"path": {"type": "string"}, "text": {"type": "string"}}
  },
  "file": {
    "type": "object", "additionalProperties": false, "required": ["path", "sha256"],
    "properties": {"path": {"type": "string"}, "sha256": {"type": "string"}}
  },
  "result": {
    "type": "object", "additionalProperties": false,
    "required": ["schema", "scenario", "fingerprint", "simulated", "complete", "metrics",
                 "objectives", "checks", "assumptions", "files", "hourly_fingerprints"],
    "properties": {
      "schema": {"const": "hyperdc.result/1"},
      "scenario": {
        "type": "object", "additionalProperties": false,
        "required": ["name", "seed", "sha256", "resolved"],
        "properties": {
          "name": {"type": "string"},
          "seed": {"$ref": "#/definitions/count"},
          "sha256": {"$ref": "#/definitions/hash"},
          "resolved": {"type": "object", "description": "The scenario, every default written out"}
        }
      },
      "fingerprint": {"$ref": "#/definitions/fingerprint"},
      "simulated": {
        "type": "object", "additionalProperties": false, "required": ["seconds", "events"],
        "properties": {"seconds": {"type": "number", "minimum": 0},
                       "events": {"$ref": "#/definitions/count"}}
      },
      "complete": {"type": "boolean", "description": "false: the run was interrupted"},
      "metrics": {"type": "object", "additionalProperties": {"$ref": "#/definitions/metric"}},
      "objectives": {"type": "array", "items": {"$ref": "#/definitions/objective"}},
      "bill": {
        "type": "array", "items": {"$ref": "#/definitions/charge"},
        "description": "What the run costs, item by item; not there where nothing has a price"
      },
      "checks": {"type": "array", "items": {"$ref": "#/definitions/check"}},
      "assumptions": {"type": "array", "items": {"$ref": "#/definitions/assumption"}},
      "files": {"type": "array", "items": {"$ref": "#/definitions/file"}},
      "hourly_fingerprints": {
        "type": "array", "items": {"$ref": "#/definitions/fingerprint"},
        "description": "Of all events up to the end of each simulated hour"
      }
    }
  },
  "summary": {
    "type": "object", "additionalProperties": false,
    "required": ["scenario", "metric", "unit", "n", "mean", "half_width", "min", "max"],
    "properties": {
      "scenario": {"type": "string"},
      "metric": {"type": "string"},
      "unit": {"type": "string"},
      "n": {"$ref": "#/definitions/count"},
      "mean": {"$ref": "#/definitions/optional"},
      "half_width": {"$ref": "#/definitions/optional"},
      "min": {"$ref": "#/definitions/optional"},
      "max": {"$ref": "#/definitions/optional"}
    }
  },
  "difference": {
    "type": "object", "additionalProperties": false,
    "required": ["scenario", "against", "metric", "unit", "mean", "half_width"],
    "properties": {
      "scenario": {"type": "string"},
      "against": {"type": "string"},
      "metric": {"type": "string"},
      "unit": {"type": "string"},
      "mean": {"type": "number", "description": "scenario minus against, paired by seed"},
      "half_width": {"$ref": "#/definitions/optional"}
    }
  },
  "results": {
    "type": "object", "additionalProperties": false,
    "required": ["schema", "results", "summary", "differences"],
    "properties": {
      "schema": {"const": "hyperdc.results/1"},
      "results": {"type": "array", "items": {"$ref": "#/definitions/result"}},
      "summary": {"type": "array", "items": {"$ref": "#/definitions/summary"}},
      "differences": {"type": "array", "items": {"$ref": "#/definitions/difference"}}
    }
  }
})json";

}  // namespace

std::string result_schema() {
  JsonWriter json;
  json.open_object();
  json.key("$schema").text("http://json-schema.org/draft-07/schema#");
  json.key("title").text("hyperdc result");
  json.key("oneOf").raw(R"([{"$ref": "#/definitions/result"}, {"$ref": "#/definitions/results"}])");
  json.key("definitions").raw(kDefinitions);
  json.close();
  return json.finish();
}

}  // namespace hyperdc
