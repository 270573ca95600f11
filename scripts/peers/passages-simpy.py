# N clients think 10, then hold one resource for 1, both exponential: tests/oracles/passages.scn for SimPy.
# Runs with SimPy 3 or 4 (module simpy) or 2 (module SimPy, Debian's python3-simpy). Prints version, passages, CPU seconds.
import random
import sys
import time

clients, passages = int(sys.argv[1]), int(sys.argv[2])
draw = random.Random(1).expovariate
count = 0

try:
    import simpy

    version = "SimPy " + simpy.__version__
    env = simpy.Environment()
    lock = simpy.Resource(env, capacity=1)
    done = env.event()

    def client():
        global count
        while True:
            yield env.timeout(draw(0.1))
            with lock.request() as turn:
                yield turn
                yield env.timeout(draw(1.0))
            count += 1
            if count == passages:
                done.succeed()

    for _ in range(clients):
        env.process(client())
    start = time.process_time()
    env.run(until=done)
except ImportError:
    from SimPy.Simulation import Process, Resource, Simulation, hold, release, request

    version = "SimPy 2"
    simulation = Simulation()
    simulation.initialize()
    lock = Resource(capacity=1, sim=simulation)

    class Client(Process):
        def live(self):
            global count
            while True:
                yield hold, self, draw(0.1)
                yield request, self, lock
                yield hold, self, draw(1.0)
                yield release, self, lock
                count += 1
                if count == passages:
                    simulation.stopSimulation()

    for _ in range(clients):
        one = Client(sim=simulation)
        simulation.activate(one, one.live())
    start = time.process_time()
    simulation.simulate(until=float("inf"))

print(version, count, time.process_time() - start, sep="\t")
