// N clients think 10, then hold one semaphore for 1, both exponential: tests/oracles/passages.scn for SimGrid.
// Prints version, passages, CPU seconds.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <simgrid/s4u.hpp>
#include <simgrid/version.h>

namespace sg4 = simgrid::s4u;

static std::mt19937_64 bits(1);

static double exponential(double mean)
{
	return std::exponential_distribution<double>(1 / mean)(bits);
}

int main(int argc, char **argv)
{
	sg4::Engine engine(&argc, argv);
	const int clients = std::atoi(argv[1]);
	const long passages = std::atol(argv[2]);
	long count = 0;
	auto *zone = sg4::create_full_zone("zone");
	auto *host = zone->create_host("host", 1e9);
	zone->seal();
	auto lock = sg4::Semaphore::create(1);
	for (int i = 0; i < clients; i++)
		sg4::Actor::create("client", host, [&]() {
			while (count < passages) {
				sg4::this_actor::sleep_for(exponential(10));
				lock->acquire();
				sg4::this_actor::sleep_for(exponential(1));
				lock->release();
				count++;
			}
		});
	const std::clock_t start = std::clock();
	engine.run();
	const double took = double(std::clock() - start) / CLOCKS_PER_SEC;
	std::printf("SimGrid %d.%d\t%ld\t%f\n", SIMGRID_VERSION_MAJOR, SIMGRID_VERSION_MINOR, count, took);
	return 0;
}
