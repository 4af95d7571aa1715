// Closed forms against numbers worked out by hand and against each other.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/erlang_real.hpp"
#include "model/queueing/closed.hpp"
#include "model/queueing/gigc.hpp"
#include "model/queueing/mg1.hpp"
#include "model/queueing/mmc.hpp"
#include "model/queueing/service_shape.hpp"
#include "model/queueing/sojourn.hpp"
#include "model/queueing/transient.hpp"

using namespace hyperdc;
using namespace hyperdc::queueing;

TEST_CASE("M/M/c waits in service times", "[queueing]") {
  // Erlang C / (c (1 - rho)), computed with 50 digits.
  CHECK(wait_mean_s(Mmc{1, 0.8, 1}) == Approx(4).epsilon(1e-12));
  CHECK(wait_mean_s(Mmc{8, 0.8, 1}) == Approx(0.286028).epsilon(2e-6));
  CHECK(wait_mean_s(Mmc{64, 0.9, 1}) == Approx(0.048541).epsilon(2e-5));
  CHECK(wait_mean_s(Mmc{1000, 0.95, 1}) == Approx(0.001365).epsilon(4e-4));
  CHECK(wait_mean_s(Mmc{8, 0.8, 0.25}) == Approx(0.286028 / 4).epsilon(2e-6));
}

TEST_CASE("tail and quantiles of M/M/c are inverse", "[queueing]") {
  // M/M/1 at 0.5: P(W > t) = e^(-t/2) / 2 and T exponential of mean 2.
  const Mmc one{1, 0.5, 1};
  CHECK(wait_beyond(one, 2) == Approx(0.5 * std::exp(-1)).epsilon(1e-12));
  CHECK(wait_quantile_s(one, 0.5) == 0);
  CHECK(wait_quantile_s(one, 0.95) == Approx(2 * std::log(10)).epsilon(1e-12));
  CHECK(sojourn_quantile_s(one, 0.99) == Approx(2 * std::log(100)).epsilon(1e-9));
  // c - 1 = a: the special case of the formula. c = 2, a = 1: C = 1/3.
  CHECK(sojourn_beyond({2, 0.5, 1}, 3) == Approx(std::exp(-3) * (1 + 3.0 / 3)).epsilon(1e-10));
  for (const double load : {0.3, 0.5, 0.9, 0.99}) {
    for (const double c : {1.0, 2.0, 7.0, 300.0}) {
      const Mmc q{c, load, 2};
      for (const double p : {0.1, 0.5, 0.99, 0.999}) {
        CAPTURE(load, c, p);
        CHECK(sojourn_beyond(q, sojourn_quantile_s(q, p)) == Approx(1 - p).epsilon(1e-8));
        const double w = wait_quantile_s(q, p);
        CHECK(wait_beyond(q, w) <= (1 - p) * (1 + 1e-12));
      }
    }
  }
}

TEST_CASE("M/M/c/K by hand and at its limits", "[queueing]") {
  // c = 1, K = 1, rho = 1: states 0, 1, 2 are equally likely; a third is lost; of the admitted half
  // wait one service.
  const MmckState s = equilibrium(Mmck{1, 1, 1, 1});
  CHECK(s.loss == Approx(1.0 / 3).epsilon(1e-12));
  CHECK(s.wait_probability == Approx(0.5).epsilon(1e-12));
  CHECK(s.wait_mean_s == Approx(0.5).epsilon(1e-12));
  CHECK(s.waiting == Approx(1.0 / 3).epsilon(1e-12));
  CHECK(s.busy == Approx(2.0 / 3).epsilon(1e-12));
  // c = 1, K = 2, rho = 2: weights 1, 2, 4, 8; loss 8/15; waits: 2 of one, 4 of two in 7
  const MmckState over = equilibrium(Mmck{1, 2, 1, 2});
  CHECK(over.loss == Approx(8.0 / 15).epsilon(1e-12));
  CHECK(over.wait_mean_s == Approx(10.0 / 7).epsilon(1e-12));
  // No queue: Erlang B. A long queue: Erlang C.
  CHECK(equilibrium(Mmck{10, 0.8, 1, 0}).loss == Approx(erlang_b_real(10, 8)).epsilon(1e-12));
  const MmckState big = equilibrium(Mmck{10, 0.8, 1, 1000});
  CHECK(big.wait_mean_s == Approx(wait_mean_s(Mmc{10, 0.8, 1})).epsilon(1e-10));
  CHECK(big.loss < 1e-90);
  // Far above capacity: lost is what is too much, the wait is that of a full queue.
  const MmckState flood = equilibrium(Mmck{4, 5, 1, 1000});
  CHECK(flood.loss == Approx(0.8).epsilon(1e-9));
  CHECK(flood.wait_mean_s == Approx((1000 - 0.25) / 4).epsilon(1e-9));
  CHECK(equilibrium(Mmck{1000000, 0.5, 1, 10}).loss == 0);
}

