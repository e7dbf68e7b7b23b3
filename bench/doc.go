// Package bench is the load harness as a library. A Profile says what a service is
// asked and when; Prepare draws the bills of the simulated population and makes the
// immutable schedule; Prepared.Run puts it on the service of package service, takes
// three times of every operation, proves the money by the books and by a plain replay,
// and Judge gives the verdict. Compare decides between two builds, FindCapacity seeks
// the largest sustained rate, Fit tells whether the machine can measure.
//
// Latencies count from the planned time, in nanoseconds, so a target that stalls
// cannot hide what came meanwhile. Only Clock asks what time it is: the tests run in
// virtual time. Benchmarks of the engine on the embedded data pack stand beside:
//
//	go test -run '^$' -bench . ./bench
package bench
