// Package bench measures the engine and the simulation on the embedded data pack.
//
//	go test -run '^$' -bench . ./bench
//
// Latencies are recorded in nanoseconds by Recorder, whole batches at a time:
// reading the clock costs as much as settling half a bill.
package bench