TEST_CASE("the waits of the admitted of M/M/c/K have the mean that is stated", "[queueing]") {
  for (const double load : {0.6, 1.0, 1.4}) {
    const Mmck q{3, load, 1, 12};
    double integral = 0;  // of P(W > t), trapezium
    const double dt = 0.001;
    for (int i = 0; i < 40000; ++i) {
      integral += wait_beyond(q, i * dt) * dt * (i == 0 ? 0.5 : 1);
    }
    CAPTURE(load);
    CHECK(integral == Approx(equilibrium(q).wait_mean_s).epsilon(1e-5));
    CHECK(wait_beyond(q, 0) == Approx(equilibrium(q).wait_probability).epsilon(1e-10));
  }
}

TEST_CASE("M/G/1 by hand", "[queueing]") {
  CHECK(wait_mean_s(Mg1{0.8, 1, 2}) == Approx(10).epsilon(1e-14));  // .8 * 5 / .4
  CHECK(wait_mean_s(Mg1{0.8, 1, 1}) == Approx(4).epsilon(1e-14));
  CHECK(wait_mean_s(Mg1{0.8, 1, 0}) == Approx(2).epsilon(1e-14));
  // M/M/1: W is 0 or exponential of mean 1 / (1 - rho): E[W^2] = 2 rho / (1 - rho)^2; E[S^3] = 6
  CHECK(wait_second_moment_s2(Mg1{0.8, 1, 1}, 6) == Approx(40).epsilon(1e-13));
  CHECK(queueing::ps_sojourn_mean_s(0.8, 2) == Approx(10).epsilon(1e-14));
  CHECK(ps_sojourn_mean_of_size_s(0.75, 3) == Approx(12).epsilon(1e-14));
  // A tiny request sees n others, n geometric of variance rho / (1 - rho)^2: x^2 * 20
  CHECK(ps_sojourn_variance_of_size_s2(0.8, 1, 1e-6) == Approx(20e-12).epsilon(1e-5));
}

TEST_CASE("machine repair by hand", "[queueing]") {
  // Two machines, one repairer, Z = 1, S = 1: weights 1, 2, 2: X = 4/5, at the station 6/5,
  // R = 1.5; and the interactive law R = N / X - Z.
  const ClosedState s = equilibrium(MachineRepair{2, 1, 1, 1});
  CHECK(s.throughput_per_s == Approx(0.8).epsilon(1e-14));
  CHECK(s.at_station == Approx(1.2).epsilon(1e-14));
  CHECK(s.response_mean_s == Approx(1.5).epsilon(1e-14));
  // Two machines, two repairers: nobody waits: X = 2 / (Z + S)
  CHECK(equilibrium(MachineRepair{2, 2, 3, 1}).throughput_per_s == Approx(0.5).epsilon(1e-14));
  // Three machines, two repairers, Z = 2, S = 1: weights 1, 3/2, 3/4, 3/16 (sum 55/16);
  // busy = (3/2 + 2 (3/4 + 3/16)) / (55/16) = 54/55
  CHECK(equilibrium(MachineRepair{3, 2, 2, 1}).busy == Approx(54.0 / 55).epsilon(1e-14));
  // Many users saturate the servers; weights pass every double on the way.
  const ClosedState full = equilibrium(MachineRepair{1000000, 100, 10, 1});
  CHECK(full.throughput_per_s == Approx(100).epsilon(1e-9));
  CHECK(full.response_mean_s == Approx(1000000.0 / 100 - 10).epsilon(1e-9));
}

TEST_CASE("mean value analysis agrees with machine repair and the interactive law", "[queueing]") {
  const std::vector<ClosedCentre> one = {{0.7, false}};
  for (const std::uint64_t users : {1ULL, 3ULL, 20ULL, 200ULL}) {
    const MvaState mva = mean_value_analysis(one, users, 5);
    const ClosedState exact = equilibrium(MachineRepair{users, 1, 5, 0.7});
    CAPTURE(users);
    CHECK(mva.throughput_per_s == Approx(exact.throughput_per_s).epsilon(1e-11));
    CHECK(mva.response_s[0] == Approx(exact.response_mean_s).epsilon(1e-11));
  }
  const std::vector<ClosedCentre> three = {{0.1, false}, {0.05, false}, {0.4, true}};
  const MvaState mva = mean_value_analysis(three, 30, 2);
  const double response = mva.response_s[0] + mva.response_s[1] + mva.response_s[2];
  CHECK(response == Approx(30 / mva.throughput_per_s - 2).epsilon(1e-12));
  CHECK(mva.throughput_per_s < 10);  // the bottleneck serves 1 / 0.1
  CHECK(mva.throughput_per_s > 9);
}

