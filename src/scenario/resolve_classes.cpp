#include "scenario/resolve_classes.hpp"

#include <fmt/format.h>

#include "scenario/resolve_jobs.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMaxClasses = 255;

}  // namespace

void resolve_class_shares(Resolution& r, const View& classes, std::vector<RequestClass>& out) {
  double shares = 0;
  for (const auto& [name, value, span] : classes.each()) {
    RequestClass& k = out.emplace_back();
    k.name = name;
    k.share = value["share"].number();
    k.priority = static_cast<std::int32_t>(value["priority"].number());
    shares += k.share;
  }
  for (RequestClass& k : out) k.share /= shares;
  if (out.size() > kMaxClasses) {
    r.error("E035", classes, fmt::format("more than {} classes", kMaxClasses));
  }
}

void resolve_classes(Resolution& r, const View& workload, ServiceWorkload& out) {
  if (const View work = workload["service_time"]) {
    RequestClass only;
    only.name = "all";
    only.service_s = distribution_of(r, work);
    if (const View slo = workload["slo"]) only.slo = slo.duration();
    out.classes.push_back(std::move(only));
    return;
  }
  resolve_class_shares(r, workload["classes"], out.classes);
  std::size_t index = 0;
  for (const auto& [name, value, span] : workload["classes"].each()) {
    RequestClass& k = out.classes[index++];
    k.service_s = distribution_of(r, value["service_time"]);
    if (const View slo = value["slo"]) k.slo = slo.duration();
  }
}

bool has_objective(const ServiceWorkload& service, std::size_t k) {
  if (service.classes[k].slo) return true;
  if (!service.inference) return false;
  const TokenClass& tokens = service.inference->classes[k];
  return tokens.slo_ttft || tokens.slo_tpot;
}

std::optional<SloWindowSpec> slo_windows_of(Resolution& r, const View& windows,
                                            const ServiceWorkload& service) {
  if (!windows) return std::nullopt;
  bool any = false;
  for (std::size_t k = 0; k < service.classes.size(); ++k) {
    any = any || has_objective(service, k);
  }
  if (!any) r.error("E016", windows, "no request of it has an objective", "state its slo");
  return SloWindowSpec{windows["length"].duration(), windows["share"].number()};
}

}  // namespace hyperdc
