"""The queue that the tests and benchmarks of sweeps study; its duration is theirs."""

SCENARIO = {
    "name": "queue",
    "server_types": {"s": {"cores": 8, "memory": "1 GiB", "host_power": None, "power_reason": "-"}},
    "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 1, "count": 1}}}},
    "pools": {"p": {}},
    "workloads": {
        "w": {
            "kind": "jobs",
            "generate": {"run": {"exponential": {"mean": "1 s"}}, "cores": 1},
            "arrivals": {"poisson": {"rate": "6 /s"}},
        }
    },
}