TEST_CASE("GI/G/c contains the queues that are exact", "[queueing]") {
  const ServiceShape exponential(Exponential{1});
  const ServiceShape constant(Constant{1});
  const ServiceShape wide(Lognormal{1, 2});
  for (const double load : {0.3, 0.8, 0.95}) {
    CAPTURE(load);
    for (const double c : {1.0, 4.0, 50.0}) {
      CAPTURE(c);
      const double erlang = wait_mean_s(Mmc{c, load, 1});
      CHECK(wait_mean_s(GiGc{c, load, 1}, exponential) == Approx(erlang).epsilon(2e-3));
      CHECK(allen_cunneen_wait_mean_s({c, load, 1}, 1, 1) == Approx(erlang).epsilon(1e-12));
      CHECK(queueing::ps_sojourn_mean_s(GiGc{c, load, 1}, 1, 7) ==
            Approx(1 + erlang).epsilon(1e-12));
    }
    CHECK(wait_mean_s(GiGc{1, load, 1}, constant) ==
          Approx(wait_mean_s(Mg1{load, 1, 0})).epsilon(2e-3));
    const double exact = wait_mean_s(Mg1{load, 1, 2});
    CHECK(wait_mean_s(GiGc{1, load, 1}, wide) == Approx(exact).epsilon(1e-2));
    CHECK(allen_cunneen_wait_mean_s({1, load, 1}, 1, 4) == Approx(exact).epsilon(1e-12));
    const WaitShape shape = wait_shape(GiGc{1, load, 1}, wide);
    // Takacs; E[S^3] = (1 + cv^2)^3 = 125 for the lognormal
    const double second =
        shape.probability * (shape.wait_s.variance + shape.wait_s.mean * shape.wait_s.mean);
    CHECK(second == Approx(wait_second_moment_s2(Mg1{load, 1, 2}, 125)).epsilon(2e-2));
  }
}

TEST_CASE("the ratio of GI/M/1 by hand", "[queueing]") {
  // D/M/1 at load 1/2: sigma = e^(-2 (1 - sigma)) has the root 0.2031878
  CHECK(queue_ratio({1, 0.5, 0}) == Approx(0.2031878).epsilon(1e-6));
  // E2/M/1 (Ca2 = 1/2) at 0.5: sigma = (1 + (1 - sigma))^-2: sigma (2 - sigma)^2 = 1
  const double sigma = queue_ratio({1, 0.5, 0.5});
  CHECK(sigma * (2 - sigma) * (2 - sigma) == Approx(1).epsilon(1e-12));
  CHECK(sigma == Approx(0.3819660).epsilon(1e-6));  // (3 - sqrt 5) / 2
  CHECK(wait_probability(GiGc{1, 0.5, 0.5}) == Approx(sigma).epsilon(1e-9));
  CHECK(queue_ratio({7, 0.8, 1}) == 0.8);
  // Kingman: towards load 1, Wq (1 - rho) -> (Ca2 + Cs2) / 2
  const ServiceShape even(Gamma{1, 0.5});
  CHECK(0.001 * wait_mean_s({1, 0.999, 3}, even) == Approx(1.625).epsilon(5e-3));
}

TEST_CASE("quantiles of service times", "[queueing]") {
  CHECK(quantile(Exponential{2}, 0.5) == Approx(2 * std::log(2)).epsilon(1e-13));
  CHECK(quantile(Gamma{1, 1}, 0.99) == Approx(std::log(100)).epsilon(1e-10));  // exponential
  // Erlang 2 of mean 1: P(S > t) = (1 + 2t) e^(-2t)
  const double t = quantile(Gamma{1, std::sqrt(0.5)}, 0.9);
  CHECK((1 + 2 * t) * std::exp(-2 * t) == Approx(0.1).epsilon(1e-10));
  CHECK(quantile(Weibull{1, 1}, 0.99) == Approx(std::log(100)).epsilon(1e-9));
  CHECK(quantile(Pareto{1, 2, 0}, 0.75) == Approx(2).epsilon(1e-13));
  CHECK(quantile(Pareto{1, 1, 4}, 0.5) == Approx(1.6).epsilon(1e-13));  // 1 / (1 - .5 * .75)
  CHECK(quantile(Uniform{2, 4}, 0.25) == 2.5);
  CHECK(quantile(Empirical{{5, 1, 3}, {1, 2, 1}}, 0.5) == 1);
  CHECK(quantile(Empirical{{5, 1, 3}, {1, 2, 1}}, 0.76) == 5);
}

TEST_CASE("first ends among busy servers", "[queueing]") {
  // Constant 1: the least of c uniform residuals has mean 1 / (c + 1), variance c / ((c+1)^2 (c+2))
  const ServiceShape constant(Constant{1});
  CHECK(constant.first_end(1).mean == Approx(0.5).epsilon(1e-12));
  CHECK(constant.first_end(3).mean == Approx(0.25).epsilon(1e-12));
  CHECK(constant.first_end(3).variance == Approx(3.0 / (16 * 5)).epsilon(1e-10));
  const ServiceShape exponential(Exponential{3});
  CHECK(exponential.first_end(1).mean == Approx(3).epsilon(2e-3));
  CHECK(exponential.first_end(10).mean == Approx(0.3).epsilon(2e-3));
  CHECK(exponential.first_end(10).variance == Approx(0.09).epsilon(1e-2));
  CHECK(exponential.first_end(1e6).mean == Approx(3e-6).epsilon(2e-3));
  const ServiceShape wide(Lognormal{1, 2});
  CHECK(wide.first_end(1).mean == Approx(2.5).epsilon(1e-2));  // (1 + cv^2) / 2
}

TEST_CASE("strata of service keep the mean and the quantiles", "[queueing]") {
  for (const DistributionSpec& spec : std::vector<DistributionSpec>{
           Constant{2}, Exponential{2}, Lognormal{2, 3}, Gamma{2, 0.5}, Uniform{0, 4}}) {
    const ServiceShape shape(spec);
    CHECK(mean(shape.strata_s()) == Approx(2).epsilon(1e-9));
    for (const double p : {0.5, 0.9, 0.99, 0.999}) {
      CAPTURE(p);
      CHECK(quantile(shape.strata_s(), p) == Approx(quantile(spec, p)).epsilon(1.5e-2));
    }
  }
}

TEST_CASE("sojourn first come, first served is exact for M/M/c", "[queueing]") {
  const ServiceShape exponential(Exponential{1});
  for (const double c : {1.0, 3.0, 40.0}) {
    for (const double load : {0.4, 0.9}) {
      const Strata t = sojourn_fcfs(exponential, wait_shape({c, load, 1}, exponential));
      const Mmc q{c, load, 1};
      CHECK(mean(t) == Approx(1 + wait_mean_s(q)).epsilon(3e-3));
      for (const double p : {0.5, 0.9, 0.99, 0.999}) {
        CAPTURE(c, load, p);
        CHECK(quantile(t, p) == Approx(sojourn_quantile_s(q, p)).epsilon(2e-2));
      }
    }
  }
}

TEST_CASE("sojourn under processor sharing keeps the exact mean", "[queueing]") {
  for (const DistributionSpec& spec :
       std::vector<DistributionSpec>{Constant{1}, Exponential{1}, Lognormal{1, 3}}) {
    const ServiceShape shape(spec);
    for (const double load : {0.3, 0.8}) {
      const Strata t = sojourn_ps(shape, slowdown_shape(GiGc{1, load, 1}, 1, shape.cv2()));
      CHECK(mean(t) == Approx(1 / (1 - load)).epsilon(1e-6));
    }
  }
  // The memory of M/M/1-PS in Ott's variance
  CHECK(slowdown_shape(GiGc{1, 0.8, 1}, 2, 1).memory_s == Approx(10).epsilon(1e-9));
  CHECK(slowdown_shape(GiGc{1, 0.8, 1}, 2, 1).excess_variance == Approx(20).epsilon(1e-9));
}

TEST_CASE("overload and drain by hand", "[queueing]") {
  const Flow over{12, 20, 2};  // capacity 10 /s
  CHECK(fluid_backlog(over, 5, 30) == 65);
  CHECK(drain_time_s(over, 5) > 1e300);
  const Flow drain{7, 20, 2};
  CHECK(drain_time_s(drain, 60) == Approx(20).epsilon(1e-14));
  CHECK(fluid_backlog(drain, 60, 25) == 0);
  CHECK(backlog_wait_s(drain, 60) == Approx(6).epsilon(1e-14));
  // lambda (Ca2 + Cs2) = 20 /s over 31.4159 s: sqrt(400)
  CHECK(critical_backlog({10, 20, 2}, 2, 31.41592653589793) == Approx(20).epsilon(1e-12));
  CHECK(relaxation_time_s({9, 20, 2}, 2) == Approx(20).epsilon(1e-9));  // 2 * 2 / (20 * .01)
}
